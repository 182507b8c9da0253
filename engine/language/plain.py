"""From values of the language to plain JSON values."""

import math
from datetime import datetime, timedelta

from engine.clock import format_duration, rfc3339
from engine.language.values import Kind, kind_of, phrase

Scalar = None | bool | int | float | str


def plain_scalar(value: object) -> Scalar:
    """Return a value that holds no others as JSON has it: times and lengths of time become text.

    Raises:
        ValueError: JSON has no such value.
    """
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, timedelta):
        return format_duration(value) if value >= timedelta() else f"-{format_duration(-value)}"
    raise ValueError(f"{phrase(value) if kind_of(value) is not Kind.NUMBER else 'an endless number'} has no JSON")
