"""Functions on numbers."""

import re
from typing import Final

from engine.language.arithmetic import bounded
from engine.language.functions.function import Number, function

_WHOLE = re.compile(r"[+-]?[0-9]{1,300}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?")
#: Beyond these, rounding would calculate a power of ten that has no end.
_MOST_DIGITS: Final = 15


@function("abs(-3)", "3")
def abs_(number: Number) -> Number:
    """The number without its sign."""
    return abs(number)


@function("round(2.567, 1)", "2.6")
def round_(number: Number, digits: Number = 0) -> Number:
    """The number rounded to that many digits after the point; halves go to the even neighbour."""
    if abs(digits) > _MOST_DIGITS or digits != int(digits):
        raise ValueError(f"digits is a whole number up to {_MOST_DIGITS}")
    return round(number, int(digits) or None)


@function("int('42') + int(1.9)", "43")
def int_(value: str | Number) -> int:
    """The whole number that the text holds, or the number without its fraction."""
    if isinstance(value, str) and not _WHOLE.fullmatch(value.strip()):
        raise ValueError("the text is no whole number")
    return int(value)


@function("float('1.5')", "1.5")
def float_(value: str | Number) -> float:
    """The number that the text holds, as one with a fraction."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise ValueError("the text is no number")
    return bounded(float(value))
