"""What a signature covers, from a template such as ``{timestamp}.{body}``, compiled once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple
from zlib import crc32

from engine.authentication.places import Place, body_place, form_place, header_place, query_place
from engine.authentication.request import Inbound, octets, query_fields
from engine.errors import Rejected
from engine.ids import new_id
from engine.words import Reason

#: Takes the request and the timestamp as it was sent.
Part = Callable[[Inbound, bytes], bytes]

#: More signed headers than this are no canonical request.
MAX_HEADERS = 64

_HOLE = re.compile(r"\{([a-z_]+)(?::([^{}|]+))?((?:\|[a-z0-9]+)*)\}")
_SECTION = re.compile(r"\[([^\[\]]*)\]")


class Hole(NamedTuple):
    """A hole of a template: ``{name:argument|filter}``."""

    name: str
    argument: str | None
    filters: tuple[str, ...]

    @property
    def binds_body(self) -> bool:
        """Whether no other body makes the same text; a checksum does not: another body has it, too."""
        return self.argument is None and self.name in _BODIES and "crc32" not in self.filters


def _form_sorted(request: Inbound, _: bytes) -> bytes:
    return b"".join(octets(name) + value for name, value in sorted(_form(request)))


def _form_unique(request: Inbound, _: bytes) -> bytes:
    return b"".join(octets(name) + value for name, value in sorted(set(_form(request))))


def _form(request: Inbound) -> list[tuple[str, bytes]]:
    return query_fields(request.body.decode("latin-1"))


def _uri(request: Inbound, _: bytes) -> bytes:
    return b"/" + octets(request.url.partition("://")[2].partition("/")[2])


_WHOLE: dict[str, Part] = {
    "body": lambda request, _: request.body,
    "timestamp": lambda _, timestamp: timestamp,
    "url": lambda request, _: octets(request.url),
    "uri": _uri,
    "method": lambda request, _: octets(request.method),
    "path": lambda request, _: octets(request.path),
    "form_sorted": _form_sorted,
    "form_unique": _form_unique,
}

_BODIES = frozenset({"body", "form_sorted", "form_unique"})

_PLACES: dict[str, Callable[[str], Place]] = {
    "header": header_place,
    "query": query_place,
    "body": body_place,
    "form": form_place,
}

_FILTERS: dict[str, Callable[[bytes], bytes]] = {
    "lower": bytes.lower,
    "sha256": lambda text: sha256(text).hexdigest().encode(),
    "crc32": lambda text: str(crc32(text)).encode(),
}


@dataclass(frozen=True, slots=True)
class SignedText:
    """The signed text of a scheme."""

    parts: tuple[Part, ...]
    #: The signed headers without which there is no text, in lower case.
    headers: tuple[str, ...]
    #: The header, in lower case, that names the signed headers, and the headers that it has to name.
    listing: tuple[str, Sequence[str]] | None
    #: Whether no other body makes the same text.
    binds_body: bool

    def render(self, request: Inbound, timestamp: bytes) -> bytes:
        """Return the bytes that the signature must cover; timestamp: as it was sent.

        Raises:
            Rejected: MISSING_PROOF or REPEATED_PROOF, something that is signed is not there once.
        """
        return b"".join([part(request, timestamp) for part in self.parts])

    def filled(self, request: Inbound) -> Inbound:
        """Return the request with a fresh id in each signed header that it lacks: vendors sign their message ids."""
        fresh = {name: (new_id("msg"),) for name in self.headers if name not in request.headers}
        if self.listing:
            name, listed = self.listing
            fresh[name] = (",".join(sorted({name, *listed})),)
        return request._replace(headers={**request.headers, **fresh})


def compile_signed_text(template: str, listed: Sequence[str] = ()) -> SignedText:
    """Compile a template of text, holes, and ``[sections]`` that are left out when a value within is not there.

    The holes: ``{body} {timestamp} {url} {uri} {method} {path} {form_sorted} {form_unique}``, ``{header:x} {query:x}
    {body:a.b} {form:x}``, and ``{headers:x}``, the headers that header x names; with ``|lower |sha256 |crc32``.

    listed: headers that ``{headers:x}`` has to name.

    Raises:
        ValueError: a hole or a filter is not known, or a brace or bracket stands alone.
    """
    parts: list[Part] = []
    end = 0
    for section in _SECTION.finditer(template):
        parts += [*_parts(template[end : section.start()], listed), _optional(_parts(section[1], listed))]
        end = section.end()
    parts += _parts(template[end:], listed)
    lists = [hole.argument.lower() for hole in holes_of(template) if hole.name == "headers" and hole.argument]
    return SignedText(
        parts=tuple(parts),
        headers=tuple(_named(holes_of(_SECTION.sub("", template)))),
        listing=(lists[0], listed) if lists else None,
        binds_body=any(hole.binds_body for hole in holes_of(_SECTION.sub("", template))),
    )


def holes_of(template: str) -> list[Hole]:
    """Return the holes of a template, in order."""
    return [_hole_of(found) for found in _HOLE.finditer(template)]


def _named(holes: Sequence[Hole]) -> list[str]:
    return [hole.argument.lower() for hole in holes if hole.name == "header" and hole.argument]


def _hole_of(found: re.Match[str]) -> Hole:
    return Hole(found[1], found[2], tuple(found[3].split("|")[1:]))


def _parts(template: str, listed: Sequence[str]) -> list[Part]:
    parts: list[Part] = []
    end = 0
    for found in _HOLE.finditer(template):
        parts += [*_constant(template[end : found.start()]), _filtered(_hole_of(found), listed)]
        end = found.end()
    return [*parts, *_constant(template[end:])]


def _constant(text: str) -> list[Part]:
    if alone := next((sign for sign in "{}[]" if sign in text), None):
        raise ValueError(f"a {'brace' if alone in '{}' else 'bracket'} stands alone in {text!r}")
    octets_of_text = text.encode()
    return [lambda _, __: octets_of_text] if text else []


def _optional(parts: Sequence[Part]) -> Part:
    def part(request: Inbound, timestamp: bytes) -> bytes:
        try:
            return b"".join([part(request, timestamp) for part in parts])
        except Rejected as rejected:
            if rejected.reason is Reason.MISSING_PROOF:
                return b""
            raise

    return part


def _filtered(hole: Hole, listed: Sequence[str]) -> Part:
    part = _part(hole, listed)
    for name in hole.filters:
        if name not in _FILTERS:
            raise ValueError(f"|{name} is no filter; there are {', '.join(_FILTERS)}")
        part = _after(part, _FILTERS[name])
    return part


def _after(part: Part, change: Callable[[bytes], bytes]) -> Part:
    return lambda request, timestamp: change(part(request, timestamp))


def _part(hole: Hole, listed: Sequence[str]) -> Part:
    if hole.argument is None and hole.name in _WHOLE:
        return _WHOLE[hole.name]
    if hole.argument is not None and hole.name in _PLACES:
        place = _PLACES[hole.name](hole.argument)
        return lambda request, _: place.only(request)
    if hole.argument is not None and hole.name == "headers":
        return _named_headers(hole.argument, frozenset(listed))
    known = ", ".join([*map("{{{}}}".format, _WHOLE), *map("{{{}:..}}".format, [*_PLACES, "headers"])])
    raise ValueError(f"{{{hole.name}}} is nothing that can be signed; there are {known}")


def _named_headers(name: str, required: frozenset[str]) -> Part:
    """Return the part ``a:1;b:2`` of the headers that a header names, which are sorted: their order says nothing."""
    listing = header_place(name)

    def part(request: Inbound, _: bytes) -> bytes:
        names = {each.strip().lower() for each in listing.only(request).decode("latin-1").split(",")}
        if len(names) > MAX_HEADERS or not required <= names:
            raise Rejected(Reason.MALFORMED_PROOF, f"the {listing.title} does not name what has to be signed")
        return b";".join(octets(each) + b":" + header_place(each).only(request).strip() for each in sorted(names))

    return part
