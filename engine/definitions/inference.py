"""A schema from samples: what the fields are, which are always there, and hints for whoever writes conditions."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

from genson import SchemaBuilder

from engine.clock import parse_time
from engine.language.values import shorten

DRAFT = "https://json-schema.org/draft/2020-12/schema"

#: Levels of a sample that are described; what is below them can be anything.
_DEEPEST = 64
#: Examples kept of a field, characters of each, and texts of a field that its format is judged by.
_MOST_EXAMPLES = 3
_LONGEST_EXAMPLE = 100
_MOST_JUDGED = 100
#: So many different texts, each seen twice on average, are offered as the field's values.
_MOST_VALUES = 10

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_URI = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s]+", re.IGNORECASE)

Schema = dict[str, object]


def infer(samples: Sequence[object]) -> Schema:
    """Return a JSON Schema 2020-12 that every sample fits, and that further fields do not break.

    A field of all samples is ``required``; any other says in ``x-seen`` how many had it. Formats, ``examples`` and
    ``x-values`` (texts that come again and again) are hints: no value is refused for them.
    """
    builder = SchemaBuilder(schema_uri=None)
    kept = [_pruned(sample, _DEEPEST) for sample in samples]
    for sample in kept:
        builder.add_object(sample)
    return {"$schema": DRAFT, **_annotated(builder.to_schema(), kept)}


def _pruned(value: object, depth: int) -> object:
    """Return the value without what is deeper; an empty list or mapping there says nothing about its content."""
    if isinstance(value, dict):
        return {key: _pruned(item, depth - 1) for key, item in value.items()} if depth else {}
    if isinstance(value, list):
        return [_pruned(item, depth - 1) for item in value] if depth else []
    return value


def _annotated(schema: Mapping[str, object], values: Sequence[object]) -> Schema:
    """Return a part of the schema with hints from all values that were seen there."""
    branches, kinds = schema.get("anyOf"), schema.get("type")
    if isinstance(branches, list):
        return {"anyOf": [_annotated(branch, values) for branch in branches]}
    if kinds == "null":
        return {}
    noted = dict(schema)
    if kinds == "object":
        noted |= _properties(schema, [value for value in values if isinstance(value, dict)])
    elif kinds == "array":
        noted |= _items(schema, [value for value in values if isinstance(value, list)])
    else:
        noted |= _hints([value for value in values if isinstance(value, str | int | float)])
    return noted


def _properties(schema: Mapping[str, object], values: Sequence[Mapping[str, object]]) -> Schema:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    return {"properties": {name: _property(name, part, values) for name, part in properties.items()}}


def _property(name: str, schema: Mapping[str, object], values: Sequence[Mapping[str, object]]) -> Schema:
    seen = [value[name] for value in values if name in value]
    noted = _annotated(schema, seen)
    return noted if len(seen) == len(values) else {**noted, "x-seen": f"{len(seen)} of {len(values)}"}


def _items(schema: Mapping[str, object], values: Sequence[Sequence[object]]) -> Schema:
    items = schema.get("items")
    return {"items": _annotated(items, [item for value in values for item in value])} if isinstance(items, dict) else {}


def _hints(values: Sequence[str | float]) -> Schema:
    """Return ``format``, ``examples`` and ``x-values`` of a field, as far as its values suggest them."""
    texts = [value for value in values if isinstance(value, str)]
    hints: Schema = {}
    if texts and (found := _format(texts[:_MOST_JUDGED])):
        hints["format"] = found
    distinct = {(type(value), value): value for value in values if not isinstance(value, bool)}
    if distinct:
        hints["examples"] = [_example(value) for value in list(distinct.values())[:_MOST_EXAMPLES]]
    if texts and len(texts) >= 2 * len(set(texts)) and len(set(texts)) <= _MOST_VALUES and "format" not in hints:
        hints["x-values"] = sorted(set(texts))
    return hints


def _example(value: str | float) -> str | float:
    return shorten(value, _LONGEST_EXAMPLE) if isinstance(value, str) else value


def _format(texts: Sequence[str]) -> str | None:
    return next((name for name, fits in _FORMATS.items() if all(map(fits, texts))), None)


def _reads(read: Callable[[str], object]) -> Callable[[str], bool]:
    """Return the question whether a function can read a text."""

    def fits(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return fits


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date-time": lambda text: _TIME.fullmatch(text) is not None and _reads(parse_time)(text),
    "date": lambda text: len(text) == len("2026-11-21") and _reads(date.fromisoformat)(text),
    "uuid": lambda text: len(text) == len(str(UUID(int=0))) and _reads(UUID)(text),
    "ipv4": _reads(IPv4Address),
    "ipv6": _reads(IPv6Address),
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "uri": lambda text: _URI.fullmatch(text) is not None,
}
