"""docs/expressions.md says what the language does: every function, every operator, and no example that is wrong."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.language.condition import compile_condition
from engine.language.expression import Unknown, compile_expression
from engine.language.functions import FUNCTIONS
from engine.language.operators import OPERATORS
from engine.language.template import compile_template
from engine.language.values import Kind
from engine.language.yaml12 import load

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PAGE = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text("utf-8")
SCOPE = {"event": json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])}
EXAMPLES = re.findall(r"^\| `([^|]+)` \| (?:`([^|]+)`|unknown) \|$", PAGE, re.MULTILINE)
YAML = [load(block).value for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_page_has_every_function_as_it_is(name):
    function = FUNCTIONS[name]

    row = f"| `{function.signature}` | {function.doc} | `{function.example}` | `{function.result}` |"

    assert row in PAGE


@pytest.mark.parametrize("name", OPERATORS)
def test_the_page_has_every_operator_as_it_is(name):
    operator = OPERATORS[name]
    general = set(Kind) - {Kind.TIME, Kind.DURATION, Kind.OTHER}
    kinds = "anything" if operator.kinds == general else " ".join(sorted(operator.kinds))

    row = f"| `{name}` | {kinds} | {operator.right} | `{operator.form}` |"

    assert row in PAGE


def test_the_page_has_no_function_or_operator_that_is_gone():
    rows_of_four = re.findall(r"^\| `\w+[^|]*\|[^|]+\|[^|]+\|[^|]+\|$", PAGE, re.MULTILINE)

    assert len(rows_of_four) == len(FUNCTIONS) + len(OPERATORS)


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
