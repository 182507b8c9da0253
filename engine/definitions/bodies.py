"""Bodies: bytes of a sender in, a value or a refusal in words out; the connector says which reader takes them."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from math import inf
from typing import Any, Literal
from urllib.parse import parse_qsl

import jiter

from engine.errors import Rejected
from engine.words import Reason

Kind = Literal["json", "form", "form_payload", "text", "ndjson", "multipart", "jwt"]

#: Deeper JSON than this is an attack on whoever walks it, not a webhook.
MAX_DEPTH = 200

#: A form with more fields than this would only burn time.
MAX_FIELDS = 1_000

#: What a body is called that nobody named, by curl and by browsers.
FORM = "application/x-www-form-urlencoded"

_INFINITE = (inf, -inf)
#: No base64 has one digit too many.
_BASE64URL = re.compile(rb"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?")
_BOM = b"\xef\xbb\xbf"
_BOUNDARY = re.compile(r'(?i)multipart/form-data\s*;.*?\bboundary="?([^";,\s]{1,70})"?')
_NAME = re.compile(rb'(?i)^content-disposition:[^\r\n]*?[;\s]name="([^"\r\n]*)"', re.MULTILINE)
_FILENAME = re.compile(rb'(?i)^content-disposition:[^\r\n]*?[;\s]filename="([^"\r\n]*)"', re.MULTILINE)


def read_json(body: bytes, _: str = "") -> object:
    """Return the value of a JSON text in UTF-8, integers of any size exact.

    Raises:
        Rejected: MALFORMED_BODY, it is no JSON, or what two readers could understand in two ways: a name given twice,
            a number that no float holds, half a surrogate pair, more than 200 levels.
    """
    try:
        value = jiter.from_json(body, allow_inf_nan=False, cache_mode="keys", catch_duplicate_keys=True)
    except ValueError as error:
        raise _malformed(_text_mistake(body) or f"the body is no JSON: {error}") from error
    if isinstance(value, dict | list):
        _check(value)
    elif value in _INFINITE:
        raise _malformed("the body holds a number too large for a float")
    return value


def _check(value: dict[str, object] | list[object]) -> None:
    """Refuse what jiter lets through: ``1e999`` read as infinity, and an empty list one level too deep."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        deeper: list[Any] = []
        for outer in level:
            for inner in outer.values() if type(outer) is dict else outer:
                kind = type(inner)
                if kind is dict or kind is list:
                    deeper.append(inner)
                elif kind is float and inner in _INFINITE:
                    raise _malformed("the body holds a number too large for a float")
        if not deeper:
            return
        level = deeper
    raise _malformed(f"the body is more than {MAX_DEPTH} levels deep")


def _malformed(words: str) -> Rejected:
    return Rejected(Reason.MALFORMED_BODY, words)


def _text_mistake(body: bytes) -> str | None:
    if body.startswith(_BOM):
        return "the body starts with a byte order mark: send UTF-8 without one"
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return f"the body is not UTF-8, from byte {error.start} on"
    return None


def _text(body: bytes, _: str) -> str:
    if mistake := _text_mistake(body):
        raise _malformed(mistake)
    return body.decode()


def _form(body: bytes, _: str) -> dict[str, object]:
    text = _text(body, "")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise _malformed("a field of the form is not UTF-8") from error
    except ValueError as error:
        raise _malformed(f"the form has more than {MAX_FIELDS} fields") from error
    return _fields(pairs)


def _fields(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Return fields by name; a name that comes several times holds a list."""
    gathered: dict[str, list[object]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in gathered.items()}


def _form_payload(body: bytes, _: str) -> object:
    fields = _form(body, "")
    payload = fields.get("payload")
    return read_json(payload.encode()) if isinstance(payload, str) else fields


def _ndjson(body: bytes, _: str) -> list[object]:
    return [read_json(line) for line in body.splitlines() if line.strip()]


def _multipart(body: bytes, content_type: str) -> dict[str, object]:
    boundary = _BOUNDARY.match(content_type)
    if not boundary:
        raise _malformed("the content type names no boundary")
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())
    if len(parts) < 2 or not parts[-1].startswith(b"--"):
        raise _malformed("the body does not end with its boundary: was it cut off?")
    if len(parts) > MAX_FIELDS:
        raise _malformed(f"the form has more than {MAX_FIELDS} fields")
    return _fields([_part(part) for part in parts[1:-1]])


def _part(part: bytes) -> tuple[str, object]:
    head, _, content = part.partition(b"\r\n\r\n")
    name, filename = _NAME.search(head), _FILENAME.search(head)
    if not name:
        raise _malformed("a part of the body has no name")
    if filename:
        return _text(name[1], ""), {"filename": _text(filename[1], ""), "size": len(content)}
    return _text(name[1], ""), _text(content, "")


def _jwt(body: bytes, _: str) -> object:
    """Return the claims of a whole body that is a token; that somebody signed it is for the proof to say."""
    parts = body.strip().split(b".")
    if len(parts) != 3 or not _BASE64URL.fullmatch(parts[1]):
        raise _malformed("the body is no JWT: three parts in base64url, with dots between them")
    return read_json(urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4)))


_READERS: Mapping[Kind, Callable[[bytes, str], object]] = {
    "json": read_json,
    "form": _form,
    "form_payload": _form_payload,
    "text": _text,
    "ndjson": _ndjson,
    "multipart": _multipart,
    "jwt": _jwt,
}


def is_json_as_form(body: bytes, content_type: str) -> bool:
    """Tell whether a body came as a form and is JSON, as curl's ``-d`` sends it when nobody names its type."""
    if content_type.partition(";")[0].strip().lower() != FORM or not body.lstrip().startswith((b"{", b"[")):
        return False
    try:
        read_json(body)
    except Rejected:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Bodies:
    """Which reader takes which content type at a connector: a sender picks no reader that its vendor does not use."""

    exact: Mapping[str, Kind]
    #: Content types with a star in them, in the order in which they are tried.
    globs: tuple[tuple[re.Pattern[str], Kind], ...]
    #: The reader of a body that comes without a content type.
    first: Kind

    def kind(self, content_type: str) -> Kind | None:
        """Return the reader for a content type, or None when the connector takes no such body."""
        if content_type in self.exact:  # as nearly all are written
            return self.exact[content_type]
        media = content_type.partition(";")[0].strip().lower()
        if not media:
            return self.first
        found = self.exact.get(media)
        return found or next((kind for glob, kind in self.globs if glob.fullmatch(media)), None)

    def read(self, body: bytes, content_type: str) -> object:
        """Return the value that a body holds.

        Raises:
            Rejected: MALFORMED_BODY, with what is wrong in words; UNSUPPORTED_CONTENT_TYPE.
        """
        kind = self.kind(content_type)
        if kind is None:
            raise Rejected(
                Reason.UNSUPPORTED_CONTENT_TYPE, f"the content type {content_type!r} is none that this vendor sends"
            )
        return _READERS[kind](body, content_type)


def compile_bodies(kinds: Mapping[str, Kind]) -> Bodies:
    """Compile what a manifest says of bodies: content types, or globs of them, in lower case."""
    globs = tuple((re.compile(translate(glob)), kind) for glob, kind in kinds.items() if "*" in glob)
    return Bodies(kinds, globs, next(iter(kinds.values())))
