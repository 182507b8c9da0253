"""What a signature covers, from a template such as ``{timestamp}.{body}``, compiled once."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.authentication.places import Place, body_place, header_place, query_place
from engine.authentication.request import Inbound, octets, query_fields
from engine.ids import new_id

#: Takes the request and the timestamp as it was sent.
Part = Callable[[Inbound, bytes], bytes]

_HOLE = re.compile(r"\{([a-z_]+)(?::([^{}]+))?\}")


def _form_sorted(request: Inbound, _: bytes) -> bytes:
    fields = query_fields(request.body.decode("latin-1"))
    return b"".join(octets(name) + value for name, value in sorted(fields))


_WHOLE: dict[str, Part] = {
    "body": lambda request, _: request.body,
    "timestamp": lambda _, timestamp: timestamp,
    "url": lambda request, _: octets(request.url),
    "method": lambda request, _: octets(request.method),
    "path": lambda request, _: octets(request.path),
    "form_sorted": _form_sorted,
}

_PLACES: dict[str, Callable[[str], Place]] = {"header": header_place, "query": query_place, "body": body_place}


@dataclass(frozen=True, slots=True)
class SignedText:
    """The signed text of a scheme."""

    parts: tuple[Part, ...]
    #: The headers that are signed, in lower case.
    headers: tuple[str, ...]

    def render(self, request: Inbound, timestamp: bytes) -> bytes:
        """Return the bytes that the signature must cover; timestamp: as it was sent.

        Raises:
            Rejected: MISSING_PROOF or REPEATED_PROOF, something that is signed is not there once.
        """
        return b"".join([part(request, timestamp) for part in self.parts])

    def filled(self, request: Inbound) -> Inbound:
        """Return the request with a fresh id in each signed header that it lacks: vendors sign their message ids."""
        fresh = {name: (new_id("msg"),) for name in self.headers if name not in request.headers}
        return request._replace(headers={**request.headers, **fresh})


def compile_signed_text(template: str) -> SignedText:
    """Compile a template over ``{body} {timestamp} {url} {method} {path} {form_sorted} {header:x} {query:x} {body:x}``.

    Raises:
        ValueError: a hole is not known, or a brace stands alone.
    """
    parts: list[Part] = []
    end = 0
    for hole in _HOLE.finditer(template):
        parts += [*_constant(template[end : hole.start()]), _hole(hole[1], hole[2])]
        end = hole.end()
    parts += _constant(template[end:])
    headers = tuple(hole[2].lower() for hole in _HOLE.finditer(template) if hole[1] == "header")
    return SignedText(tuple(parts), headers)


def _constant(text: str) -> list[Part]:
    if "{" in text or "}" in text:
        raise ValueError(f"a brace stands alone in {text!r}")
    octets_of_text = text.encode()
    return [lambda _, __: octets_of_text] if text else []


def _hole(name: str, argument: str | None) -> Part:
    if argument is None and name in _WHOLE:
        return _WHOLE[name]
    if argument is not None and name in _PLACES:
        place = _PLACES[name](argument)
        return lambda request, _: place.only(request)
    known = ", ".join([*map("{{{}}}".format, _WHOLE), *map("{{{}:..}}".format, _PLACES)])
    raise ValueError(f"{{{name}}} is nothing that can be signed; there are {known}")
