"""The fields that a condition can ask about: what the schemas and a sample tell of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.definitions.scope import TRIGGER, event
from engine.language.explanation import cut
from engine.language.values import Kind, Path, part_of, path_text, shorten
from web.pages.condition_form import Kinds

#: Fields that are offered, and levels of a schema that are looked at.
MOST: Final = 400
_DEEPEST: Final = 12
_LONGEST_VALUE: Final = 80

_KINDS: Final[Mapping[str, Kind]] = {
    "string": Kind.TEXT,
    "number": Kind.NUMBER,
    "integer": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "array": Kind.LIST,
    "object": Kind.MAPPING,
}
_TIMES: Final = frozenset({"date-time", "date"})


@dataclass(frozen=True, slots=True)
class Field:
    """A field; value: what the sample has there, as JSON, empty where it has nothing."""

    path: str
    kinds: Kinds
    value: str = ""
    #: The few values that come again and again.
    choices: Sequence[str] = ()


def fields_of(schemas: Sequence[object], scope: Mapping[str, object] | None) -> Mapping[str, Field]:
    """Return the fields of events by their paths, those of the data first; scope: that of the sample.

    schemas: of the data. Where two of them say different things about a field, nobody knows its kind.
    """
    found: dict[str, Field] = {}
    for schema in schemas:
        for path, field in _fields(schema, ("event", "data")):
            _note(found, replace(field, value=_value_at(scope, path)))
    around = [(event(None), ("event",)), (TRIGGER, ("trigger",))]
    for path, field in (each for schema, root in around for each in _fields(schema, root)):
        if path != ("event", "data"):
            _note(found, replace(field, value=_value_at(scope, path)))
    return found


def _note(found: dict[str, Field], field: Field) -> None:
    known = found.get(field.path)
    if known is not None:
        kinds = known.kinds if known.kinds == field.kinds else Kinds()
        found[field.path] = replace(known, kinds=kinds, choices=tuple(dict.fromkeys((*known.choices, *field.choices))))
    elif len(found) < MOST:
        found[field.path] = field


def _fields(schema: object, path: Path) -> Iterator[tuple[Path, Field]]:
    """Yield what a schema describes; the whole itself and what is within mappings, not what is within lists."""
    branches = _branches(schema)
    kinds = {_kind(branch) for branch in branches} - {None}
    items = {_kind(branch.get("items")) for branch in branches if _kind(branch) is Kind.LIST}
    choices = [text for branch in branches for text in _list(branch.get("x-values")) if isinstance(text, str)]
    kind = next(iter(kinds)) if len(kinds) == 1 else None
    if kind is not Kind.MAPPING:
        known = Kinds(kind, next(iter(items)) if len(items) == 1 else None)
        yield path, Field(path_text(path), known, choices=tuple(choices))
    for branch in branches:
        properties = branch.get("properties")
        if isinstance(properties, Mapping) and len(path) < _DEEPEST:
            for name, part in properties.items():
                yield from _fields(part, (*path, str(name)))


def _branches(schema: object) -> list[Mapping[str, object]]:
    """Return the schemas of which a value fits one; null is none of them: most fields can be that."""
    if not isinstance(schema, Mapping):
        return []
    branches = schema.get("anyOf")
    if isinstance(branches, list):
        return [inner for branch in branches for inner in _branches(branch)]
    names = schema.get("type")
    return [{**schema, "type": name} for name in (names if isinstance(names, list) else [names]) if name != "null"]


def _kind(schema: object) -> Kind | None:
    if not isinstance(schema, Mapping):
        return None
    if schema.get("type") == "string" and schema.get("format") in _TIMES:
        return Kind.TIME
    return _KINDS.get(str(schema.get("type")))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _value_at(scope: object, path: Path) -> str:
    if scope is None:
        return ""
    try:
        for key in path:
            scope = part_of(scope, key)
    except (LookupError, TypeError):
        return ""
    return shorten(json.dumps(cut(scope), ensure_ascii=False), _LONGEST_VALUE)
