"""Lengths of time carry units, and times are UTC."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import format_duration, parse_duration, parse_time, rfc3339


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30s", timedelta(seconds=30)),
        ("5m", timedelta(minutes=5)),
        ("1h30m", timedelta(minutes=90)),
        ("3d", timedelta(days=3)),
        ("250ms", timedelta(milliseconds=250)),
    ],
)
def test_a_length_is_a_number_with_its_unit(text, length):
    assert parse_duration(text) == length
    assert parse_duration(format_duration(length)) == length


@pytest.mark.parametrize("text", ["", "30", "s", "1 h", "-5m", "1w", "5M", "٣s", "9" * 30 + "d"])
def test_anything_else_says_what_to_write(text):
    with pytest.raises(ValueError, match=r"no length of time|too long"):
        parse_duration(text)


@given(st.text())
def test_any_text_is_a_length_or_a_value_error(text):
    with suppress(ValueError):
        assert parse_duration(text) >= timedelta()


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_survives_being_written(moment):
    assert parse_time(rfc3339(moment)) == moment


def test_a_time_without_an_offset_is_utc():
    assert parse_time("2026-01-02T03:04:05") == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_time_that_leaves_the_calendar_in_utc_is_no_time():
    with pytest.raises(ValueError, match="year"):
        parse_time("0001-01-01T00:00:00+23:59")
