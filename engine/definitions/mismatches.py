"""What of a value does not fit a JSON Schema, and of a schema is none, in words for people.

The library that has the words takes long to import, so this module is imported when the first mismatch is told.
"""

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from itertools import islice
from time import perf_counter
from typing import Any, cast

from jsonschema import Draft202012Validator, ValidationError, validators
from jsonschema.exceptions import best_match

from engine.definitions.schema import MOST_MISMATCHES, REFUSED, TYPE_WORDS, Schema, told
from engine.language.patterns import pattern_found
from engine.language.values import phrase

#: Seconds spent on finding mismatches.
_LONGEST_SEARCH = 0.1

_Errors = Iterator[ValidationError]
#: A keyword of the library: validator, the keyword's value, the instance, the schema around it; it may return None.
_Keyword = Callable[[Any, Any, Any, Any], _Errors]


class _OutOfTime(Exception):
    """The search for mismatches takes too long."""


#: When the present search has to end, by ``perf_counter``.
_deadline: ContextVar[float] = ContextVar("deadline")


def wrong_schema(schema: object) -> dict[str, str] | None:
    """Return what keeps a value from being a JSON Schema, as ``{path, message}``; None when nothing does."""
    error = best_match(_META.iter_errors(schema))
    return None if error is None else told(error.absolute_path, error.message)


def search(schema: object, value: object) -> list[dict[str, str]]:
    """Return the first mismatches, as ``{path, message}``, until there are enough or the time is up."""
    found: list[dict[str, str]] = []
    errors = islice(_PeopleValidator(cast("Schema", schema)).iter_errors(value), MOST_MISMATCHES)
    token = _deadline.set(perf_counter() + _LONGEST_SEARCH)
    try:
        found.extend(told(error.absolute_path, error.message) for error in errors)
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
_LEFT_OUT = REFUSED | {"uniqueItems", "format"}
_PeopleValidator = validators.create(
    Draft202012Validator.META_SCHEMA,
    {
        name: _timed(keyword)
        for name, keyword in {**Draft202012Validator.VALIDATORS, "type": _type, "pattern": _pattern}.items()
        if name not in _LEFT_OUT
    },
    type_checker=Draft202012Validator.TYPE_CHECKER,
)
