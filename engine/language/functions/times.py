"""Functions on times and lengths of time."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from engine.clock import parse_duration, parse_time
from engine.language.frame import Frame
from engine.language.functions.function import Length, Moment, Number, function

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def check_time(value: object) -> None:
    """Refuse a literal that names no time.

    Raises:
        ValueError: it does not.
    """
    if isinstance(value, str):
        _moment(value)


@function("now() == now()", "true")
def now(frame: Frame) -> datetime:
    """The time of this evaluation; it is the same everywhere in one expression."""
    return frame.now


@function("time('2026-11-21T05:00:00+01:00')", "time(1795233600)")
def time(value: Annotated[Moment | Number, check_time]) -> datetime:
    """The time that the text (RFC 3339; UTC where it names no offset) or the number (Unix seconds) stands for."""
    return _EPOCH + timedelta(seconds=value) if isinstance(value, int | float) else _moment(value)


@function("duration('1h30m')", "duration('90m')")
def duration(text: Annotated[str, parse_duration]) -> timedelta:
    """The length of time that the text stands for: numbers with units, `ms s m h d`."""
    return parse_duration(text)


@function("before('2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z')", "true")
def before(moment: Annotated[Moment, check_time], other: Annotated[Moment, check_time]) -> bool:
    """Whether the first time is earlier than the second."""
    return _moment(moment) < _moment(other)


@function("after('2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z')", "false")
def after(moment: Annotated[Moment, check_time], other: Annotated[Moment, check_time]) -> bool:
    """Whether the first time is later than the second."""
    return _moment(moment) > _moment(other)


@function("within_last(now() - duration('5m'), '1h')", "true")
def within_last(frame: Frame, moment: Annotated[Moment, check_time], length: Annotated[Length, parse_duration]) -> bool:
    """Whether the time is past, and by no more than the length."""
    longest = parse_duration(length) if isinstance(length, str) else length
    return timedelta() <= frame.now - _moment(moment) <= longest


def _moment(value: Moment) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return parse_time(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{value[:40]!r} is no time: write one such as 2026-11-21T05:00:00Z") from error
