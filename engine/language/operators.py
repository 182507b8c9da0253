"""The operators of a condition's rows: what each takes on its right, and the expression that says the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.language.values import Kind, kind_of


class Right(StrEnum):
    """What an operator takes on its right."""

    NOTHING = "nothing"
    VALUE = "a value"
    TEXT = "text"
    NUMBER = "a number"
    COUNT = "a whole number from 0"
    LIST = "a list"
    RANGE = "a list of two numbers, the least and the greatest"
    TIME = "a time, such as 2026-11-21T05:00:00Z"
    LENGTH = "a length of time, such as 30m or 2d"
    KIND = "one of text, number, boolean, null, list, mapping"
    NETWORKS = "a network such as 10.0.0.0/8, or a list of them"

    def fits(self, value: object) -> bool:
        """Say whether a value can stand there."""
        return _FITS.get(self, _is_text)(value)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of a row."""

    name: str
    #: The expression that it stands for: ``left`` and ``right`` hold its sides, ``low`` and ``high`` those of a range.
    form: str
    right: Right
    #: Kinds of ``left`` for which it is offered.
    kinds: frozenset[Kind]


_TEXT: Final = frozenset({Kind.TEXT})
_NUMBER: Final = frozenset({Kind.NUMBER})
_SCALAR: Final = frozenset({Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN})
_LIST: Final = frozenset({Kind.LIST})
_TIME: Final = frozenset({Kind.TIME})
_ANY: Final = frozenset({Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.NULL, Kind.LIST, Kind.MAPPING})


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return kind_of(value) is Kind.NUMBER


_FITS: Final[Mapping[Right, Callable[[object], bool]]] = {
    Right.NOTHING: lambda _value: False,
    Right.VALUE: lambda _value: True,
    Right.NUMBER: _is_number,
    Right.COUNT: lambda value: _is_number(value) and isinstance(value, int) and value >= 0,
    Right.LIST: lambda value: isinstance(value, list),
    Right.RANGE: lambda value: isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)),
    Right.NETWORKS: lambda value: all(map(_is_text, value if isinstance(value, list) else [value])),
    Right.KIND: lambda value: _is_text(value) and value in _ANY,
}

#: Where two forms fit an expression, the first one counts: the general ones come last.
OPERATORS: Final[Mapping[str, Operator]] = {
    operator.name: operator
    for operator in (
        Operator("equals_ignore_case", "lower(left) == lower(right)", Right.TEXT, _TEXT),
        Operator("is_empty", "length(left) == 0", Right.NOTHING, _TEXT | _LIST),
        Operator("length_is", "length(left) == right", Right.COUNT, _LIST),
        Operator("type_is", "type_of(left) == right", Right.KIND, _ANY),
        Operator("is_null", "left == null", Right.NOTHING, _ANY),
        Operator("exists", "exists(left)", Right.NOTHING, _ANY),
        Operator("not_exists", "not exists(left)", Right.NOTHING, _ANY),
        Operator("contains", "contains(left, right)", Right.VALUE, _TEXT | _LIST),
        Operator("not_contains", "not contains(left, right)", Right.VALUE, _TEXT | _LIST),
        Operator("starts_with", "starts_with(left, right)", Right.TEXT, _TEXT),
        Operator("ends_with", "ends_with(left, right)", Right.TEXT, _TEXT),
        Operator("glob", "glob(left, right)", Right.TEXT, _TEXT),
        Operator("regex", "regex(left, right)", Right.TEXT, _TEXT),
        Operator("has_any", "has_any(left, right)", Right.LIST, _LIST),
        Operator("has_all", "has_all(left, right)", Right.LIST, _LIST),
        Operator("between", "low <= left <= high", Right.RANGE, _NUMBER),
        Operator("less_than", "left < right", Right.NUMBER, _NUMBER),
        Operator("at_most", "left <= right", Right.NUMBER, _NUMBER),
        Operator("greater_than", "left > right", Right.NUMBER, _NUMBER),
        Operator("at_least", "left >= right", Right.NUMBER, _NUMBER),
        Operator("older_than", "before(left, now() - duration(right))", Right.LENGTH, _TIME),
        Operator("before", "before(left, right)", Right.TIME, _TIME),
        Operator("after", "after(left, right)", Right.TIME, _TIME),
        Operator("within_last", "within_last(left, right)", Right.LENGTH, _TIME),
        Operator("in_network", "in_network(left, right)", Right.NETWORKS, _TEXT),
        Operator("in", "left in right", Right.LIST, _SCALAR),
        Operator("not_in", "left not in right", Right.LIST, _SCALAR),
        Operator("equals", "left == right", Right.VALUE, _ANY),
        Operator("not_equals", "left != right", Right.VALUE, _ANY),
    )
}
