"""Logic with three values, as Kleene has it: unknown gives way only where the answer is settled without it."""

from collections.abc import Iterable, Sequence

from engine.language.frame import Frame, Node
from engine.language.values import Unknown, phrase


def truth(value: object, text: str) -> bool | Unknown:
    """Return the value as an answer; what is neither true nor false is unknown."""
    if value is True or value is False or isinstance(value, Unknown):
        return value
    return Unknown(text, f"`{text}` is {phrase(value)}, not true or false")


def settle(answers: Iterable[bool | Unknown], *, settled_by: bool) -> bool | Unknown:
    """Return ``settled_by`` if an answer is that, else the first unknown, else the opposite.

    ``or`` and ``any`` are settled by true, ``and`` and ``all`` by false.
    """
    opposite = not settled_by
    doubt: bool | Unknown = opposite
    for answer in answers:
        if answer is settled_by:
            return answer
        if doubt is opposite:
            doubt = answer
    return doubt


def junction(parts: Sequence[tuple[Node, str]], *, settled_by: bool) -> Node:
    """Compile ``and`` (settled by false) or ``or`` (settled by true); parts: each with its text."""
    opposite = not settled_by

    def node(frame: Frame) -> object:
        doubt: object = opposite
        for part, text in parts:
            value = part(frame)
            if value is settled_by:
                return value
            if value is not opposite and doubt is opposite:
                doubt = truth(value, text)
        return doubt

    return node


def negation(part: Node, text: str) -> Node:
    """Compile ``not``."""

    def node(frame: Frame) -> object:
        value = truth(part(frame), text)
        return value if isinstance(value, Unknown) else not value

    return node


def choice(condition: Node, text: str, then: Node, otherwise: Node) -> Node:
    """Compile ``then if condition else otherwise``."""

    def node(frame: Frame) -> object:
        answer = truth(condition(frame), text)
        if isinstance(answer, Unknown):
            return answer
        return then(frame) if answer else otherwise(frame)

    return node
