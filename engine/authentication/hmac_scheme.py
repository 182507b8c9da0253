"""The scheme ``hmac``: a keyed hash over a template of the request, in a header, a parameter or the body."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self, get_args

from pydantic import model_validator

from engine.authentication.each import per_item
from engine.authentication.hashing import keyed_hash
from engine.authentication.request import Inbound
from engine.authentication.scheme import Proof, Scheme
from engine.authentication.secret import SecretField, Secrets, SecretSpec, is_among
from engine.authentication.signature import Presented, Signing, SigningSpec
from engine.errors import Rejected
from engine.words import Reason

Algorithm = Literal["sha1", "sha256", "sha384", "sha512"]

#: Bytes of a hash.
SIZES: Mapping[Algorithm, int] = {name: hashlib.new(name).digest_size for name in get_args(Algorithm)}

#: How key and text become one hash.
Construction = Literal["hmac", "secret_first"]

#: Takes a key, what is signed, and the name of a hash.
KeyedDigest = Callable[[bytes, bytes, str], bytes]


@dataclass(frozen=True, slots=True)
class KeyedHash:
    """A compiled ``hmac``."""

    secret: SecretSpec
    algorithm: Algorithm
    digest: KeyedDigest
    signing: Signing

    def prove(self, request: Inbound, secrets: Secrets) -> Proof:
        """Return the proof of a request that somebody signed who has a key.

        Raises:
            Rejected: there is no such signature, or its time is not now.
        """
        keys = self.secret.keys(secrets)
        proofs = [each.proof() for each in self.signing.presented(request) if self._any_match(keys, each)]
        if not proofs:
            raise Rejected(Reason.WRONG_PROOF, "the signature is not that of this request with this secret")
        return proofs[0]

    def sign(self, request: Inbound, secrets: Mapping[str, str]) -> Inbound:
        """Return the request with time and signature."""
        key = self.secret.key(secrets)
        return self.signing.signed(request, lambda text: self.digest(key, text, self.algorithm))

    def _any_match(self, keys: Sequence[bytes], presented: Presented) -> bool:
        """Compare every key with every signature, so that the time taken tells nothing about which one matched."""
        write = self.signing.signature.written.write
        expected = [write(self.digest(key, presented.signed, self.algorithm)) for key in keys]
        matches = [is_among(candidate, expected) for candidate in presented.candidates]
        return any(matches)


def _secret_first(key: bytes, signed: bytes, algorithm: str) -> bytes:
    """Hash key and text as one: who has a signature can append to the text, where a body may hold any bytes.

    Source: https://en.wikipedia.org/wiki/Length_extension_attack
    """
    return hashlib.new(algorithm, key + signed).digest()


#: By construction.
DIGESTS: Mapping[Construction, KeyedDigest] = {"hmac": keyed_hash, "secret_first": _secret_first}


class HmacSpec(SigningSpec):
    """A keyed hash over parts of the request."""

    scheme: Literal["hmac"]
    secret: SecretField = SecretSpec()
    algorithm: Algorithm = "sha256"
    #: ``secret_first`` is no HMAC: the plain hash of secret and text. Only where the vendor has nothing better.
    construction: Construction = "hmac"
    #: The path of the list in a JSON body whose items each hold a signature; paths then start at the item.
    each: str | None = None

    @model_validator(mode="after")
    def _items_hold_what_is_signed(self) -> Self:
        if self.each is not None and (self.binds_body or self.timestamp or not self.signature.body):
            raise ValueError("with each, signature and signs are of paths into the item, and there is no timestamp")
        return self

    def compile(self) -> Scheme:
        """Return the scheme."""
        keyed = KeyedHash(
            secret=self.secret,
            algorithm=self.algorithm,
            digest=DIGESTS[self.construction],
            signing=self.signing(SIZES[self.algorithm]),
        )
        scheme = Scheme(
            (self.scheme,),
            keyed.prove,
            keyed.sign,
            secrets=(self.secret,),
            body_is_unsigned=self.body_is_unsigned,
        )
        return scheme if self.each is None else per_item(scheme, self.each)
