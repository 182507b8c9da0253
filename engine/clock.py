"""Time as Wink sees it: aware datetimes in UTC, lengths with units, RFC 3339 at the edges."""

import re
from datetime import UTC, datetime, timedelta
from typing import Protocol

#: One unit per letter, as authors write them: ``30s``, ``5m``, ``2h``, ``3d``; ``ms`` for tests and short waits.
UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}

_DURATION = re.compile(r"(?:[0-9]{1,18}(?:ms|[smhd]))+")
_PART = re.compile(r"([0-9]+)(ms|[smhd])")


class Clock(Protocol):
    """Tells the time. Tests hand in their own."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """Return the moment in UTC as RFC 3339 with microseconds, ``2026-11-21T03:50:00.000000Z``."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat('T', 'microseconds')[:-6]}Z"  # which ends in `+00:00`


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 or ISO 8601 time; one without an offset counts as UTC.

    Raises:
        ValueError: the text is no such time.
    """
    moment = datetime.fromisoformat(text)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is before the year 1 or after 9999 in UTC") from error


def parse_duration(text: str) -> timedelta:
    """Read a length of time with units, such as ``30s`` or ``1h30m``.

    Raises:
        ValueError: no unit, an unknown unit, or a length beyond what a timedelta holds.
    """
    if not _DURATION.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is no length of time: write a number with its unit, such as 30s, 5m, 2h or 3d")
    try:
        return sum((int(count) * UNITS[unit] for count, unit in _PART.findall(text)), timedelta())
    except OverflowError as error:
        raise ValueError(f"{text!r} is too long: at most 999999999d") from error


def format_duration(length: timedelta) -> str:
    """Write a length of time as :func:`parse_duration` reads it, largest unit first."""
    rest = length // UNITS["ms"]
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, UNITS[unit] // UNITS["ms"])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
