"""Values that are written out: constants, lists and mappings."""

from collections.abc import Sequence

from engine.language.frame import Frame, Node
from engine.language.values import Unknown, phrase


def constant(value: object) -> Node:
    """Compile a constant."""

    def node(_frame: Frame) -> object:
        return value

    return node


def list_display(items: Sequence[Node]) -> Node:
    """Compile ``[a, b]``; one unknown item makes the list unknown."""

    def node(frame: Frame) -> object:
        made: list[object] = []
        for item in items:
            value = item(frame)
            if isinstance(value, Unknown):
                return value
            made.append(value)
        return made

    return node


def mapping_display(keys: Sequence[tuple[Node, str]], values: Sequence[Node]) -> Node:
    """Compile ``{'a': b}``; one unknown part makes the mapping unknown. keys: each with its text."""

    def node(frame: Frame) -> object:
        made: dict[str, object] = {}
        for (key_node, text), value_node in zip(keys, values, strict=True):
            key, value = key_node(frame), value_node(frame)
            if isinstance(key, Unknown):
                return key
            if isinstance(value, Unknown):
                return value
            if not isinstance(key, str):
                return Unknown(text, f"`{text}` is {phrase(key)}: the keys of a mapping are text")
            made[key] = value
        return made

    return node
