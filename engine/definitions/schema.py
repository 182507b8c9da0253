"""JSON Schema 2020-12 as a trigger and an action use it: is it one, does a value fit, and what does not.

Whether a value fits is asked for every event and takes microseconds; what does not fit is asked for people, and is
bounded in number and time. Patterns run on engines that cannot hang, whoever wrote the pattern and the text.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from itertools import islice
from time import perf_counter
from typing import Any, cast

import jsonschema_rs
from jsonschema import Draft202012Validator, ValidationError, validators
from jsonschema.exceptions import best_match

from engine.errors import Invalid
from engine.language.patterns import compile_pattern, pattern_found
from engine.language.values import phrase, shorten

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

#: Mismatches that are told, characters of each message, and seconds spent on finding them.
MOST_MISMATCHES = 20
_LONGEST_MESSAGE = 200
_LONGEST_SEARCH = 0.1
#: Characters of a schema that somebody gives us, and how many schemas it may nest.
_LARGEST_SCHEMA = 256 * 1024
_DEEPEST_SCHEMA = 50

#: Keywords that Wink does not take: their engine can hang, or they reach beyond the schema.
_REFUSED = frozenset(
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
_Errors = Iterator[ValidationError]
#: A keyword of the library: validator, the keyword's value, the instance, the schema around it; it may return None.
_Keyword = Callable[[Any, Any, Any, Any], _Errors]


class _OutOfTime(Exception):
    """The search for mismatches takes too long."""


#: When the present search has to end, by ``perf_counter``.
_deadline: ContextVar[float] = ContextVar("deadline")


def check_schema(schema: object) -> None:
    """Make sure that a schema which somebody gives us can be used, on hostile values too.

    Raises:
        Invalid: it cannot; ``field`` is the JSON Pointer to the part of it.
    """
    _check_size(schema)
    for path, part in parts(schema):
        _check_part(part, path)
    error = best_match(_META.iter_errors(schema))
    if error is not None:
        raise Invalid(shorten(error.message, _LONGEST_MESSAGE), _pointer(error.absolute_path))
    try:
        _compiled(schema)
    except jsonschema_rs.ValidationError as wrong:
        raise Invalid(shorten(wrong.message, _LONGEST_MESSAGE), _pointer(wrong.instance_path)) from wrong


def fits(schema: object) -> Fits:
    """Compile a schema that :func:`check_schema` or :func:`engine.definitions.inference.infer` gave.

    Formats are hints for people and the condition builder, and no reason to refuse a value.
    """
    return _compiled(schema).is_valid


def mismatches(schema: object, value: object) -> list[dict[str, str]]:
    """Say for people what of a value does not fit, as ``{path, message}`` with a JSON Pointer; empty when it fits.

    At most :data:`MOST_MISMATCHES` are told, and never none because the time was up.
    """
    try:
        _compiled(schema).validate(value)
    except jsonschema_rs.ValidationError as first:
        return _search(schema, value) or [_told(first.instance_path, first.message)]
    return []


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
    for keyword in _REFUSED.intersection(part):
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


def _told(path: Iterable[object], message: str) -> dict[str, str]:
    return {"path": _pointer(path), "message": shorten(message, _LONGEST_MESSAGE)}


def _compiled(schema: object) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        cast("dict[str, object]", schema),
        validate_formats=False,
        offline=True,
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def _search(schema: object, value: object) -> list[dict[str, str]]:
    """Return the first mismatches, until there are enough or the time is up."""
    found: list[dict[str, str]] = []
    errors = islice(_PeopleValidator(cast("Schema", schema)).iter_errors(value), MOST_MISMATCHES)
    token = _deadline.set(perf_counter() + _LONGEST_SEARCH)
    try:
        found.extend(_told(error.absolute_path, error.message) for error in errors)
    except (_OutOfTime, RecursionError):
        pass  # what was found until then is told
    finally:
        _deadline.reset(token)
    return found


def _timed(keyword: _Keyword) -> _Keyword:
    def check(validator: object, value: object, instance: object, schema: object) -> _Errors:
        if perf_counter() > _deadline.get():
            raise _OutOfTime
        yield from keyword(validator, value, instance, schema) or ()

    return check


def _type(_validator: object, types: object, instance: object, _schema: object) -> _Errors:
    names = list(map(str, types)) if isinstance(types, list) else [str(types)]
    if not any(Draft202012Validator.TYPE_CHECKER.is_type(instance, name) for name in names):
        wanted = " or ".join(TYPE_WORDS.get(name, name) for name in names)
        yield ValidationError(f"is {phrase(instance)}, and must be {wanted}")


def _pattern(_validator: object, pattern: str, instance: object, _schema: object) -> _Errors:
    if isinstance(instance, str) and not pattern_found(pattern, instance):
        yield ValidationError(f"does not match the pattern {pattern!r}")


_META = Draft202012Validator(Draft202012Validator.META_SCHEMA)
#: Keywords that the library would answer with an engine that can hang, or in quadratic time.
_LEFT_OUT = _REFUSED | {"uniqueItems", "format"}
_PeopleValidator = validators.create(
    Draft202012Validator.META_SCHEMA,
    {
        name: _timed(keyword)
        for name, keyword in {**Draft202012Validator.VALIDATORS, "type": _type, "pattern": _pattern}.items()
        if name not in _LEFT_OUT
    },
    type_checker=Draft202012Validator.TYPE_CHECKER,
)
