"""Conditions: text and rows are two views of one question, with three answers."""

import pytest

from engine.errors import ExpressionError
from engine.language.condition import compile_condition
from engine.language.operators import OPERATORS, Right
from engine.words import Answer

EXAMPLE = {
    "all": [
        {"left": "event.data.finding.severity", "op": "in", "right": ["critical", "high"]},
        {
            "any": [
                {"left": "event.data.finding.asset", "op": "ends_with", "right": ".example.com"},
                {"left": "event.data.finding.tags", "op": "has_any", "right": ["prod", "pci"]},
            ]
        },
        {"not": {"left": "event.data.finding.title", "op": "contains", "right": "[test]"}},
    ]
}
VALUES = {
    Right.VALUE: "critical",
    Right.TEXT: "critical",
    Right.NUMBER: 9.5,
    Right.COUNT: 2,
    Right.LIST: ["a", 1, None, True],
    Right.RANGE: [1, 10],
    Right.TIME: "2026-11-21T05:00:00Z",
    Right.LENGTH: "30m",
    Right.KIND: "text",
    Right.NETWORKS: ["10.0.0.0/8"],
}
NAMES = {
    *("equals", "not_equals", "equals_ignore_case", "contains", "not_contains", "starts_with", "ends_with", "glob"),
    *("regex", "in", "not_in", "is_empty", "less_than", "at_most", "greater_than", "at_least", "between", "before"),
    *("after", "within_last", "older_than", "has_any", "has_all", "length_is", "exists", "not_exists", "is_null"),
    *("type_is", "in_network"),
}
FINDING = "event.data.finding"


def row_of(name):
    operator = OPERATORS[name]
    right = {} if operator.right is Right.NOTHING else {"right": VALUES[operator.right]}
    return {"left": "event.data.x", "op": name, **right}


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_is_an_expression_and_back(name):
    row = row_of(name)

    condition = compile_condition(row)

    assert condition.rows() == row
    assert compile_condition(condition.text).rows() == row


def test_the_operators_are_those_of_the_language():
    assert set(OPERATORS) == NAMES


def test_rows_are_one_expression(scope, now):
    condition = compile_condition(EXAMPLE)

    assert condition.text == (
        "event.data.finding.severity in ['critical', 'high'] and (ends_with(event.data.finding.asset, '.example.com') "
        "or has_any(event.data.finding.tags, ['prod', 'pci'])) and not (contains(event.data.finding.title, '[test]'))"
    )
    assert condition.rows() == EXAMPLE
    assert condition.ask(scope, now).answer is Answer.YES


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        ({"left": f"{FINDING}.severity", "op": "equals", "right": "critical"}, "yes"),
        ({"left": f"{FINDING}.severity", "op": "not_equals", "right": "critical"}, "no"),
        ({"left": f"{FINDING}.severity", "op": "equals_ignore_case", "right": "CRITICAL"}, "yes"),
        ({"left": f"{FINDING}.severity", "op": "not_in", "right": ["low"]}, "yes"),
        ({"left": f"{FINDING}.severity", "op": "is_empty"}, "no"),
        ({"left": f"{FINDING}.score", "op": "between", "right": [9, 10]}, "yes"),
        ({"left": f"{FINDING}.score", "op": "at_most", "right": 9}, "no"),
        ({"left": f"{FINDING}.tags", "op": "contains", "right": "prod"}, "yes"),
        ({"left": f"{FINDING}.tags", "op": "length_is", "right": 2}, "yes"),
        ({"left": f"{FINDING}.note", "op": "is_null"}, "yes"),
        ({"left": f"{FINDING}.note", "op": "exists"}, "yes"),
        ({"left": f"{FINDING}.nothing", "op": "not_exists"}, "yes"),
        ({"left": f"{FINDING}.score", "op": "type_is", "right": "number"}, "yes"),
        ({"left": f"{FINDING}.severity", "op": "less_than", "right": 4}, "unknown"),
        ({"left": f"{FINDING}.nothing", "op": "equals", "right": 1}, "unknown"),
        ({"left": "'2026-11-21T03:30:00Z'", "op": "within_last", "right": "1h"}, "yes"),
        ({"left": "'2026-11-21T03:30:00Z'", "op": "older_than", "right": "1h"}, "no"),
        ({"left": "'10.1.2.3'", "op": "in_network", "right": "10.0.0.0/8"}, "yes"),
    ],
)
def test_a_row_has_its_answer(scope, now, row, answer):
    assert compile_condition(row).ask(scope, now).answer == answer


@pytest.mark.parametrize(
    ("spec", "answer"), [("event.id == 'evt_1'", "yes"), (True, "yes"), (False, "no"), ("event.id", "unknown")]
)
def test_a_condition_has_one_of_three_answers(scope, now, spec, answer):
    assert compile_condition(spec).ask(scope, now).answer == answer


def test_an_answer_that_is_no_boolean_says_so(scope, now):
    judgement = compile_condition("event.id").ask(scope, now)

    assert judgement.reason == "`event.id` is text, not true or false"
    assert judgement.explanation.to_json()["reason"] == judgement.reason


def test_an_answer_that_is_known_needs_no_reason(scope, now):
    assert compile_condition("event.id == 'x'").ask(scope, now).reason == ""


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("not contains(a, 'b')", {"left": "a", "op": "not_contains", "right": "b"}),
        ("not (contains(a, 'b'))", {"not": {"left": "a", "op": "contains", "right": "b"}}),
        ("not a == 1", {"not": {"left": "a", "op": "equals", "right": 1}}),
        ("a == -1.5", {"left": "a", "op": "equals", "right": -1.5}),
        ("a == vars.limit", {"left": "a", "op": "equals", "right": "${{ vars.limit }}"}),
        ("a == (b or c)", {"left": "a", "op": "equals", "right": "${{ b or c }}"}),
        ("a + 1 == 2", {"left": "a + 1", "op": "equals", "right": 2}),
        ("a == None", {"left": "a", "op": "equals", "right": None}),
        ("length(a) == -1", {"left": "length(a)", "op": "equals", "right": -1}),
        ("a < 'b'", None),
        ("a", None),
        ("a and b == 1", None),
        ("a == 1 if b else c", None),
        ("any(x == 1 for x in a)", None),
        ("a == {'b': 1}", {"left": "a", "op": "equals", "right": "${{ {'b': 1} }}"}),
        ("1 < a < 2", None),
    ],
)
def test_what_rows_can_say_is_shown_as_rows(text, rows):
    assert compile_condition(text).rows() == rows


def test_a_group_of_one_row_is_that_row():
    row = {"left": "a", "op": "is_null"}

    assert compile_condition({"all": [{"any": [row]}]}).rows() == row


@pytest.mark.parametrize(
    ("rows", "words", "path"),
    [
        ({"left": "a", "op": "equal", "right": 1}, "did you mean `equals`", ("op",)),
        ({"left": "a", "op": "is", "right": 1}, "no operator `is`", ("op",)),
        ({"left": "a", "op": "equals"}, "takes a value on the right", ("right",)),
        ({"left": "a", "op": "is_null", "right": None}, "takes nothing", ("right",)),
        ({"left": "a", "op": "between", "right": [1]}, "two numbers", ("right",)),
        ({"left": "a", "op": "between", "right": "${{ b }}"}, "two numbers", ("right",)),
        ({"left": "a", "op": "less_than", "right": "1"}, "takes a number", ("right",)),
        ({"left": "a", "op": "length_is", "right": -1}, "whole number", ("right",)),
        ({"left": "a", "op": "in", "right": "b"}, "takes a list", ("right",)),
        ({"left": "a", "op": "type_is", "right": "string"}, "one of text, number", ("right",)),
        ({"left": "a", "op": "equals", "right": {"b": 1}}, "`right` holds text", ("right",)),
        ({"left": "a", "op": "equals", "right": "is ${{ b }}"}, "one ${{ }}", ("right",)),
        ({"left": "a", "op": "equals", "right": "${{ b && c }}"}, "write `and`", ("right",)),
        ({"left": "a", "op": "regex", "right": "("}, "cannot be read", ()),
        ({"left": "a", "op": "within_last", "right": "24"}, "no length of time", ()),
        ({"left": "a b", "op": "is_null"}, "cannot be read", ("left",)),
        ({"left": 5, "op": "is_null"}, "`left` is an expression", ("left",)),
        ({"op": "is_null"}, "one of them is missing", ()),
        ({"left": "a", "op": "is_null", "rigth": 1}, "`rigth`", ()),
        ({}, "one of them is missing", ()),
        ({"all": []}, "at least one row", ("all",)),
        ({"any": {"left": "a"}}, "takes a list", ("any",)),
        ({"all": [{"left": "a", "op": "is_null"}, {"not": [1]}]}, "not a list", ("all", 1, "not")),
    ],
)
def test_a_row_that_cannot_be_read_says_where(rows, words, path):
    with pytest.raises(ExpressionError) as caught:
        compile_condition(rows)

    assert words in caught.value.detail
    assert caught.value.path == path


@pytest.mark.parametrize("spec", [None, 5, ["a"]])
def test_what_is_no_condition_is_refused(spec):
    with pytest.raises(ExpressionError, match="a condition is an expression or rows"):
        compile_condition(spec)


def test_rows_cannot_smuggle_code_out_of_a_side():
    with pytest.raises(ExpressionError):
        compile_condition({"left": "a) or (b", "op": "equals", "right": 1})


def test_rows_without_end_are_refused():
    rows: dict[str, object] = {"left": "a", "op": "is_null"}
    for _ in range(200):
        rows = {"not": rows}

    with pytest.raises(ExpressionError, match="nested more than"):
        compile_condition(rows)
