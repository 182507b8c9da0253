"""Seed 004, row R13: every operator over every type of the left side, as rows and as text.

Which operators the builder offers for a type is tested in ``tests/web/test_page_conditions.py``.
"""

from datetime import UTC, datetime, timedelta

import pytest

from engine.clock import rfc3339
from engine.language.operators import OPERATORS
from tests.serving import Wink

#: A value of each type; the address and the time are text in JSON, as in every event.
LEFTS = {
    "text": "high",
    "number": 7.5,
    "boolean": True,
    "null": None,
    "list": ["prod", "pci"],
    "mapping": {"a": 1},
    "time": "2026-01-02T03:04:05Z",
    "address": "10.1.2.3",
}
RIGHTS = {
    "equals": "high", "not_equals": 7.5, "equals_ignore_case": "HIGH", "type_is": "text", "length_is": 2,
    "contains": "h", "not_contains": "prod", "starts_with": "10.", "ends_with": "h", "glob": "*h", "regex": "^h",
    "in": ["high", 7.5], "not_in": ["high", True], "has_any": ["pci"], "has_all": ["prod", "dev"],
    "less_than": 7.5, "at_most": 7.5, "greater_than": 7, "at_least": 8, "between": [7, 8],
    "before": "2026-01-02T03:04:06Z", "after": "2026-01-02T03:04:04Z", "older_than": "1d", "within_last": "1h",
    "in_network": "10.0.0.0/8",
}  # fmt: skip

#: yes, no and unknown, for the types in their order and for a path that is not there.
MATRIX = {
    "equals":             "y n n n n n n n u",
    "not_equals":         "y n y y y y y y u",
    "equals_ignore_case": "y u u u u u n n u",
    "is_null":            "n n n y n n n n u",
    "exists":             "y y y y y y y y n",
    "not_exists":         "n n n n n n n n y",
    "type_is":            "y n n n n n y y u",
    "is_empty":           "n u u u n n n n u",
    "length_is":          "n u u u y n n n u",
    "contains":           "y u u u n n n n u",
    "not_contains":       "y u u u n y y y u",
    "starts_with":        "n u u u u u n y u",
    "ends_with":          "y u u u u u n n u",
    "glob":               "y u u u u u n n u",
    "regex":              "y u u u u u n n u",
    "in":                 "y y n n n n n n u",
    "not_in":             "n y n y y y y y u",
    "has_any":            "u u u u y u u u u",
    "has_all":            "u u u u n u u u u",
    "less_than":          "u n u u u u u u u",
    "at_most":            "u y u u u u u u u",
    "greater_than":       "u y u u u u u u u",
    "at_least":           "u n u u u u u u u",
    "between":            "u y u u u u u u u",
    "before":             "u u u u u u y u u",
    "after":              "u u u u u u y u u",
    "older_than":         "u u u u u u y u u",
    "within_last":        "u u u u u u n u u",
    "in_network":         "u u u u u u u y u",
}  # fmt: skip


def evaluated(wink: Wink, condition: object, data: object):
    return wink.api("POST", "/conditions/evaluate", {"condition": condition, "event": {"type": "x", "data": data}})


def row(left: str, op: str) -> dict[str, object]:
    right = {"right": RIGHTS[op]} if op in RIGHTS else {}
    return {"left": f"event.data.{left}", "op": op, **right}


def test_004_r13_the_matrix_has_every_operator() -> None:
    assert set(MATRIX) == set(OPERATORS)


@pytest.mark.parametrize("op", MATRIX)
def test_004_r13_an_operator_answers_for_every_type_by_row_and_by_text_alike(wink: Wink, op: str) -> None:
    by_rows = [evaluated(wink, row(left, op), LEFTS) for left in (*LEFTS, "missing")]
    by_text = [evaluated(wink, answered["text"], LEFTS) for answered in by_rows]

    assert [answered["answer"][0] for answered in by_rows] == MATRIX[op].split()
    assert [answered["answer"][0] for answered in by_text] == MATRIX[op].split()
    assert [answered["rows"] for answered in by_text] == [row(left, op) for left in (*LEFTS, "missing")]


@pytest.mark.parametrize(
    ("op", "right", "answers"),
    [
        ("less_than", 7.5, "y n n"), ("at_most", 7.5, "y y n"), ("greater_than", 7.5, "n n y"),
        ("at_least", 7.5, "n y y"), ("between", [7.5, 7.6], "n y n"), ("between", [7.4, 7.5], "n y n"),
        ("before", "2026-01-02T03:04:05Z", "y n n"), ("after", "2026-01-02T03:04:05Z", "n n y"),
    ],
)  # fmt: skip
def test_004_r13_the_bounds_themselves_count_or_do_not(wink: Wink, op: str, right: object, answers: str) -> None:
    is_time = isinstance(right, str)
    values = [f"2026-01-02T03:04:0{second}Z" for second in (4, 5, 6)] if is_time else [7, 7.5, 8]

    found = [evaluated(wink, {"left": "event.data.n", "op": op, "right": right}, {"n": value}) for value in values]

    assert [answered["answer"][0] for answered in found] == answers.split()


@pytest.mark.parametrize(
    ("op", "right", "ages"),
    [
        ("within_last", "1h", {"59m": "yes", "61m": "no", "ahead": "no"}),
        ("older_than", "1h", {"59m": "no", "61m": "yes", "ahead": "no"}),
    ],
)
def test_004_r13_within_the_last_counts_from_now(wink: Wink, op: str, right: str, ages: dict[str, str]) -> None:
    minutes = {"59m": -59, "61m": -61, "ahead": 1}
    times = {age: rfc3339(datetime.now(UTC) + timedelta(minutes=ago)) for age, ago in minutes.items()}

    found = {age: evaluated(wink, {"left": f"event.data['{age}']", "op": op, "right": right}, times) for age in ages}

    assert {age: answered["answer"] for age, answered in found.items()} == ages


@pytest.mark.parametrize(
    ("op", "right"), [("equals", 7), ("less_than", 4), ("before", "2026-01-02T03:04:05Z"), ("contains", 1)]
)
def test_004_r13_what_does_not_fit_the_type_says_why(wink: Wink, op: str, right: object) -> None:
    condition = {"left": "event.data.missing" if op == "equals" else "event.data.text", "op": op, "right": right}

    answered = evaluated(wink, condition, LEFTS)

    assert answered["answer"] == "unknown"
    assert "event.data." in answered["explanation"]["reason"]
