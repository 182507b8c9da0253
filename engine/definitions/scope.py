"""What expressions may name at one place of a workflow, as JSON Schemas: so a path is there, or may be, or is not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from engine.definitions.kinds import Schema
from engine.language.values import Path
from engine.words import Outcome

#: Keywords with which a schema says something that a walk over ``properties`` and ``items`` does not see.
_ELSEWHERE = frozenset({"$ref", "allOf", "oneOf", "if", "patternProperties", "prefixItems"})
_TEXT: Schema = {"type": "string"}
_INDEX: Schema = {"type": "integer"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_OUTCOME: Schema = {"type": "string", "enum": [outcome.value for outcome in Outcome]}


def sealed(properties: Mapping[str, object]) -> Schema:
    """Return the schema of a mapping that has these keys and never any other."""
    return {"type": "object", "properties": properties, "additionalProperties": False}


#: What a failure looks like to the steps that see to it.
ERROR = sealed({"step": _TEXT, "kind": _TEXT, "message": _TEXT})
TRIGGER = sealed({"id": _TEXT, "name": _TEXT, "title": _TEXT, "connector": _TEXT})
WORKFLOW = sealed({"name": _TEXT, "version": _TEXT, "title": _TEXT})
_RUN: Schema = {"id": _TEXT, "started_at": _TIME, "scheduled_for": {"type": ["string", "null"]}}
RUN = sealed(_RUN)
LOOP = sealed({"index": _INDEX})


def with_event(started_by: object) -> Schema:
    """Return the schema of ``run`` where ``event`` is a later one, for that of the event that started the run."""
    return sealed({**_RUN, "event": {"type": "null"} if started_by is None else started_by})


def repetition(turn: object) -> Schema:
    """Return the schema of ``loop`` in a ``while``, for the schema of what a turn gives; the first has none before."""
    return sealed({"index": _INDEX, "previous": turn})


def event(data: object) -> Schema:
    """Return the schema of ``event`` for the schema of its data."""
    texts = dict.fromkeys(("id", "key", "type", "source"), _TEXT)
    return sealed({**texts, "time": _TIME, "received_at": _TIME, "data": data})


def result(output: object) -> Schema:
    """Return the schema of ``steps.<id>`` for the schema of the step's output."""
    return sealed({"outcome": _OUTCOME, "output": output, "error": ERROR})


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of one place, each with its schema, and the steps that have run when the place is reached."""

    names: Mapping[str, object]
    steps: Mapping[str, object] | None = None

    def with_names(self, **names: object) -> "Scope":
        """Return the scope with further names; one that is there already is hidden by the new one."""
        return replace(self, names={**self.names, **names})

    def with_step(self, step_id: str, schema: object) -> "Scope":
        """Return the scope after a step."""
        return replace(self, steps={**(self.steps or {}), step_id: schema})

    @property
    def schema(self) -> Schema:
        """Return the schema of the whole scope."""
        return sealed(self.names if self.steps is None else {**self.names, "steps": sealed(self.steps)})


@dataclass(frozen=True, slots=True)
class Missing:
    """A path that a schema does not have."""

    #: How many parts of the path are there.
    depth: int
    #: Whether it can never be there; else the schema only does not tell of it.
    certain: bool
    #: Keys that are there instead.
    known: Sequence[str]


def find_missing(schema: object, path: Path, depth: int = 0) -> Missing | None:
    """Return where a path leaves what a schema describes, or None where it does not, or nobody can tell.

    depth: how many parts of the path led to this schema.
    """
    if depth == len(path) or not _is_told(schema):
        return None
    branches = schema.get("anyOf")
    if isinstance(branches, list):
        return _missing_in_all([find_missing(branch, path, depth) for branch in branches])
    if not _may_be(schema, "array" if isinstance(path[depth], int) else "object"):
        return Missing(depth, certain=False, known=())
    return _gap(schema, path[depth], depth) or find_missing(_part(schema, path[depth]), path, depth + 1)


def leaves_at(schema: object, path: Path) -> Sequence[Schema]:
    """Return schemas one of which the value at a path fits; none where the schema does not tell."""
    if not _is_told(schema):
        return ()
    branches = schema.get("anyOf")
    if isinstance(branches, list):
        found = [leaves_at(branch, path) for branch in branches]
        return [leaf for leaves in found for leaf in leaves] if all(found) else ()
    return leaves_at(_part(schema, path[0]), path[1:]) if path else (schema,)


def types_at(schema: object, path: Path) -> frozenset[str]:
    """Return the JSON types that the value at a path can have; none where the schema does not tell."""
    found = [_types(leaf) for leaf in leaves_at(schema, path)]
    return frozenset[str]().union(*found) if all(found) else frozenset()


def paths_in(schema: object, most: int, deepest: int = 8) -> list[tuple[Path, Schema]]:
    """Return the paths that a schema tells of, each with its schema, those nearest first; of a list, its first item."""
    found: dict[Path, Schema] = {}
    level: list[tuple[Path, object]] = [((), schema)]
    while level and len(found) < most and len(level[0][0]) < deepest:
        level = [below for path, one in level for below in _parts(path, one)]
        for path, one in level:
            found.setdefault(path, one if isinstance(one, Mapping) else {})
    return list(found.items())[:most]


def _parts(path: Path, schema: object) -> Iterator[tuple[Path, object]]:
    if not _is_told(schema):
        return
    branches, properties = schema.get("anyOf"), schema.get("properties")
    for branch in branches if isinstance(branches, list) else ():
        yield from _parts(path, branch)
    for key, one in properties.items() if isinstance(properties, Mapping) else ():
        yield (*path, key), one
    if "items" in schema and path:
        yield (*path, 0), schema["items"]


def _is_told(schema: object) -> TypeGuard[Schema]:
    """Tell whether a schema says all in the keywords that are looked at here."""
    return isinstance(schema, Mapping) and _ELSEWHERE.isdisjoint(schema)


def _part(schema: Schema, key: str | int) -> object:
    """Return the schema of the part under a key, None where nothing is told of it."""
    properties = schema.get("properties")
    if isinstance(key, int):
        return schema.get("items")
    return properties.get(key) if isinstance(properties, Mapping) else None


def _gap(schema: Schema, key: str | int, depth: int) -> Missing | None:
    """Return what is missing if the schema names its keys and this is none of them."""
    properties, others = schema.get("properties"), schema.get("additionalProperties")
    if not isinstance(properties, Mapping) or key in properties or isinstance(key, int) or isinstance(others, Mapping):
        return None
    return Missing(depth, others is False, tuple(properties))


def _missing_in_all(found: Sequence[Missing | None]) -> Missing | None:
    """Return what is missing in every branch, by the branch that goes furthest; None if one has it."""
    gaps = [one for one in found if one is not None]
    return max(gaps, key=lambda one: one.depth) if gaps and len(gaps) == len(found) else None


def _types(schema: Schema) -> Sequence[str]:
    kinds = schema.get("type", [])
    return kinds if isinstance(kinds, list) else [str(kinds)]


def _may_be(schema: Schema, kind: str) -> bool:
    return "type" not in schema or kind in _types(schema)
