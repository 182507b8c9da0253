"""Signatures: where they stand, how they are written, and what they cover. Keyed hashes and public keys share it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from engine.authentication.body_hash import BodyHash, BodyHashSpec
from engine.authentication.hashing import plain_hash
from engine.authentication.places import Place, PlaceSpec, header_place
from engine.authentication.request import Inbound
from engine.authentication.scheme import TIMELESS, Proof
from engine.authentication.signed_text import SignedText, compile_signed_text, holes_of
from engine.authentication.spec import Spec
from engine.authentication.timestamp import SignedTime, TimestampSpec
from engine.authentication.written import Encoding, Written, compile_written
from engine.errors import Rejected
from engine.words import Reason

#: More signatures than this in one header are no rotation.
MAX_SIGNATURES = 16


@dataclass(frozen=True, slots=True)
class Signature:
    """Where the signatures stand, and how they are written."""

    #: The first is where signing writes.
    places: tuple[Place, ...]
    #: Empty when a place holds one group.
    group_separator: bytes
    #: Empty when the value is one signature and no list.
    separator: bytes
    prefix: bytes
    written: Written

    def groups(self, request: Inbound) -> Sequence[Sequence[bytes]]:
        """Return the parts of each signature's value: what stands in one group has one time.

        Raises:
            Rejected: MISSING_PROOF, REPEATED_PROOF, or MALFORMED_PROOF when there are absurdly many.
        """
        groups = self._values(request)
        if self.group_separator:
            groups = [group for value in groups for group in value.split(self.group_separator)]
        if len(groups) > MAX_SIGNATURES:
            raise self._malformed(len(groups))
        return [self._elements(group) for group in groups]

    def candidates(self, elements: Sequence[bytes]) -> list[bytes]:
        """Return the elements that are signatures of this version.

        Raises:
            Rejected: MALFORMED_PROOF, there is none, one is broken (as by a header that came twice), or there are
                absurdly many.
        """
        bare = [part[len(self.prefix) :] for part in elements if part.startswith(self.prefix)]
        found = [self.written.tidy(part) for part in bare if self.written.form.fullmatch(part)]
        broken = bool(self.prefix) and len(found) < len(bare)
        if broken or not 0 < len(found) <= MAX_SIGNATURES:
            raise self._malformed(len(found))
        return found

    def write(self, request: Inbound, element: bytes, signature: bytes) -> Inbound:
        """Return the request with a signature, behind an element that stands before it if there is one."""
        value = self.prefix + signature
        return self.places[0].write(request, (element + self.separator + value if element else value).decode())

    def _values(self, request: Inbound) -> list[bytes]:
        if len(self.places) == 1:
            return [self.places[0].only(request)]
        there = [place for place in self.places if place.read(request)] or self.places[:1]
        return [place.only(request) for place in there]

    def _elements(self, group: bytes) -> Sequence[bytes]:
        separator = self.separator.strip(b" ") or self.separator
        return [part.strip(b" ") for part in group.split(separator)] if separator else (group,)

    def _malformed(self, count: int) -> Rejected:
        return Rejected(Reason.MALFORMED_PROOF, f"{self.places[0].title} holds {count} signatures of this kind")


class Presented(NamedTuple):
    """What a request presents as its proof: signatures as they are written, and what they have to cover."""

    candidates: Sequence[bytes]
    signed: bytes
    #: From when on the signed time is too old; None where no time is signed.
    expires_at: datetime | None

    def proof(self) -> Proof:
        """Return what is left behind once a signature was found right."""
        return Proof(plain_hash(self.signed), self.expires_at) if self.expires_at else TIMELESS


@dataclass(frozen=True, slots=True)
class Signing:
    """How a vendor signs, but for the key: the signature, what it covers, and the time within that."""

    signature: Signature
    text: SignedText
    time: SignedTime | None
    body_hash: BodyHash | None = None

    def presented(self, request: Inbound) -> Sequence[Presented]:
        """Return what each group of signatures presents, for vendors that send several; one that is right is enough.

        Raises:
            Rejected: of any of them a part is missing, there twice or malformed, or its time is not now.
        """
        groups = self.signature.groups(request)
        if self.body_hash:
            self.body_hash.check(request)
        return [self._presented(request, elements) for elements in groups]

    def _presented(self, request: Inbound, elements: Sequence[bytes]) -> Presented:
        candidates = self.signature.candidates(elements)
        stamp, expires_at = self.time.read(request, elements) if self.time else (b"", None)
        return Presented(candidates, self.text.render(request, stamp), expires_at)

    def signed(self, request: Inbound, sign: Callable[[bytes], bytes]) -> Inbound:
        """Return the request with time and signature; sign: returns the signature of bytes, not written out yet."""
        stamp = self.time.write(request.received_at) if self.time else ""
        if self.body_hash:
            request = self.body_hash.write(request)
        if self.time and self.time.place:
            request = self.time.place.write(request, stamp)
        request = self.text.filled(request)
        signature = self.signature.written.write(sign(self.text.render(request, stamp.encode())))
        element = self.time.element + stamp.encode() if self.time and not self.time.place else b""
        return self.signature.write(request, element, signature)


class SignatureSpec(PlaceSpec):
    """Where the signature stands and how it is written."""

    #: What stands before it, such as ``sha256=``; with a list, only elements that start so are signatures.
    prefix: str = ""
    #: More headers that may hold a signature, as while a key is rotated; one that fits is enough.
    also: list[str] = Field(default_factory=list, max_length=MAX_SIGNATURES)
    encoding: Encoding = "hex"
    #: What separates the elements of the value, where it is a list.
    separator: str = Field(default="", alias="list")
    #: What separates groups of elements, each with a time and signatures of its own.
    groups: str = ""

    def compile(self, written: Written) -> Signature:
        """Return where the signatures stand."""
        return Signature(
            places=(self.place(), *map(header_place, self.also)),
            group_separator=self.groups.encode(),
            separator=self.separator.encode(),
            prefix=self.prefix.encode(),
            written=written,
        )


class SigningSpec(Spec):
    """What every scheme writes that signs parts of the request."""

    signature: SignatureSpec
    #: What is signed: a template, as :func:`engine.authentication.signed_text.compile_signed_text` reads it.
    signs: str = "{body}"
    timestamp: TimestampSpec | None = None
    #: The hash of the body that a signed part of the request holds.
    body_hash: BodyHashSpec | None = None
    #: Why the body is not signed, where it is not; shown wherever the trigger is.
    body_is_unsigned: str | None = Field(default=None, min_length=10)
    source: str | None = None

    @field_validator("signs")
    @classmethod
    def _can_be_compiled(cls, template: str) -> str:
        compile_signed_text(template)
        if "{" not in template:
            raise ValueError("signs names no part of the request: the same signature would prove every one")
        return template

    @model_validator(mode="after")
    def _time_is_signed(self) -> Self:
        if bool(self.timestamp) != self._signs_time():
            raise ValueError("timestamp, and {timestamp} in signs, go together: an unsigned time proves nothing")
        if self.timestamp and self.timestamp.element is not None and not self.signature.separator:
            raise ValueError("a timestamp that is an element needs signature.list, which separates the elements")
        return self

    @model_validator(mode="after")
    def _says_whether_the_body_is_signed(self) -> Self:
        if self.binds_body == bool(self.body_is_unsigned):
            raise ValueError("signs covers the body, or body_is_unsigned says why it does not")
        if self.body_hash and not self._signs_place(self.body_hash):
            raise ValueError("signs does not cover the place of body_hash: another hash could be put there")
        return self

    def signing(self, size: int | None) -> Signing:
        """Return how the vendor signs; size: bytes of a signature, None where they differ."""
        written = compile_written(self.signature.encoding, size)
        return Signing(
            signature=self.signature.compile(written),
            text=compile_signed_text(self.signs, self._listed()),
            time=self.timestamp.compile() if self.timestamp else None,
            body_hash=self.body_hash.compile() if self.body_hash else None,
        )

    @property
    def binds_body(self) -> bool:
        """Whether a changed body needs another signature."""
        return self.body_hash is not None or compile_signed_text(self.signs).binds_body

    def _signs_place(self, place: PlaceSpec) -> bool:
        holes = {(hole.name, hole.argument) for hole in holes_of(self.signs)}
        whole = {("url", None), ("uri", None)} if place.query else set()
        return bool(holes & {("header", place.header), ("query", place.query), *whole})

    def _signs_time(self) -> bool:
        """Return whether the signed text holds the time: itself, within the body, or among the headers it lists."""
        names = {hole.name for hole in holes_of(self.signs)}
        in_body = bool(self.timestamp and (self.timestamp.body or self.timestamp.form) and self.binds_body)
        return "timestamp" in names or in_body or bool("headers" in names and self._listed())

    def _listed(self) -> Sequence[str]:
        return [self.timestamp.header.lower()] if self.timestamp and self.timestamp.header else []
