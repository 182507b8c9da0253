"""A hash of the body that a signed part of the request holds: so the signature covers the body, too."""

import hashlib
from dataclasses import dataclass
from hmac import compare_digest
from typing import Literal

from engine.authentication.places import Place, PlaceSpec
from engine.authentication.request import Inbound
from engine.authentication.written import Encoding, Written, compile_written
from engine.errors import Rejected
from engine.words import Reason


@dataclass(frozen=True, slots=True)
class BodyHash:
    """A compiled ``body_hash``."""

    place: Place
    algorithm: str
    written: Written

    def check(self, request: Inbound) -> None:
        """Refuse a request whose body is another one.

        Raises:
            Rejected: MISSING_PROOF or REPEATED_PROOF, the hash is not there once; WRONG_PROOF.
        """
        given = self.written.tidy(self.place.only(request))
        if not compare_digest(self._hash(request), given):
            raise Rejected(Reason.WRONG_PROOF, f"the {self.place.title} is not the hash of this body")

    def write(self, request: Inbound) -> Inbound:
        """Return the request with the hash of its body."""
        return self.place.write(request, self._hash(request).decode())

    def _hash(self, request: Inbound) -> bytes:
        return self.written.write(hashlib.new(self.algorithm, request.body).digest())


class BodyHashSpec(PlaceSpec):
    """Where the hash of the body stands, which has to be a part of the request that is signed."""

    algorithm: Literal["sha256", "sha512"] = "sha256"
    encoding: Encoding = "hex"

    def compile(self) -> BodyHash:
        """Return the hash."""
        size = hashlib.new(self.algorithm).digest_size
        return BodyHash(self.place(), self.algorithm, compile_written(self.encoding, size))
