"""Comprehensions, and any and all over them."""

import pytest

from engine.language.expression import Unknown

ROWS = {"rows": [{"a": 1, "ok": True}, {"a": 2}, {"a": 3, "ok": False}], "flags": [False, True]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[r.a * 2 for r in rows]", [2, 4, 6]),
        ("[r.a for r in rows if r.a > 1 if r.a < 3]", [2]),
        ("[x + y for x in [1, 2] for y in [10, 20] if x == 1]", [11, 21]),
        ("[[y for y in [x, x]] for x in [1, 2]]", [[1, 1], [2, 2]]),
        ("sum(r.a for r in rows)", 6),
        ("max(r.a for r in rows)", 3),
        ("any(r.a == 3 for r in rows)", True),
        ("all(r.a < 3 for r in rows)", False),
        ("any(r.ok for r in rows)", True),
        ("all(r.ok for r in rows)", False),
        ("any(flags)", True),
        ("all(flags)", False),
        ("any([])", False),
        ("all([])", True),
        ("all([true, true])", True),
        ("any(r.a == 3 for r in rows if r.a < 3)", False),
        ("[x for x in [1] if x == 1 and any(x == y for y in [1])]", [1]),
        ("[rows for rows in [1, 2]]", [1, 2]),
    ],
)
def test_a_loop_has_its_value(evaluate, text, value):
    assert evaluate(text, **ROWS) == value


@pytest.mark.parametrize(
    "text",
    [
        "[r.ok for r in rows]",
        "[r.a for r in rows if r.ok]",
        "any(r.ok for r in rows if r.a > 1)",
        "all(r.ok for r in rows if r.a < 3)",
        "[x for x in nothing]",
        "any(x for x in nothing)",
        "[x for x in 'abc']",
        "[x for x in rows[0]]",
        "any(r.a for r in rows)",
        "any('abc')",
        "[x for r in rows for x in r.ok]",
    ],
)
def test_what_is_unknown_of_a_turn_is_unknown_of_the_loop(evaluate, text):
    assert isinstance(evaluate(text, **ROWS), Unknown)


def test_a_turn_that_does_not_count_may_be_unknown(evaluate):
    assert evaluate("any(r.a == 9 for r in rows if r.ok)", **ROWS) is False
    assert evaluate("all(r.a < 9 for r in rows if r.ok)", **ROWS) is True


def test_the_loop_variable_is_gone_after_the_loop(evaluate):
    assert isinstance(evaluate("[x for x in [1]] == [1] and x == 1"), Unknown)


def test_a_mapping_is_looped_over_by_its_keys_or_values(reason):
    assert reason("[x for x in event.data]") == (
        "`event.data` is a mapping, not a list: write keys(event.data) or values(event.data)"
    )
