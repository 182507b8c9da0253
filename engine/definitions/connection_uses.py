"""Which connections a workflow's file names, and where."""

from collections.abc import Iterator
from typing import NamedTuple

from engine.definitions.dialect import CONNECTION, USES, WITH
from engine.language.values import Path
from engine.language.yaml12 import Document, Mark


class ConnectionUse(NamedTuple):
    """A step that names a connection."""

    connection: str
    #: The action that it is for.
    action: str
    mark: Mark


def connection_uses(document: Document) -> Iterator[ConnectionUse]:
    """Return every step of a file that names a connection, however deep it stands."""
    for path, step in _mappings(document.value, ()):
        name, action = step.get(CONNECTION.name), step.get(USES.name)
        if isinstance(name, str) and isinstance(action, str):
            yield ConnectionUse(name, action, document.mark((*path, CONNECTION.name)))


def _mappings(value: object, path: Path) -> Iterator[tuple[Path, dict[str, object]]]:
    """Return what can hold steps: everything but the inputs of actions, which are the author's own data."""
    if isinstance(value, dict):
        yield path, value
        for key, each in value.items():
            if key != WITH.name:
                yield from _mappings(each, (*path, key))
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _mappings(each, (*path, index))
