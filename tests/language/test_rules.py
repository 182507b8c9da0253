"""The rules of the language, one by one, as its description gives them; how each works inside is tested beside it."""

import pytest

from engine.errors import ExpressionError, UnknownPath
from engine.language.condition import compile_condition
from engine.language.expression import Unknown, compile_expression
from engine.language.template import compile_template


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("event.data.finding.title", "SQL Injection"),
        ("event['data']['x-id']", "a b"),
        ("event.data.finding.tags[0]", "prod"),
        ("[true, false, null, 1, 1.5, 'a', \"b\"]", [True, False, None, 1, 1.5, "a", "b"]),
        ("{'a': [1, {'b': 2}]}.a[1].b", 2),
        ("true and not false or false", True),
        ("1 < 2 <= 2 and 'prod' in event.data.finding.tags and 3 not in [1, 2]", True),
        ("7 // 2 + 7 % 2 - 1 * 2 / 2", 3.0),
        ("'x' if 1 == 2 else 'y'", "y"),
        ("[n * 2 for n in [1, 2, 3] if n > 1]", [4, 6]),
        ("sum(n for n in [1, 2, 3])", 6),
        ("rank(event.data.finding.severity, ['low', 'medium', 'high', 'critical']) >= 2", True),
        ("event.length if exists(event.length) else length(event.id)", 5),
    ],
)
def test_what_may_be_written_has_its_value(evaluate, text, value):
    assert evaluate(text) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("event.id.upper()", "values have no methods such as .upper(): write upper("),
        ("lambda x: x", "is not part of the language"),
        ("f'{event.id}'", "is not part of the language"),
        ("2 ** 3", "`**` is not part of the language"),
        ("(x := 1)", "`:=` is not part of the language"),
        ("a.b-first", "did you mean ['b-first']"),
        ("event.data.from", "write ['from']"),
        ("event.größe", "names are ASCII"),
        ("a.0", "write [0]"),
        ("lower", "`lower` is a function"),
        ("items[-1]", "write last(...)"),
        ("a && b", "write `and`"),
        ("a || b", "write `or`"),
        ("!a", "write `not`"),
        ("open('x')", "there is no function `open`"),
        ("regex(event.id, '(?=a)')", "cannot be read"),
        ("'a'" + " " * 2_000 + "+ 'b'", "at most 2,000"),
        ("(" * 40 + "1" + ")" * 40 + " + " + "-" * 40 + "1", "deep"),
    ],
)
def test_what_may_not_be_written_is_refused_in_words(text, words):
    with pytest.raises(ExpressionError) as refused:
        compile_expression(text)

    assert words in refused.value.detail


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1 for a in event.long for b in event.long]", "10,000"),
        ("event.text + event.text", "1 MiB"),
    ],
)
def test_what_would_take_too_much_is_unknown_and_says_so(reason, text, words):
    assert words in reason(text, event={"long": list(range(200)), "text": "x" * 600_000})


@pytest.mark.parametrize(("text", "value"), [("1 == true", False), ("1 == 1.0", True), ("'1' == 1", False)])
def test_comparison_is_strict(evaluate, text, value):
    assert evaluate(text) is value


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("event.nothing == 1", "unknown"),
        ("'3' < event.data.finding.score", "unknown"),
        ("event.nothing == 1 and false", "no"),
        ("event.nothing == 1 and true", "unknown"),
        ("event.nothing == 1 or true", "yes"),
        ("event.nothing == 1 or false", "unknown"),
        ("not event.nothing", "unknown"),
        ("any(hit.ok for hit in event.data.finding.hits)", "yes"),
        ("all(not hit.ok for hit in event.data.finding.hits)", "no"),
        ("all(hit.ok for hit in event.data.finding.hits)", "unknown"),
        ("length([event.nothing]) == 1", "unknown"),
        ("[n for n in [1, event.nothing]] == [1]", "unknown"),
        ("event.id", "unknown"),
        ("default(event.nothing, 'x') == 'x'", "yes"),
    ],
)
def test_there_are_three_values(scope, now, text, answer):
    assert compile_condition(text).ask(scope, now).answer == answer


def test_an_unknown_answer_names_the_path_that_is_not_there_and_the_nearest_that_is(scope, now):
    judgement = compile_condition("event.data.severity == 'critical'").ask(scope, now)

    assert judgement.reason == "`event.data.severity` is not there; `event.data.finding.severity` is"


def test_an_explanation_is_the_tree_of_the_parts_with_what_they_saw(scope, now):
    tree = compile_condition("event.id == 'evt_1' and event.nothing").ask(scope, now).explanation.to_json()

    assert [(part["text"], part["answer"]) for part in tree["parts"]] == [
        ("event.id == 'evt_1'", "yes"), ("event.nothing", "unknown"),
    ]  # fmt: skip
    assert "evt_1" in repr(tree["parts"][0])


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("${{ event.data.finding.tags }}", ["prod", "web"]),
        ("tags: ${{ event.data.finding.tags }}", 'tags: ["prod","web"]'),
        ("$${{ event.id }}", "${{ event.id }}"),
        ("${{ 'a }} b' }}!", "a }} b!"),
        ("${{ default(event.nothing, 'none') }}", "none"),
        ("${{ '${{ event.id }}' }}", "${{ event.id }}"),
    ],
)
def test_templates_are_filled_in_once(scope, now, template, value):
    assert compile_template(template).render(scope, now) == value


def test_an_unknown_path_in_a_template_fails_with_the_words_of_a_condition(scope, now):
    with pytest.raises(UnknownPath) as failed:
        compile_template("${{ event.data.severity }}").render(scope, now)

    assert failed.value.detail == "`event.data.severity` is not there; `event.data.finding.severity` is"


def test_unknown_is_no_python_value_that_code_could_mistake_for_no(evaluate):
    found = evaluate("event.nothing")

    assert isinstance(found, Unknown)
    with pytest.raises(TypeError):
        bool(found)
