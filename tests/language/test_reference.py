"""docs/expressions.md says what the language does: no example of it is wrong."""

import re

import pytest

from engine.language.condition import compile_condition
from engine.language.expression import Unknown, compile_expression
from engine.language.template import compile_template
from engine.language.yaml12 import load
from tests.language.event import NOW, PAGE, SCOPE

EXAMPLES = re.findall(r"^\| `([^|]+)` \| (?:`([^|]+)`|unknown) \|$", PAGE, re.MULTILINE)
YAML = [load(block).value for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize(("text", "result"), EXAMPLES)
def test_the_examples_of_the_page_hold(text, result):
    value = compile_expression(text).evaluate(SCOPE, NOW)

    if result:
        assert value == compile_expression(result).evaluate(SCOPE, NOW)
    else:
        assert isinstance(value, Unknown)


def test_the_conditions_and_templates_of_the_page_are_answered():
    answers = [compile_condition(block["if"]).ask(SCOPE, NOW).answer for block in YAML]

    assert answers == ["yes", "yes"]
    assert compile_template(YAML[0]["with"]).render(SCOPE, NOW) == {"title": "SQL Injection on shop.example.com"}
    assert EXAMPLES
