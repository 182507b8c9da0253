"""The steps of a workflow's file as they are written, and which connections they name."""

from collections.abc import Iterator
from typing import NamedTuple

from engine.definitions.action import ActionSpec
from engine.definitions.dialect import CASES_OF_SWITCH, CONNECTION, ELSE, FILE_STEPS, ON_ERROR, PARALLEL, USES
from engine.language.values import Path
from engine.language.yaml12 import Document
from engine.words import ConnectionScheme

#: Keys that hold lists of steps; the file's own ``on_error`` is one of them too.
_LISTS = (FILE_STEPS.name, ELSE.name, PARALLEL.name, ON_ERROR.name)


class ConnectionUse(NamedTuple):
    """A step that names a connection."""

    connection: str
    #: The action that it is for.
    action: str
    #: Where it is named.
    path: Path


def fits(spec: ActionSpec, kind: str) -> bool:
    """Tell whether an action takes a connection; kind: its connector, or its scheme where it is for any service."""
    if spec.connection_kind is None:
        return spec.takes_connection and kind != ConnectionScheme.SMTP
    return kind == spec.connection_kind


def connection_uses(document: Document) -> Iterator[ConnectionUse]:
    """Return every step of a file that names a connection, however deep it stands."""
    for path, step in steps_in(document):
        name, action = step.get(CONNECTION.name), step.get(USES.name)
        if isinstance(name, str) and isinstance(action, str):
            yield ConnectionUse(name, action, (*path, CONNECTION.name))


def steps_in(document: Document) -> Iterator[tuple[Path, dict[str, object]]]:
    """Return every step of a file with its place, however deep it stands."""
    return _steps_below(document.value, ())


def _steps_below(value: object, path: Path) -> Iterator[tuple[Path, dict[str, object]]]:
    """Return the steps of what holds steps (file, step, branch, ``on_error``); all else is the author's own data."""
    if not isinstance(value, dict):
        return
    cases = value.get(CASES_OF_SWITCH.name)
    lists: list[tuple[Path, object]] = [((key,), value.get(key)) for key in _LISTS]
    lists += [((CASES_OF_SWITCH.name, key), each) for key, each in cases.items()] if isinstance(cases, dict) else []
    for key, steps in lists:
        for index, step in enumerate(steps if isinstance(steps, list) else ()):
            if isinstance(step, dict):
                yield (*path, *key, index), step
                yield from _steps_below(step, (*path, *key, index))
    yield from _steps_below(value.get(ON_ERROR.name), (*path, ON_ERROR.name))
