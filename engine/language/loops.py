"""Comprehensions, and ``any`` and ``all`` over them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from engine.language.frame import Frame, Node
from engine.language.logic import settle, truth
from engine.language.values import Kind, Unknown, kind_of, phrase

#: Yields the values of a comprehension's turns; what cannot be known of a turn is an unknown among them.
Stream = Callable[[Frame], Iterator[object]]


@dataclass(frozen=True, slots=True)
class Turns:
    """One ``for name in source if ...`` of a comprehension."""

    source: Node
    source_text: str
    #: Where the loop variable is kept.
    slot: int
    conditions: Sequence[tuple[Node, str]]
    #: Evaluation steps of one turn.
    cost: int


def single(element: Node) -> Stream:
    """Return the stream of the innermost element: one value each time."""

    def stream(frame: Frame) -> Iterator[object]:
        yield element(frame)

    return stream


def loop(turns: Turns, inner: Stream, *, neutral: bool | None) -> Stream:
    """Return the stream of a loop around another stream.

    neutral: the answer that does not count (false for ``any``, true for ``all``), None for a list. A turn whose
    condition is unknown gives an unknown, unless its own answer does not count anyway.
    """

    def stream(frame: Frame) -> Iterator[object]:
        items = turns.source(frame)
        if not isinstance(items, list | tuple):
            yield _no_list(items, turns.source_text)
            return
        for item in items:
            frame.spend(turns.cost)
            frame.locals[turns.slot] = item
            yield from _turn(turns, inner, frame, neutral=neutral)

    return stream


def listing(stream: Stream) -> Node:
    """Compile a list comprehension: the list of its values, or the first unknown among them."""

    def node(frame: Frame) -> object:
        made: list[object] = []
        for value in stream(frame):
            if isinstance(value, Unknown):
                return value
            made.append(value)
        return made

    return node


def quantifier(stream: Stream, text: str, *, settled_by: bool) -> Node:
    """Compile ``any`` (settled by true) or ``all`` (settled by false) over a stream; text: that of an element."""

    def node(frame: Frame) -> object:
        return settle((truth(value, text) for value in stream(frame)), settled_by=settled_by)

    return node


def items_of(source: Node, text: str) -> Stream:
    """Return the stream of the items of a list that is there already."""

    def stream(frame: Frame) -> Iterator[object]:
        items = source(frame)
        if not isinstance(items, list | tuple):
            yield _no_list(items, text)
            return
        frame.read(items)
        yield from items

    return stream


def each(nodes: Sequence[Node]) -> Stream:
    """Return the stream of a list that is written out: each item on its own, so that one unknown spoils no other."""
    return lambda frame: (node(frame) for node in nodes)


def _turn(turns: Turns, inner: Stream, frame: Frame, *, neutral: bool | None) -> Iterator[object]:
    guard = settle((truth(part(frame), text) for part, text in turns.conditions), settled_by=False)
    if guard is True:
        yield from inner(frame)
    elif isinstance(guard, Unknown):
        yield from [guard] if neutral is None else (guard for value in inner(frame) if value is not neutral)


def _no_list(value: object, text: str) -> Unknown:
    if isinstance(value, Unknown):
        return value
    advice = f": write keys({text}) or values({text})" if kind_of(value) is Kind.MAPPING else ""
    return Unknown(text, f"`{text}` is {phrase(value)}, not a list{advice}")
