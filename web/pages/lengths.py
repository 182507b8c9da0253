"""Lengths of time as people read them at a glance: two figures, or the two largest units."""

from datetime import timedelta

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SECOND, _MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)


def in_words(length: timedelta) -> str:
    """Return a length such as ``38 ms``, ``1.4 s``, ``3 min 20 s`` or ``2 d 4 h``."""
    if length < _MILLISECOND:
        return "under 1 ms"
    if length < _SECOND:
        return f"{length // _MILLISECOND} ms"
    if length < 10 * _SECOND:
        return f"{length / _SECOND:.1f} s"
    for unit, name, below, small in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", _SECOND, "s"),
    ):
        if length >= unit:
            rest = length % unit // below
            return f"{length // unit} {name}" + (f" {rest} {small}" if rest else "")
    return f"{length // _SECOND} s"
