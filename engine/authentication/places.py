"""Where in a request a value stands: a header, a query parameter, a form's field, or a path into a JSON body."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self
from urllib.parse import quote

import jiter
from pydantic import ConfigDict, Field, model_validator

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


def form_place(name: str) -> Place:
    """Return the place of a field of a form."""

    def write(request: Inbound, value: str) -> Inbound:
        others = [field for field in request.body.split(b"&") if field and field.partition(b"=")[0] != name.encode()]
        return request._replace(body=b"&".join([*others, f"{name}={quote(value, safe='')}".encode()]))

    def read(request: Inbound) -> Sequence[bytes]:
        return [value for each, value in query_fields(request.body.decode("latin-1")) if each == name]

    return Place(f"form field {name!r}", read, write)


def body_place(path: str) -> Place:
    """Return the place of a text or whole number in a JSON body; path: names with dots."""
    names = path.split(".")

    def write(request: Inbound, value: str) -> Inbound:
        return request._replace(body=json_bytes.dump(put(read_json(request.body), names, value)))

    return Place(f"body field {path!r}", lambda request: _leaf(read_json(request.body), names), write)


def read_json(body: bytes) -> object:
    """Return the value of a body that holds a proof.

    Raises:
        Rejected: MALFORMED_PROOF, it is no JSON, or gives a name twice.
    """
    try:
        return jiter.from_json(body, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError as error:
        raise Rejected(Reason.MALFORMED_PROOF, "the body, which holds the proof, is no JSON") from error


def find(value: object, names: Sequence[str]) -> object:
    """Return what stands at a path into a JSON value, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def put(value: object, names: Sequence[str], leaf: object) -> object:
    """Return the value with another leaf at the path; digits where a number stood are a number."""
    if not names:
        is_number = type(value) is int and isinstance(leaf, str) and leaf.isdecimal()
        return int(str(leaf)) if is_number else leaf
    inner = value if isinstance(value, dict) else {}
    return {**inner, names[0]: put(inner.get(names[0]), names[1:], leaf)}


def _leaf(value: object, names: Sequence[str]) -> Sequence[bytes]:
    found = find(value, names)
    is_leaf = isinstance(found, str | int) and not isinstance(found, bool)
    return (str(found).encode("utf-8", "surrogatepass"),) if is_leaf else ()


class PlaceSpec(Spec):
    """Exactly one of a header's name, a query parameter's, a form field's, and a dotted path into a JSON body."""

    kinds: ClassVar[tuple[str, ...]] = ("header", "query", "body", "form")
    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [kind]} for kind in kinds]})

    header: str | None = Field(default=None, min_length=1)
    query: str | None = Field(default=None, min_length=1)
    body: str | None = None
    form: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if [getattr(self, kind) for kind in self.kinds].count(None) != len(self.kinds) - 1:
            raise ValueError(f"write exactly one of {', '.join(self.kinds[:-1])} and {self.kinds[-1]}")
        return self

    def place(self) -> Place:
        """Return the place that is meant."""
        if self.header is not None:
            return header_place(self.header)
        if self.form is not None:
            return form_place(self.form)
        return body_place(self.body) if self.body is not None else query_place(self.query or "")
