"""Arithmetic: on what can be calculated, within bounds."""

import pytest

from engine.language.expression import Unknown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("7 // 2", 3),
        ("7 % 4", 3),
        ("7 / 2", 3.5),
        ("-(2 - 5)", 3),
        ("'a' + 'b'", "ab"),
        ("[1] + [2]", [1, 2]),
        ("time('2026-11-21T00:00:00Z') - time('2026-11-20T23:00:00Z')", "1h"),
        ("time('2026-11-21T00:00:00Z') - duration('1h')", "2026-11-20T23:00:00.000000Z"),
        ("duration('1h') + time('2026-11-21T00:00:00Z')", "2026-11-21T01:00:00.000000Z"),
        ("duration('1h') - duration('90m')", "-30m"),
        ("-duration('1s')", "-1s"),
    ],
)
def test_what_can_be_calculated_is(evaluate, text, value):
    assert evaluate(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "1 // 0",
        "1.0 % 0",
        "1 + 'a'",
        "'a' * 3",
        "[1] * 3",
        "'%s' % 'a'",
        "true + true",
        "-true",
        "-'a'",
        "null + 1",
        "{'a': 1} + {'b': 2}",
        "1e300 * 1e300",
        "now() + now()",
        "now() + duration('9999999d')",
        "2 * duration('1h')",
        "1 + event.nothing",
        "event.nothing + 1",
    ],
)
def test_what_cannot_be_calculated_is_unknown(evaluate, text):
    assert isinstance(evaluate(text), Unknown)


def test_whole_numbers_of_a_sender_stay_exact(evaluate):
    assert evaluate("event.n + 1", event={"n": 2**64}) == 2**64 + 1
