"""The scheme ``hmac``: a keyed hash over a template of the request, in a header, a parameter or the body."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from engine.authentication.places import Place, PlaceSpec
from engine.authentication.request import Inbound
from engine.authentication.scheme import TIMELESS, Proof, Scheme
from engine.authentication.secret import SecretField, Secrets, SecretSpec
from engine.authentication.signed_text import SignedText, compile_signed_text
from engine.authentication.spec import Spec
from engine.authentication.timestamp import SignedTime, TimestampSpec
from engine.authentication.written import Encoding, Written, compile_written
from engine.errors import Rejected
from engine.words import Reason

Algorithm = Literal["sha1", "sha256", "sha384", "sha512"]

#: More signatures than this in one header are no rotation.
MAX_SIGNATURES = 16


@dataclass(frozen=True, slots=True)
class Signature:
    """Where the signatures stand, and how they are written."""

    place: Place
    #: Empty when the value is one signature and no list.
    separator: bytes
    prefix: bytes
    written: Written

    def elements(self, request: Inbound) -> Sequence[bytes]:
        """Return the parts of the signature's value.

        Raises:
            Rejected: MISSING_PROOF, REPEATED_PROOF.
        """
        value = self.place.only(request)
        return [part.strip(b" ") for part in value.split(self.separator)] if self.separator else (value,)

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
            raise Rejected(Reason.MALFORMED_PROOF, f"{self.place.title} holds {len(found)} signatures of this kind")
        return found


@dataclass(frozen=True, slots=True)
class KeyedHash:
    """A compiled ``hmac``."""

    secret: SecretSpec
    algorithm: Algorithm
    signature: Signature
    text: SignedText
    time: SignedTime | None

    def prove(self, request: Inbound, secrets: Secrets) -> Proof:
        """Return the proof of a request that somebody signed who has a key.

        Raises:
            Rejected: there is no such signature, or its time is not now.
        """
        keys = self.secret.keys(secrets)
        elements = self.signature.elements(request)
        candidates = self.signature.candidates(elements)
        stamp, expires_at = self.time.read(request, elements) if self.time else (b"", None)
        signed = self.text.render(request, stamp)
        if not self._any_match(keys, signed, candidates):
            raise Rejected(Reason.WRONG_PROOF, "the signature is not that of this request with this secret")
        return Proof(hashlib.sha256(signed).digest(), expires_at) if expires_at else TIMELESS

    def sign(self, request: Inbound, secrets: Mapping[str, str]) -> Inbound:
        """Return the request with time and signature."""
        key = self.secret.key(secrets)
        stamp = self.time.write(request.received_at) if self.time else ""
        request = self.text.filled(request)
        if self.time and self.time.header:
            request = self.time.header.write(request, stamp)
        signed = self.text.render(request, stamp.encode())
        return self.signature.place.write(request, self._value(stamp, self._hash(key, signed)))

    def _hash(self, key: bytes, signed: bytes) -> bytes:
        return self.signature.written.write(hmac.digest(key, signed, self.algorithm))

    def _any_match(self, keys: Sequence[bytes], signed: bytes, candidates: Sequence[bytes]) -> bool:
        """Compare every key with every signature, so that the time taken tells nothing about which one matched."""
        matched = False
        for key in keys:
            expected = self._hash(key, signed)
            for candidate in candidates:
                matched |= hmac.compare_digest(expected, candidate)
        return matched

    def _value(self, stamp: str, hashed: bytes) -> str:
        value = (self.signature.prefix + hashed).decode()
        if self.time and self.time.element:
            return f"{self.time.element.decode()}{stamp}{self.signature.separator.decode()}{value}"
        return value


class SignatureSpec(PlaceSpec):
    """Where the signature stands and how it is written."""

    #: What stands before it, such as ``sha256=``; with a list, only elements that start so are signatures.
    prefix: str = ""
    encoding: Encoding = "hex"
    #: What separates the elements of the value, where it is a list.
    separator: str = Field(default="", alias="list")


class HmacSpec(Spec):
    """A keyed hash over parts of the request."""

    scheme: Literal["hmac"]
    secret: SecretField = SecretSpec()
    algorithm: Algorithm = "sha256"
    signature: SignatureSpec
    #: What is hashed: ``{body} {timestamp} {url} {method} {path} {form_sorted} {header:x} {query:x} {body:x}``.
    signs: str = "{body}"
    timestamp: TimestampSpec | None = None
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
        if bool(self.timestamp) != ("{timestamp}" in self.signs):
            raise ValueError("timestamp, and {timestamp} in signs, go together: an unsigned time proves nothing")
        if self.timestamp and self.timestamp.element and not self.signature.separator:
            raise ValueError("a timestamp that is an element needs signature.list, which separates the elements")
        return self

    def compile(self) -> Scheme:
        """Return the scheme."""
        written = compile_written(self.signature.encoding, hmac.new(b"key", b"", self.algorithm).digest_size)
        separator, prefix = self.signature.separator.encode(), self.signature.prefix.encode()
        keyed = KeyedHash(
            secret=self.secret,
            algorithm=self.algorithm,
            signature=Signature(self.signature.place(), separator, prefix, written),
            text=compile_signed_text(self.signs),
            time=self.timestamp.compile() if self.timestamp else None,
        )
        return Scheme((self.scheme,), keyed.prove, keyed.sign, secrets=(self.secret,))
