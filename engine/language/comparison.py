"""Comparisons: strict, and unknown where they make no sense for the kinds that are there."""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from engine.language.frame import Frame, Node
from engine.language.logic import settle
from engine.language.values import Kind, Unknown, kind_of, phrase
from engine.language.walks import same

#: Answers about two values, neither of them unknown; the text is the comparison's, for the reason of an unknown.
Compare = Callable[[object, object, Frame, str], bool | Unknown]

#: Types whose values Python compares as the language does, when both are of the same one.
_ALIKE: Final = frozenset({str, int, float, datetime, timedelta})


def comparison(compares: Sequence[Compare], nodes: Sequence[Node], text: str) -> Node:
    """Compile ``a < b`` or a chain, ``a < b < c``; each part is evaluated at most once."""
    if len(compares) > 1:
        return _chain(compares, nodes, text)
    compare, (left_node, right_node) = compares[0], nodes

    def node(frame: Frame) -> object:
        left, right = left_node(frame), right_node(frame)
        if isinstance(left, Unknown):
            return left
        return right if isinstance(right, Unknown) else compare(left, right, frame, text)

    return node


def contains(container: object, part: object, frame: Frame, text: str) -> bool | Unknown:
    """Say whether a text has a part, a list an item, or a mapping a key; the container was paid for."""
    if isinstance(container, str) and isinstance(part, str):
        return part in container
    if isinstance(container, list | tuple):
        if isinstance(part, str):  # equal to no value of another kind, so that Python's own search will do
            return part in container
        return any(same(item, part, frame) for item in container)
    if isinstance(container, Mapping) and isinstance(part, str):
        return part in container
    return Unknown(text, f"`{text}` looks for {phrase(part)} in {phrase(container)}")


def _chain(compares: Sequence[Compare], nodes: Sequence[Node], text: str) -> Node:
    def answers(frame: Frame) -> Iterator[bool | Unknown]:
        left = nodes[0](frame)
        for compare, node in zip(compares, nodes[1:], strict=True):
            right = node(frame)
            unknown = next((side for side in (left, right) if isinstance(side, Unknown)), None)
            yield unknown if unknown is not None else compare(left, right, frame, text)
            left = right

    return lambda frame: settle(answers(frame), settled_by=False)


def _equals(left: object, right: object, frame: Frame, text: str) -> bool | Unknown:
    if type(left) is type(right) and type(left) in _ALIKE:
        return left == right
    if {kind_of(left), kind_of(right)} == {Kind.TEXT, Kind.TIME}:
        return Unknown(text, f"`{text}` compares a time with text: write time(...) around the text")
    return same(left, right, frame)


def _not(compare: Compare) -> Compare:
    def opposite(left: object, right: object, frame: Frame, text: str) -> bool | Unknown:
        answer = compare(left, right, frame, text)
        return answer if isinstance(answer, Unknown) else not answer

    return opposite


def _ordering(compare: Callable[[Any, Any], bool]) -> Compare:
    def ordered(left: object, right: object, _frame: Frame, text: str) -> bool | Unknown:
        kind = kind_of(left)
        try:
            if kind is kind_of(right) and kind in ORDERED:
                return compare(left, right)
        except TypeError:  # a time with an offset and one without
            pass
        return Unknown(text, f"`{text}` compares {phrase(left)} with {phrase(right)}")

    return ordered


def _contained(left: object, right: object, frame: Frame, text: str) -> bool | Unknown:
    frame.read(right)
    return contains(right, left, frame, text)


#: Kinds that have an order; two values must be of the same one.
ORDERED: Final = frozenset({Kind.TEXT, Kind.NUMBER, Kind.TIME, Kind.DURATION})

COMPARES: Final[Mapping[type[ast.cmpop], Compare]] = {
    ast.Eq: _equals,
    ast.NotEq: _not(_equals),
    ast.Lt: _ordering(operator.lt),
    ast.LtE: _ordering(operator.le),
    ast.Gt: _ordering(operator.gt),
    ast.GtE: _ordering(operator.ge),
    ast.In: _contained,
    ast.NotIn: _not(_contained),
}
