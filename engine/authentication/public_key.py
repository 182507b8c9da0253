"""The scheme ``public_key``: a signature that the vendor makes with a private key, and anybody can check."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import model_validator

from engine.authentication.algorithms import ALGORITHMS, Algorithm, PublicKey
from engine.authentication.keys import KeySource, PastedKey, PastedKeyField, PastedKeySpec, PublishedKeysSpec
from engine.authentication.places import Place, PlaceSpec
from engine.authentication.request import Inbound
from engine.authentication.scheme import Proof, Scheme
from engine.authentication.secret import Secrets
from engine.authentication.signature import Presented, Signing, SigningSpec
from engine.errors import Rejected
from engine.words import Reason


@dataclass(frozen=True, slots=True)
class KeySignature:
    """A compiled ``public_key``."""

    source: KeySource
    #: Where the id of the published key stands; None where every published key counts.
    key_id: Place | None
    algorithm: Algorithm
    signing: Signing

    def prove(self, request: Inbound, secrets: Secrets) -> Proof:
        """Return the proof of a request that the vendor's private key signed.

        Raises:
            KeysWanted: its key is not at hand.
            Rejected: there is no such signature, or its time is not now.
        """
        groups = self.signing.presented(request)
        keys = self.source.find(self._key_id(request), secrets)
        for each in groups:
            if any(self._is_signed(each, key) for key in keys):
                return each.proof()
        raise Rejected(Reason.WRONG_PROOF, "the signature is not that of this request with this key")

    def sign(self, request: Inbound, secrets: Mapping[str, str]) -> Inbound:
        """Return the request with time and signature, where a private key is given in place of the public one."""
        key = self.source.private(secrets)
        if self.key_id:
            request = self.key_id.write(request, "1")
        return self.signing.signed(request, lambda text: self.algorithm.sign(key, text))

    def _is_signed(self, presented: Presented, key: PublicKey) -> bool:
        signatures = map(self.signing.signature.written.read, presented.candidates)
        return any(each is not None and self.algorithm.verifies(key, each, presented.signed) for each in signatures)

    def _key_id(self, request: Inbound) -> str | None:
        return self.key_id.only(request).decode("utf-8", "replace") if self.key_id else None


class PublicKeySpec(SigningSpec):
    """A signature over parts of the request, by a private key that the vendor alone has."""

    scheme: Literal["public_key"]
    algorithm: Literal["ed25519", "ecdsa-p256", "rsa-sha256", "rsa-sha1"]
    #: The public key that people paste, unless ``keys`` says where it is published.
    key: PastedKeyField = PastedKeySpec()
    keys: PublishedKeysSpec | None = None
    #: Where the id of the published key stands.
    key_id: PlaceSpec | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.keys and "key" in self.model_fields_set:
            raise ValueError("write key, or keys, and not both")
        if self.key_id and not self.keys:
            raise ValueError("key_id chooses among published keys: write keys, too")
        return self

    def compile(self) -> Scheme:
        """Return the scheme."""
        algorithm = ALGORITHMS[self.algorithm]
        source = (self.keys or self.key).compile((algorithm,))
        key_id = self.key_id.place() if self.key_id else None
        signed = KeySignature(source, key_id, algorithm, self.signing(algorithm.size))
        return Scheme(
            (self.scheme,),
            signed.prove,
            signed.sign,
            secrets=(source,) if isinstance(source, PastedKey) else source.secrets,
            key_documents=() if isinstance(source, PastedKey) else (source,),
            body_is_unsigned=self.body_is_unsigned,
        )
