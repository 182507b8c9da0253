"""The handshake ``signed_echo``: a challenge is signed, and nothing that a delivery could carry as its proof."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, model_validator

from engine.authentication.hmac_scheme import Algorithm
from engine.authentication.request import Inbound
from engine.authentication.secret import SecretField, Secrets, SecretSpec
from engine.authentication.written import Encoding, compile_written
from engine.definitions.asking import Asked, compile_asked
from engine.definitions.bodies import Bodies
from engine.definitions.handshake import Answer, Back, BackSpec, Handshake, Question
from engine.language.expression import Expression
from engine.language.values import Path

#: The only challenges that are ever signed: one word, as no body of a delivery is.
_SIGNABLE = re.compile(r"[A-Za-z0-9_+/-]+={0,2}")

_HOLE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs a challenge."""

    secret: SecretSpec
    #: False: a hash without a key, of a text that holds the secret.
    keyed: bool
    algorithm: Algorithm
    encoding: Encoding
    #: A template over ``{challenge} {secret} {url}``.
    signs: str

    def sign(self, challenge: str, request: Inbound, secrets: Secrets) -> str:
        """Return the signature by the newest key.

        Raises:
            Rejected: NO_SECRET.
        """
        key, address = self.secret.keys(secrets)[0], request.url.partition("?")[0]
        parts = {"challenge": challenge.encode(), "secret": key, "url": address.encode()}
        text = b"".join(parts[hole[1]] for hole in _HOLE.finditer(self.signs))
        hashed = hmac.digest(key, text, self.algorithm) if self.keyed else hashlib.new(self.algorithm, text).digest()
        return compile_written(self.encoding, len(hashed)).write(hashed).decode()


@dataclass(frozen=True, slots=True)
class SignedEcho:
    """A compiled ``signed_echo``."""

    question: Question
    challenge: Expression
    #: Characters of the longest challenge.
    longest: int
    signer: Signer
    #: A template over ``{signature}`` and further secrets.
    says: str
    #: Those secrets.
    further: tuple[SecretSpec, ...]
    #: The JSON field that the challenge itself goes back in; empty where it does not.
    also: str
    back: Back
    #: What deliveries sign, where that is not the whole body.
    apart: Expression | None
    hidden: frozenset[Path] = frozenset()

    @property
    def secrets(self) -> tuple[SecretSpec, ...]:
        """The key, and what the answer says beside."""
        return (self.signer.secret, *self.further)

    def answer(self, request: Inbound, secrets: Secrets) -> Answer | None:
        """Return the signature of the challenge, or None to any other request.

        Raises:
            Rejected: NO_SECRET.
        """
        challenge = self.question.text(self.challenge, request)
        if challenge is None or not self._is_signable(challenge):
            return None
        said = {each.name: each.keys(secrets)[0].decode(errors="replace") for each in self.further}
        said["signature"] = self.signer.sign(challenge, request, secrets)
        reply = self.back.reply(_HOLE.sub(lambda hole: said[hole[1]], self.says), **self._beside(challenge))
        return Answer(reply, "the challenge was signed and sent back", is_signed=True) if reply else None

    def may_have_signed(self, request: Inbound) -> bool:
        """Return whether what a delivery's sender signs has the form of a challenge: then anybody could have had it."""
        if self.question.signed:
            return False
        if self._is_signable(request.body.decode("latin-1")):
            return True
        signed = self.question.look(self.apart, request) if self.apart else None
        return isinstance(signed, str) and self._is_signable(signed)

    def _is_signable(self, text: str) -> bool:
        return len(text) <= self.longest and _SIGNABLE.fullmatch(text) is not None

    def _beside(self, challenge: str) -> dict[str, str]:
        return {self.also: challenge} if self.also else {}


class SignedEchoSpec(BackSpec):
    """The vendor sends a challenge, and wants it signed. It is signed only in a form that no delivery has."""

    kind: Literal["signed_echo"]
    challenge: Asked
    #: Characters of the longest challenge: letters, digits, ``+ / - _``, and ``=`` at its end.
    longest: int = Field(default=128, ge=8, le=256)
    secret: SecretField
    #: False: a plain hash, of a text that holds the secret.
    keyed: bool = True
    algorithm: Algorithm = "sha256"
    encoding: Encoding = "hex"
    #: What is hashed, over ``{challenge} {secret} {url}``.
    signs: str = Field(default="{challenge}", pattern=r"^(\{(challenge|secret|url)\})+$")
    #: What is sent back, over ``{signature}`` and the names of ``further``.
    says: str = "{signature}"
    #: Further secrets of the trigger that the answer says.
    further: list[SecretField] = Field(default_factory=list)
    #: The JSON field that holds the challenge itself, where the vendor wants it beside the signature.
    also: str = ""
    #: What deliveries sign, where that is not the whole body: what has the form of a challenge there proves nothing.
    apart: Asked | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if "{challenge}" not in self.signs or ("{secret}" in self.signs) is self.keyed:
            raise ValueError("signs holds the challenge, and the secret exactly where keyed is false")
        if unknown := set(_HOLE.findall(self.says)) - {"signature", *(each.name for each in self.further)}:
            raise ValueError(f"says names {', '.join(sorted(unknown))}, which is no secret under further")
        if self.also and self.reply != "json":
            raise ValueError("also is a field beside another: the reply has to be json")
        return self

    def compile(self, bodies: Bodies) -> Handshake:
        """Return the handshake."""
        return SignedEcho(
            question=self.question(bodies, self.challenge),
            challenge=compile_asked(self.challenge),
            longest=self.longest,
            signer=Signer(self.secret, self.keyed, self.algorithm, self.encoding, self.signs),
            says=self.says,
            further=tuple(self.further),
            also=self.also,
            back=self.back,
            apart=compile_asked(self.apart) if self.apart else None,
        )
