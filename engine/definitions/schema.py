"""JSON Schema 2020-12 as a trigger and an action use it: is it one, does a value fit, and what does not.

Whether a value fits is asked for every event and takes microseconds; what does not fit is asked for people, and is
bounded in number and time. Patterns run on engines that cannot hang, whoever wrote the pattern and the text.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from engine.errors import Invalid
from engine.language.patterns import compile_pattern
from engine.language.values import shorten
from engine.lazy import load

Schema = Mapping[str, object]
#: Says of a value whether it fits a schema.
Fits = Callable[[object], bool]

#: JSON Schema's types as they stand in a sentence.
TYPE_WORDS: Mapping[str, str] = {
    "string": "text",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
    "null": "null",
    "array": "a list",
    "object": "a mapping",
}

#: Mismatches that are told, and characters of each message.
MOST_MISMATCHES = 20
_LONGEST_MESSAGE = 200
#: Characters of a schema that somebody gives us, and how many schemas it may nest.
_LARGEST_SCHEMA = 256 * 1024
_DEEPEST_SCHEMA = 50

#: Keywords that Wink does not take: their engine can hang, or they reach beyond the schema.
REFUSED = frozenset(
    {
        "patternProperties",
        "unevaluatedItems",
        "unevaluatedProperties",
        "$dynamicRef",
        "$dynamicAnchor",
        "$id",
        "$anchor",
    }
)
#: The only places that a reference can lead to: their parts are checked, those of any other place are not.
_REFERENCE = re.compile(r"#/\$defs/[^/~%]+")
_MAPS_OF_SCHEMAS = ("properties", "$defs", "dependentSchemas")
_LISTS_OF_SCHEMAS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SCHEMAS = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")

_Part = tuple[str | int, ...]


def check_schema(schema: object) -> None:
    """Make sure that a schema which somebody gives us can be used, on hostile values too.

    Raises:
        Invalid: it cannot; ``field`` is the JSON Pointer to the part of it.
    """
    _check_size(schema)
    for path, part in parts(schema):
        _check_part(part, path)
    if error := load("engine.definitions.mismatches:wrong_schema")(schema):
        raise Invalid(error["message"], error["path"])
    if error := load("engine.definitions.compiled:flaw")(schema):
        raise Invalid(error["message"], error["path"])


def fits(schema: object) -> Fits:
    """Compile a schema that :func:`check_schema` or :func:`engine.definitions.inference.infer` gave.

    Formats are hints for people and the condition builder, and no reason to refuse a value.
    """
    valid: Fits = load("engine.definitions.compiled:compile_schema")(schema).is_valid
    return valid


def mismatches(schema: object, value: object) -> list[dict[str, str]]:
    """Say for people what of a value does not fit, as ``{path, message}`` with a JSON Pointer; empty when it fits.

    At most :data:`MOST_MISMATCHES` are told, and never none because the time was up.
    """
    first: dict[str, str] | None = load("engine.definitions.compiled:first_mismatch")(schema, value)
    if first is None:
        return []
    found: list[dict[str, str]] = load("engine.definitions.mismatches:search")(schema, value)
    return found or [first]


def object_schema(properties: Mapping[str, Schema]) -> dict[str, object]:
    """Return the schema of a mapping with exactly these keys; ``required: true`` in one moves to where it belongs."""
    return {
        "type": "object",
        "properties": {name: without_required(one) for name, one in properties.items()},
        "required": [name for name, one in properties.items() if one.get("required") is True],
        "additionalProperties": False,
    }


def without_required(schema: Schema) -> Schema:
    """Return an input's JSON Schema without Wink's ``required: true``."""
    return {key: value for key, value in schema.items() if key != "required" or not isinstance(value, bool)}


def _check_size(schema: object) -> None:
    try:
        size = len(json.dumps(schema, allow_nan=False))
    except (ValueError, TypeError, RecursionError) as error:
        raise Invalid(f"the schema is no JSON: {error}") from error
    if size > _LARGEST_SCHEMA:
        raise Invalid(f"the schema has {size:,} characters: at most {_LARGEST_SCHEMA:,} are taken")


def _check_part(part: object, path: _Part) -> None:
    if len(path) > 2 * _DEEPEST_SCHEMA:
        raise Invalid(f"the schema nests more than {_DEEPEST_SCHEMA} schemas", _pointer(path))
    if not isinstance(part, dict):
        return
    for keyword in REFUSED.intersection(part):
        raise Invalid(f"Wink takes no schema with `{keyword}`", _pointer((*path, keyword)))
    if "$ref" in part and not _REFERENCE.fullmatch(str(part["$ref"])):
        raise Invalid("a `$ref` points within its schema, as in #/$defs/asset", _pointer((*path, "$ref")))
    if isinstance(part.get("pattern"), str):
        _check_pattern(part["pattern"], path)


def _check_pattern(pattern: str, path: _Part) -> None:
    try:
        compile_pattern(pattern)
    except ValueError as error:
        raise Invalid(str(error), _pointer((*path, "pattern"))) from error


def parts(schema: object) -> Iterator[tuple[_Part, object]]:
    """Yield a schema and every schema within it, each with where it is."""
    waiting: list[tuple[_Part, object]] = [((), schema)]
    while waiting:
        path, part = waiting.pop()
        yield path, part
        if not isinstance(part, dict):
            continue
        waiting.extend(((*path, word), part[word]) for word in _SCHEMAS if word in part)
        for word in _LISTS_OF_SCHEMAS:
            waiting.extend(((*path, word, i), one) for i, one in enumerate(_list(part.get(word))))
        for word in _MAPS_OF_SCHEMAS:
            waiting.extend(((*path, word, name), one) for name, one in _mapping(part.get(word)).items())


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _pointer(path: Iterable[object]) -> str:
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in path)


def told(path: Iterable[object], message: str) -> dict[str, str]:
    """Return a mismatch as people are told it: ``{path, message}``."""
    return {"path": _pointer(path), "message": shorten(message, _LONGEST_MESSAGE)}
