"""Arithmetic on numbers, texts, lists and times, bounded in what it makes."""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

from engine.language.frame import Frame, Node
from engine.language.values import Kind, Unknown, kind_of, phrase

#: Whole numbers beyond the range of floating point are refused: products of products have no end.
_MOST_BITS: Final = 1_024

T = TypeVar("T")
Calculate = Callable[[Any, Any], object]

_CALCULATE: Final[Mapping[type[ast.operator], Calculate]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
OPERATORS: Final[Mapping[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}
_NUMBERS: Final = (Kind.NUMBER, Kind.NUMBER)
#: What else than two numbers goes together.
_PAIRS: Final[Mapping[type[ast.operator], frozenset[tuple[Kind, Kind]]]] = {
    ast.Add: frozenset(
        {
            (Kind.TEXT, Kind.TEXT),
            (Kind.LIST, Kind.LIST),
            (Kind.TIME, Kind.DURATION),
            (Kind.DURATION, Kind.TIME),
            (Kind.DURATION, Kind.DURATION),
        }
    ),
    ast.Sub: frozenset(
        {(Kind.TIME, Kind.TIME), (Kind.TIME, Kind.DURATION), (Kind.DURATION, Kind.DURATION)},
    ),
}


def arithmetic(sign: type[ast.operator], left: Node, right: Node, text: str) -> Node:
    """Compile ``left + right`` and its kin; what cannot be calculated is unknown."""
    calculate, pairs = _CALCULATE[sign], _PAIRS.get(sign, frozenset())

    def node(frame: Frame) -> object:
        one, other = left(frame), right(frame)
        if isinstance(one, Unknown):
            return one
        if isinstance(other, Unknown):
            return other
        kinds = (kind_of(one), kind_of(other))
        if kinds != _NUMBERS and kinds not in pairs:
            return Unknown(text, f"`{text}` takes {phrase(one)} and {phrase(other)}")
        return _calculated(calculate, (one, other), frame, text)

    return node


def negative(part: Node, text: str) -> Node:
    """Compile ``-part``."""

    def node(frame: Frame) -> object:
        value = part(frame)
        if isinstance(value, Unknown):
            return value
        if isinstance(value, int | float | timedelta) and not isinstance(value, bool):
            return -value
        return Unknown(text, f"`{text}` takes {phrase(value)}")

    return node


def bounded(value: T) -> T:
    """Return a calculated value.

    Raises:
        ValueError: it is a number beyond what floating point can hold.
    """
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise ValueError("the number is too large")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("the number is too large")
    return value


def _calculated(calculate: Calculate, values: tuple[object, object], frame: Frame, text: str) -> object:
    one, other = (list(value) if isinstance(value, tuple) else value for value in values)
    if isinstance(one, str | list) and isinstance(other, str | list):
        frame.make(len(one) + len(other))
    try:
        return bounded(calculate(one, other))
    except (ArithmeticError, ValueError, TypeError) as error:
        return Unknown(text, f"`{text}` has no value: {error}")
