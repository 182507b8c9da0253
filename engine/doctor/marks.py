"""What in a request looks like a signature or like a time, wherever it stands."""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from engine.authentication.hmac_scheme import SIZES, Algorithm
from engine.authentication.places import Place, header_place, query_place
from engine.authentication.request import Inbound, query_fields
from engine.authentication.timestamp import HTTP_DATE, ISO_TIME
from engine.clock import parse_time
from engine.errors import Rejected
from engine.redact import REDACTED

#: By bytes of a hash, what makes it.
BY_SIZE: Mapping[int, Algorithm] = {size: name for name, size in SIZES.items()}

#: More places, and longer values, than this are no webhook's.
MOST_PLACES = 100
MOST_MARKS = 64
LONGEST_VALUE = 8192

_HEX = re.compile(
    rb"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{96}|[0-9a-fA-F]{64}|[0-9a-fA-F]{40})(?![0-9A-Za-z])"
)
_BASE64 = re.compile(rb"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{27,172}={0,2}(?![A-Za-z0-9+/_=-])")
_NUMBER = re.compile(rb"(?<![0-9A-Za-z.+/_-])[0-9]{10}(?:[0-9]{3})?(?:[0-9]{3})?(?![0-9A-Za-z+/_-])")

_PER_SECOND = {"s": 1, "ms": 1_000, "microseconds": 1_000_000}


class Mark(NamedTuple):
    """Something in a request; where: its place in words; before: what stands before it in the same value."""

    text: bytes
    where: str
    before: bytes


class Signature(NamedTuple):
    """A mark that has the length of a hash, and the hash that it would be; written: how, in a word or two."""

    mark: Mark
    hashed: bytes
    written: str


def signatures(request: Inbound, expected: Sequence[Place]) -> Mapping[bytes, Signature]:
    """Return what could be signatures, by their hash; what stands in the expected places counts first."""
    found: dict[bytes, Signature] = {}
    for where, value in _values(request, expected):
        for each in _in_value(where, value):
            found.setdefault(each.hashed, each)
        if len(found) >= MOST_MARKS:
            break
    return found


def times(request: Inbound, expected: Sequence[Place]) -> Sequence[Mark]:
    """Return what could be times, each text once; what stands in the expected places counts first."""
    found: dict[bytes, Mark] = {}
    for where, value in _values(request, expected):
        for pattern in (_NUMBER, ISO_TIME, HTTP_DATE):
            for match in pattern.finditer(value):
                found.setdefault(match[0], Mark(match[0], where, value[: match.start()]))
    return list(found.values())


def seconds_of(text: bytes) -> float | None:
    """Return the moment that a text names, in seconds since 1970, whatever its unit; None when it names none."""
    try:
        if text.isdigit() and len(text) <= 16:
            return int(text) / float(_PER_SECOND[unit_of(text)])
        if HTTP_DATE.fullmatch(text):
            return parsedate_to_datetime(text.decode()).timestamp()
        return parse_time(text.decode()).timestamp() if ISO_TIME.fullmatch(text) else None
    except (ValueError, OverflowError):
        return None


def values_at(place: Place, request: Inbound) -> Sequence[bytes]:
    """Return what stands in a place, nothing where it cannot be read."""
    try:
        return place.read(request)
    except Rejected:
        return ()


def _values(request: Inbound, expected: Sequence[Place]) -> Iterator[tuple[str, bytes]]:
    """Yield every value that was kept, with its place in words."""
    for place in [*expected, *_other_places(request, expected)]:
        for value in values_at(place, request):
            if REDACTED.encode() not in value:
                yield place.title, value[:LONGEST_VALUE]


def _other_places(request: Inbound, expected: Sequence[Place]) -> Sequence[Place]:
    try:
        names = dict.fromkeys(name for name, _ in query_fields(request.query))
    except Rejected:
        names = {}
    places = [*map(header_place, request.headers), *map(query_place, names)]
    known = {place.title for place in expected}
    return [place for place in places[:MOST_PLACES] if place.title not in known]


def _in_value(where: str, value: bytes) -> Iterator[Signature]:
    for match in _HEX.finditer(value):
        yield Signature(Mark(match[0], where, value[: match.start()]), bytes.fromhex(match[0].decode()), "hex")
    for match in _BASE64.finditer(value):
        yield from _base64(Mark(match[0], where, value[: match.start()]))


def _base64(mark: Mark) -> Iterator[Signature]:
    bare = mark.text.rstrip(b"=")
    if _HEX.fullmatch(bare) or len(bare) % 4 == 1:
        return
    decoded = b64decode(bare.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(bare) % 4))
    if _HEX.fullmatch(decoded):
        yield Signature(mark, bytes.fromhex(decoded.decode()), "base64 of hex")
    if len(decoded) in BY_SIZE:
        url = b"-" in bare or b"_" in bare
        padded = len(mark.text) % 4 == 0
        yield Signature(mark, decoded, "base64url" if url else "base64" if padded else "base64 without padding")


def unit_of(text: bytes) -> str:
    """Return in what a time is written, in the words of a recipe's ``unit`` where that has one."""
    if not text.isdigit():
        return "iso" if ISO_TIME.fullmatch(text) else "http"
    return "s" if len(text) < 12 else "ms" if len(text) < 15 else "microseconds"
