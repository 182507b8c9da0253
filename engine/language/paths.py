"""Reading paths: ``event.data.finding.severity`` as one closure that never fails."""

from typing import cast

from engine.language.frame import Frame, Node
from engine.language.missing import describe_missing
from engine.language.values import Kind, Path, Unknown, kind_of, part_of, path_text, phrase


def scope_path(path: Path) -> Node:
    """Compile a path whose first part is a name of the scope."""
    names = [key for key in path if isinstance(key, str)]
    if len(names) < len(path):
        return path_below(scope_path(path[:1]), path)
    shown = path_text(path)

    def node(frame: Frame) -> object:
        value: object = frame.scope
        try:
            for name in names:
                value = value[name]  # type: ignore[index]  # what cannot be indexed by a text raises TypeError
        except (LookupError, TypeError):
            scope = frame.scope
            return Unknown(shown, lambda: describe_missing(scope, path))
        return value

    return node


def path_below(base: Node, path: Path) -> Node:
    """Compile a path that goes on from the value of ``base``, which the path's first part names."""
    keys, shown = path[1:], path_text(path)

    def node(frame: Frame) -> object:
        root = value = base(frame)
        if isinstance(root, Unknown):
            return root
        try:
            for key in keys:
                value = part_of(value, key)
        except (LookupError, TypeError):
            return Unknown(shown, lambda: describe_missing({path[0]: root}, path))
        return value

    return node


def local_value(slot: int) -> Node:
    """Compile the reading of a loop variable."""

    def node(frame: Frame) -> object:
        return frame.locals[slot]

    return node


def part_by_value(base: Node, index: Node, text: str) -> Node:
    """Compile ``base[index]`` where the index is known only at run time; text: the whole of it."""

    def node(frame: Frame) -> object:
        value, key = base(frame), index(frame)
        if isinstance(value, Unknown):
            return value
        return key if isinstance(key, Unknown) else _part_or_unknown(value, key, text)

    return node


def _part_or_unknown(value: object, key: object, text: str) -> object:
    if kind_of(key) is not Kind.TEXT and (isinstance(key, bool) or not isinstance(key, int)):
        return Unknown(text, f"`{text}` is not there: a key is text or a whole number, not {phrase(key)}")
    try:
        return part_of(value, cast("str | int", key))
    except (LookupError, TypeError):
        return Unknown(text, f"`{text}` is not there: {phrase(value)} has no such part")
