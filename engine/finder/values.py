"""The values of a request that could have to do with its proof: headers, query parameters, fields of its body."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import jiter

from engine.authentication.request import Inbound, octets, query_fields
from engine.errors import Rejected

#: More values than these are not looked at: no vendor's proof hides behind so many.
MOST_VALUES = 300
#: A longer value is no signature, no time and no id.
_LONGEST = 4096
#: A larger body is not searched for fields: proofs in bodies are those of small notices.
_LARGEST_BODY = 64 * 1024
_DEEPEST = 4

#: Names that a manifest can write down as a place, and in a hole; source of a header's: RFC 9110, section 5.6.2.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`~0-9a-z-]{1,100}")
_FIELD_NAME = re.compile(r"[\w$ @:/+-]{1,100}", re.ASCII)

#: Headers of the way that a request takes: no vendor signs by them.
_OF_HTTP = re.compile(
    r"(?i)accept.*|connection|content-(length|type|encoding)|host|user-agent|traceparent|x-forwarded-.*"
)


@dataclass(frozen=True, slots=True)
class Value:
    """One value, where it stands once and alone."""

    #: ``header``, ``query``, ``form`` or ``body``, as a manifest writes it.
    kind: str
    #: A header's in lower case; a field's path with dots.
    name: str
    text: bytes

    @property
    def place(self) -> Mapping[str, str]:
        """The place, as a manifest writes it."""
        return {self.kind: self.name}

    @property
    def title(self) -> str:
        """The place in words."""
        kinds = {"header": "header", "query": "query parameter", "form": "form field", "body": "body field"}
        return f"{kinds[self.kind]} {self.name}"


def values_of(request: Inbound) -> list[Value]:
    """Return what could be a proof, a time or an id: headers first, then the query, then the body."""
    found = [*_headers(request), *_once("query", request.query), *_fields(request)]
    return [value for value in found if 0 < len(value.text) <= _LONGEST][:MOST_VALUES]


def is_form(request: Inbound) -> bool:
    """Return whether the body is a form, as its sender says."""
    return request.first("content-type").strip().lower().startswith("application/x-www-form-urlencoded")


def _headers(request: Inbound) -> Iterator[Value]:
    for name, texts in request.headers.items():
        if len(texts) == 1 and _HEADER_NAME.fullmatch(name) and not _OF_HTTP.fullmatch(name):
            yield Value("header", name, octets(texts[0]))


def _once(kind: str, text: str) -> Iterator[Value]:
    """Yield the fields of a query or form that come once."""
    try:
        fields = query_fields(text)
    except Rejected:
        return
    times = Counter(name for name, _ in fields)
    for name, value in fields:
        if times[name] == 1 and _FIELD_NAME.fullmatch(name):
            yield Value(kind, name, value)


def _fields(request: Inbound) -> Iterator[Value]:
    if len(request.body) > _LARGEST_BODY:
        return
    if is_form(request):
        yield from _once("form", request.body.decode("latin-1"))
        return
    try:
        body = jiter.from_json(request.body, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError:
        return
    yield from _below(body, (), _DEEPEST)


def _below(value: object, path: tuple[str, ...], depth: int) -> Iterator[Value]:
    if isinstance(value, dict) and depth:
        for name, inner in value.items():
            if _FIELD_NAME.fullmatch(name):
                yield from _below(inner, (*path, name), depth - 1)
    elif path and isinstance(value, str | int) and not isinstance(value, bool):
        yield Value("body", ".".join(path), str(value).encode("utf-8", "replace"))
