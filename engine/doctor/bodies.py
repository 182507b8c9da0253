"""The neighbours of a body: what somebody may have signed of whom this is what came in."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from engine.doctor.case import Budget, Found
from engine.words import Finding

#: What some programs put before text in UTF-8.
_MARK = b"\xef\xbb\xbf"

_SAME_BYTES = "Sign exactly the bytes that are sent, and let nothing between the sender and Wink change them."


class Body(NamedTuple):
    """Bytes that may have been signed, and what is wrong when they were."""

    body: bytes
    found: Found


def spaced_bodies(body: bytes) -> Iterator[Body]:
    """Yield the body with and without white space around it, and with other ends of lines."""
    for what, made in _spaced(body):
        if made != body:
            words = f"The signature is right for this body {what}: something changes the body after it was signed."
            yield Body(made, Found(Finding.BODY_NEWLINE, words, _SAME_BYTES))
    if body:
        words = "The signature is right for an empty body: the sender signs before it has one."
        yield Body(b"", Found(Finding.BODY_NOT_SIGNED, words, _SAME_BYTES))


def _spaced(body: bytes) -> Iterator[tuple[str, bytes]]:
    yield "with a newline at its end", body + b"\n"
    yield "without the white space around it", body.strip()
    yield "with a newline (CR LF) at its end", body + b"\r\n"
    if b"\r\n" in body:
        yield "with LF for every CR LF", body.replace(b"\r\n", b"\n")
    elif b"\n" in body:
        yield "with CR LF for every LF", body.replace(b"\n", b"\r\n")
    yield "without the byte order mark before it", body.removeprefix(_MARK)
    yield "with a byte order mark before it", _MARK + body


def rewritten_bodies(body: bytes, budget: Budget) -> Iterator[Body]:
    """Yield the body's JSON as other programs write it; nothing where it is none.

    Raises:
        Spent: to write the body once more is too much work.
    """
    budget.take(_READ * len(body))
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    for what, cost, write in _WRITERS:
        budget.take(cost * len(body))
        made = _written(write, value)
        if made is not None and made != body:
            words = f"The signature is right for this JSON {what}: the body is written anew after it was signed."
            yield Body(made, Found(Finding.BODY_REWRITTEN, words, _SAME_BYTES))


def _written(write: Callable[[object], str], value: object) -> bytes | None:
    try:
        return write(value).encode()
    except (ValueError, RecursionError):  # half of a surrogate pair; more levels than there is room for
        return None


_compact = partial(json.dumps, separators=(",", ":"))


def _php(value: object) -> str:
    return _compact(value).replace("/", "\\/")


def _go(value: object) -> str:
    text = _compact(value, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


#: What reading JSON, and writing it with indents or without, costs as against hashing it.
_READ, _PLAIN, _INDENTED = 25, 40, 120

#: How programs write JSON: in words, what it costs, and how. The first are those that most of them are.
_WRITERS: tuple[tuple[str, int, Callable[[object], str]], ...] = (
    ("without spaces", _PLAIN, partial(_compact, ensure_ascii=False)),
    ("with a space after commas and colons", _PLAIN, json.dumps),
    ("without spaces, and with \\u escapes", _PLAIN, _compact),
    ("with a space after commas and colons, without \\u escapes", _PLAIN, partial(json.dumps, ensure_ascii=False)),
    ("without spaces, and with \\/ for every slash", _PLAIN, _php),
    ("without spaces, and with < > & escaped", _PLAIN, _go),
    ("with its keys sorted, without spaces", _PLAIN, partial(_compact, ensure_ascii=False, sort_keys=True)),
    ("with its keys sorted, with spaces", _PLAIN, partial(json.dumps, sort_keys=True)),
    ("without spaces, and a newline at its end", _PLAIN, lambda value: f"{_compact(value, ensure_ascii=False)}\n"),
    ("with an indent of 2", _INDENTED, partial(json.dumps, ensure_ascii=False, indent=2)),
    ("with an indent of 4", _INDENTED, partial(json.dumps, ensure_ascii=False, indent=4)),
)
