"""What can be written at one place of a workflow file, from the definitions that the checker judges it by."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.definitions import cursor, dialect
from engine.definitions.action import ActionSpec
from engine.definitions.checker import Outline
from engine.definitions.connection_uses import fits
from engine.definitions.cursor import Cursor
from engine.definitions.dialect import Table
from engine.definitions.example import Example
from engine.definitions.kinds import Schema
from engine.definitions.scope import Scope, paths_in
from engine.language.functions import FUNCTIONS
from engine.language.operators import OPERATORS
from engine.language.values import Path, path_text

#: Paths that are offered at one place.
MOST_PATHS = 400

#: What stands in ``cases``: each of its keys is a value, with a list of steps.
_CASES = Table("`cases`", {})
#: The tables below the keys of a table; those of steps stand in lists.
_BELOW: Mapping[tuple[str, str], Table] = {
    (dialect.FILE.title, dialect.ON.name): dialect.ON_TABLE,
    (dialect.ON_TABLE.title, dialect.SCHEDULE.name): dialect.SCHEDULE_TABLE,
    (dialect.FILE.title, dialect.LIMITS.name): dialect.LIMITS_TABLE,
    (dialect.FILE.title, dialect.FILE_STEPS.name): dialect.STEP,
    (dialect.FILE.title, dialect.FILE_ON_ERROR.name): dialect.STEP,
    (dialect.STEP.title, dialect.STEPS_OF_GROUP.name): dialect.STEP,
    (dialect.STEP.title, dialect.ELSE.name): dialect.STEP,
    (dialect.STEP.title, dialect.PARALLEL.name): dialect.BRANCH,
    (dialect.STEP.title, dialect.CASES_OF_SWITCH.name): _CASES,
    (dialect.BRANCH.title, dialect.STEPS_OF_GROUP.name): dialect.STEP,
    (dialect.BRANCH.title, dialect.ELSE.name): dialect.STEP,
    (dialect.BRANCH.title, dialect.ON_ERROR.name): dialect.ON_ERROR_TABLE,
    (dialect.STEP.title, dialect.RETRY.name): dialect.RETRY_TABLE,
    (dialect.STEP.title, dialect.ON_ERROR.name): dialect.ON_ERROR_TABLE,
    (dialect.ON_ERROR_TABLE.title, dialect.ERROR_STEPS.name): dialect.STEP,
}
_ROW = {
    "left": "What is looked at: an expression.",
    "op": "How it is compared.",
    "right": "What it is compared with.",
    "all": "Rows that must all be true.",
    "any": "Rows of which one must be true.",
    "not": "A row that must not be true.",
}
_USES = re.compile(r"\buses: *([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be written."""

    text: str
    #: A word or two beside it: its type.
    detail: str = ""
    #: A sentence about it; below it, where there is one, an example as it is written.
    about: str = ""
    #: What is written for it, where that is more than the text.
    written: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """What can be written at one place."""

    #: How many characters before the place are the begin of what is being written.
    length: int
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Known:
    """What a workflow can name."""

    actions: Mapping[str, ActionSpec]
    #: Types of event that are known of each trigger.
    triggers: Mapping[str, Collection[str]]
    #: The connector of each connection, or its scheme where it is for any service.
    connections: Mapping[str, str]


def complete(text: str, place: tuple[int, int], known: Known, read: Callable[[str], Outline | None]) -> Completion:
    """Return what can be written at a place.

    place: line and column, from 1; read: returns the outline of a text, or None where it is no YAML. What is being
    written often keeps the text from being read: then it is read without the line, or as far as that line.
    """
    found = cursor.find(text, *place)
    if found is None:
        return Completion(0, ())
    outline = next(filter(None, map(read, _readable(text, place[0]))), None)
    if found.expression is not None:
        chain = cursor.chain(found.expression)
        options = () if chain is None else tuple(_expressions(found, outline))
        return Completion(len(chain or ""), options)
    return Completion(len(found.word), tuple(_Place(found, outline, known, _line(text, place)).options()))


def _line(text: str, place: tuple[int, int]) -> str:
    """Return the line as far as the place."""
    return text.split("\n")[: max(place[0], 1)][-1][: max(place[1] - 1, 0)]


def _readable(text: str, line: int) -> Iterator[str]:
    rows = text.split("\n")
    yield text
    yield "\n".join([*rows[: line - 1], "", *rows[line:]])
    yield "\n".join(rows[: line - 1])


def _expressions(found: Cursor, outline: Outline | None) -> Iterator[Option]:
    """Return the paths and functions that an expression can name."""
    if outline is not None:
        scope = outline.scope_at(found.path)
        # A step that could not be read yet knows no scope of its own: whatever there is at the end is near enough.
        near = scope if scope.names else outline.scopes.get((dialect.OUTPUTS.name,), Scope({}))
        for path, schema in paths_in(near.schema, MOST_PATHS):
            yield Option(path_text(path), _type(schema), _about(schema))
    for function in FUNCTIONS.values():
        about = f"{function.doc}\n\n{function.signature}\n{function.example}  gives  {function.result}"
        yield Option(f"{function.name}()", "function", about, f"{function.name}(")


@dataclass(frozen=True, slots=True)
class _Place:
    """A place outside of all expressions."""

    cursor: Cursor
    outline: Outline | None
    known: Known
    #: The present line as far as the cursor.
    line: str

    def options(self) -> Iterator[Option]:
        if self.cursor.is_key:
            taken = self._taken()
            found = self._keys(self.cursor.path)
            return (option for option in found if option.text not in taken)
        return self._values(self.cursor.path)

    def _keys(self, path: Path) -> Iterator[Option]:
        table = _table_at(path)
        if table is not None:
            for key in table.keys.values():
                about = _with_example(key.doc, key.example)
                yield Option(key.name, "required" if key.required else "", about, f"{key.name}: ")
        elif path[-1:] == (dialect.WITH.name,) and _table_at(path[:-1]) is dialect.STEP:
            for name, schema in self._inputs(path[:-1]).items():
                needed = "required" if schema.get("required") is True else _type(schema)
                yield Option(name, needed, _about(schema), f"{name}: ")
        elif dialect.IF.name in path:
            for name, about in _ROW.items():
                yield Option(name, "", about, f"{name}: ")
        elif path and isinstance(path[-1], int):  # an item that is no mapping: one of the values of the key
            yield from self._values(path)

    def _values(self, path: Path) -> Iterator[Option]:
        while path and isinstance(path[-1], int):
            path = path[:-1]
        if not path:
            return
        table, name = _table_at(path[:-1]), str(path[-1])
        if table is dialect.STEP and name in {dialect.USES.name, dialect.CONNECTION.name}:
            yield from self._actions() if name == dialect.USES.name else self._connections(path[:-1])
        elif table is dialect.ON_TABLE and name in {dialect.TRIGGER.name, dialect.SILENCE.name}:
            yield from (Option(trigger, "trigger") for trigger in self.known.triggers)
        elif table is dialect.ON_TABLE and name == dialect.EVENT.name:
            yield from (Option(event_type, "event") for event_type in self._types())
        elif (table is dialect.STEP or table is dialect.BRANCH) and name == dialect.ON_ERROR.name:
            yield Option("continue", "", "The run goes on as if the step had done its work.")
        elif table is not None and name in table.keys:
            yield from _words(table.keys[name].kind.schema)
        elif path[-2:-1] == (dialect.WITH.name,) and _table_at(path[:-2]) is dialect.STEP:
            yield from _words(self._inputs(path[:-2]).get(name, {}))
        elif name == "op" and dialect.IF.name in path:
            yield from (Option(each.name, str(each.right)) for each in OPERATORS.values())

    def _types(self) -> Sequence[str]:
        """Return the types of event of the file's triggers, or of all where it names none that is there."""
        named = self.outline.workflow.triggers if self.outline else ()
        chosen = [self.known.triggers[name] for name in named if name in self.known.triggers]
        return sorted({one for types in chosen or self.known.triggers.values() for one in types})

    def _actions(self) -> Iterator[Option]:
        return (Option(each.name, "action", _use(each)) for each in self.known.actions.values())

    def _connections(self, step: Path) -> Iterator[Option]:
        """Return the connections that the action of a step takes; all, before there is one."""
        spec = self._spec(step)
        for name, kind in self.known.connections.items():
            if spec is None or fits(spec, kind):
                yield Option(name, kind)

    def _inputs(self, step: Path) -> Mapping[str, Schema]:
        """Return the inputs of the action that a step uses."""
        spec = self._spec(step)
        return {} if spec is None else spec.inputs

    def _spec(self, step: Path) -> ActionSpec | None:
        written = _USES.search(self.line)
        uses = written[1] if written else self._at(step).get(dialect.USES.name)
        return self.known.actions.get(str(uses))

    def _taken(self) -> Collection[str]:
        """Return the keys that stand there already, but for the one that is being written."""
        return [str(key) for key in self._at(self.cursor.path) if key != self.cursor.word]

    def _at(self, path: Path) -> Mapping[object, object]:
        value: object = self.outline.document.value if self.outline else None
        for key in path:
            try:
                value = value[key]  # type: ignore[index]  # what is not there raises
            except (LookupError, TypeError):
                return {}
        return value if isinstance(value, dict) else {}


def _table_at(path: Path) -> Table | None:
    """Return the table of a mapping, None where none describes it."""
    table: Table | None = dialect.FILE
    listed = False
    for part in path:
        if isinstance(part, int):
            table, listed = (table if listed else None), False
        elif table is not None:
            below = dialect.STEP if table is _CASES else _BELOW.get((table.title, part))
            table = None if listed else below
            listed = table is dialect.STEP or table is dialect.BRANCH
    return None if listed else table


def _words(schema: Schema) -> Iterator[Option]:
    """Return the words that a value can be, as far as there are only a few."""
    enumerated, branches, items = schema.get("enum"), schema.get("anyOf"), schema.get("items")
    if isinstance(enumerated, list):
        yield from (Option(str(word)) for word in enumerated)
    if schema.get("type") == "boolean":
        yield from (Option("true"), Option("false"))
    for branch in [*(branches if isinstance(branches, list) else ()), items]:
        if isinstance(branch, Mapping) and "items" not in branch:
            yield from _words(branch)


def _type(schema: Schema) -> str:
    kinds = schema.get("type", "")
    return str(kinds) if isinstance(kinds, str) else " or ".join(map(str, kinds)) if isinstance(kinds, list) else ""


def _use(spec: ActionSpec) -> str:
    return _with_example(f"{spec.title}. {spec.doc}".strip(), spec.example)


def _with_example(about: str, example: Example | None) -> str:
    return about if example is None else f"{about}\n\n{example.text.rstrip()}"


def _about(schema: Schema) -> str:
    description = schema.get("description")
    return description if isinstance(description, str) else ""
