"""JSON as bytes, exact both ways: integers of any size survive, which neither orjson nor a database column offers."""

import json
from collections.abc import Sequence

import jiter
import orjson


def dump(value: object) -> bytes:
    """Write a value as UTF-8 JSON; a number that JSON has no word for (NaN, infinity) becomes ``null``.

    Integers beyond 64 bits, which orjson refuses, take the slower way.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        exact = json.loads(json.dumps(value), parse_constant=lambda _: None)
        return json.dumps(exact, separators=(",", ":")).encode()


def dump_all(values: Sequence[object]) -> list[bytes | None]:
    """Write values likewise, but for None, which stays: a call for each costs as much as writing a small one."""
    try:
        return [None if value is None else orjson.dumps(value) for value in values]
    except TypeError:
        return [None if value is None else dump(value) for value in values]


def parse(text: bytes) -> object:
    """Read JSON that :func:`dump` or a checked body wrote, keeping large integers exact.

    jiter stops at 200 levels, which a body may have: wrapped once more in the journal, it takes the slower way.
    """
    try:
        return jiter.from_json(text, cache_mode="keys")
    except ValueError:
        return json.loads(text)


def indented(value: object) -> str:
    """Write a value as JSON text for people."""
    return json.dumps(value, indent=2, ensure_ascii=False)
