"""Where in a request a value stands: a header, a query parameter, or a path into a JSON body."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import jiter
from pydantic import ConfigDict, model_validator

from engine import json_bytes
from engine.authentication.request import Inbound, octets, query_fields
from engine.authentication.spec import Spec
from engine.errors import Rejected
from engine.words import Reason


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a request, for reading proofs and for writing them."""

    #: In words, such as ``header 'x-api-key'``.
    title: str
    #: Returns every value that stands here, in order.
    read: Callable[[Inbound], Sequence[bytes]]
    #: Returns the request with the value here.
    write: Callable[[Inbound, str], Inbound]

    def only(self, request: Inbound) -> bytes:
        """Return the one value that stands here.

        Raises:
            Rejected: MISSING_PROOF, there is none; REPEATED_PROOF, there are several, of which one could be forged.
        """
        values = self.read(request)
        if len(values) == 1:
            return values[0]
        if values:
            raise Rejected(Reason.REPEATED_PROOF, f"there is more than one {self.title}")
        raise Rejected(Reason.MISSING_PROOF, f"there is no {self.title}")


def header_place(name: str) -> Place:
    """Return the place of a header."""
    name = name.lower()

    def read(request: Inbound) -> Sequence[bytes]:
        return [octets(value) for value in request.headers.get(name, ())]

    return Place(f"header {name!r}", read, lambda request, value: request.with_header(name, value))


def query_place(name: str) -> Place:
    """Return the place of a query parameter."""

    def read(request: Inbound) -> Sequence[bytes]:
        if name not in request.query:
            return ()
        return [value for each, value in query_fields(request.query) if each == name]

    return Place(f"query parameter {name!r}", read, lambda request, value: request.with_parameter(name, value))


def body_place(path: str) -> Place:
    """Return the place of a text or whole number in a JSON body; path: names with dots between them."""
    names = path.split(".")

    def write(request: Inbound, value: str) -> Inbound:
        return request._replace(body=json_bytes.dump(_with(_json(request.body), names, value)))

    return Place(f"body field {path!r}", lambda request: _at(_json(request.body), names), write)


def _json(body: bytes) -> object:
    try:
        return jiter.from_json(body, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError as error:
        raise Rejected(Reason.MALFORMED_PROOF, "the body, which holds the proof, is no JSON") from error


def _at(value: object, names: Sequence[str]) -> Sequence[bytes]:
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return ()
        value = value[name]
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ()
    return (str(value).encode(),)


def _with(value: object, names: Sequence[str], leaf: str) -> object:
    if not names:
        return leaf
    inner = value if isinstance(value, dict) else {}
    return {**inner, names[0]: _with(inner.get(names[0]), names[1:], leaf)}


_KINDS = ("header", "query", "body")


class PlaceSpec(Spec):
    """Exactly one of a header's name, a query parameter's name, and a dotted path into a JSON body."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [kind]} for kind in _KINDS]})

    header: str | None = None
    query: str | None = None
    body: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if [self.header, self.query, self.body].count(None) != len(_KINDS) - 1 or "" in {self.header, self.query}:
            raise ValueError("write exactly one of header, query and body")
        return self

    def place(self) -> Place:
        """Return the place that is meant."""
        if self.header is not None:
            return header_place(self.header)
        return body_place(self.body) if self.body is not None else query_place(self.query or "")
