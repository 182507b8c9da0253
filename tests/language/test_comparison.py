"""Comparison is strict: kinds are never converted, and what makes no sense is unknown."""

from datetime import datetime
from enum import StrEnum

import pytest

from engine.language.expression import Unknown


class Word(StrEnum):
    HIGH = "high"


@pytest.mark.parametrize(
    "text",
    [
        "1 == 1.0",
        "1 != true",
        "0 != false",
        "'1' != 1",
        "null == null",
        "[1, 'a'] == [1.0, 'a']",
        "[1] != [true]",
        "{'a': 1, 'b': [2]} == {'b': [2], 'a': 1}",
        "{'a': 1} != {'a': true}",
        "{'a': 1} != {'b': 1}",
        "[1] != [1, 2]",
        "1 < 1.5 <= 2",
        "not 1 < 3 < 2",
        "'a' < 'b'",
        "9007199254740993 > 9007199254740992.0",
        "time('2026-11-21T00:00:00Z') == time('2026-11-21T01:00:00+01:00')",
        "duration('60s') == duration('1m')",
        "duration('1s') < duration('1m')",
        "'b' in 'abc'",
        "'b' not in ['a', 'c']",
        "1 in [1.0]",
        "1 not in [true]",
        "[1] in [[1]]",
        "'a' in {'a': 1}",
    ],
)
def test_the_comparison_holds(evaluate, text):
    assert evaluate(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "'3' < 4",
        "true < 2",
        "[1] < [2]",
        "null >= null",
        "time('2026-11-21T00:00:00Z') < '2026-11-22T00:00:00Z'",
        "time('2026-11-21T00:00:00Z') == '2026-11-21T00:00:00Z'",
        "duration('1s') < 2",
        "1 in 'abc'",
        "'a' in 5",
        "1 in {'a': 1}",
        "event.nothing == event.nothing",
        "event.nothing in [1]",
        "1 < event.nothing < 2",
        "1 < 2 < 'a'",
    ],
)
def test_a_comparison_that_makes_no_sense_is_unknown(evaluate, text):
    assert isinstance(evaluate(text), Unknown)


def test_a_chain_that_is_broken_already_is_false(evaluate):
    assert evaluate("2 < 1 < event.nothing") is False
    assert evaluate("event.nothing < 1 < 0") is False


def test_a_word_of_an_enumeration_is_text(evaluate):
    assert evaluate("a == 'high' and a in ['high'] and type_of(a) == 'text'", a=Word.HIGH) is True


def test_a_time_without_an_offset_is_not_compared_with_one_that_has_it(evaluate):
    assert isinstance(evaluate("a < now()", a=datetime(2026, 1, 1)), Unknown)  # noqa: DTZ001  # the point of it


def test_the_reason_names_the_kinds(reason):
    assert reason("event.id < 4") == "`event.id < 4` compares text with a number"
