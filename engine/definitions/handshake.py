"""Handshakes: a vendor asks whether the address is really ours before it sends anything."""

from dataclasses import dataclass
from typing import Literal, Self

from pydantic import model_validator

from engine import json_bytes
from engine.authentication.request import Inbound
from engine.authentication.spec import Spec
from engine.definitions.asking import Asked, compile_asked, scope_of
from engine.definitions.bodies import Bodies
from engine.definitions.reply import JSON_TYPE, TEXT_TYPE, Reply
from engine.errors import Rejected
from engine.language.expression import Expression

#: A longer challenge is none: we repeat nothing but what vendors ask us to.
LONGEST_CHALLENGE = 1_024

#: Where the answer holds the challenge.
Shape = Literal["text", "json", "header"]


@dataclass(frozen=True, slots=True)
class Echo:
    """A compiled ``echo``: the vendor sends a challenge and wants it back."""

    #: Whether the vendor proves this request as it does any other.
    signed: bool
    when: Expression
    challenge: Expression
    shape: Shape
    #: The JSON field, or the header.
    name: str
    bodies: Bodies
    #: The names that the expressions read.
    names: frozenset[str]
    #: The last names of the paths into the body: a body without these bytes is not worth reading.
    fields: tuple[bytes, ...]

    def answer(self, request: Inbound) -> Reply | None:
        """Return the answer to a handshake, or None to any other request."""
        challenge = self._challenge(request)
        if not isinstance(challenge, str) or not 0 < len(challenge) <= LONGEST_CHALLENGE:
            return None
        if self.shape == "json":
            return Reply(200, (JSON_TYPE,), json_bytes.dump({self.name: challenge}))
        if self.shape == "text":
            return Reply(200, (TEXT_TYPE,), challenge.encode())
        return Reply(200, ((self.name, challenge),), b"") if challenge.isascii() and challenge.isprintable() else None

    def _challenge(self, request: Inbound) -> object:
        if not all(field in request.body for field in self.fields):
            return None
        try:
            body = self.bodies.read(request.body, request.first("content-type")) if "body" in self.names else None
        except Rejected:
            return None
        scope = scope_of(request, body, self.names)
        if self.when.evaluate(scope, request.received_at) is not True:
            return None
        return self.challenge.evaluate(scope, request.received_at)


class EchoSpec(Spec):
    """The vendor sends a challenge, and wants it back."""

    kind: Literal["echo"]
    #: Whether the vendor signs this request too: an unsigned handshake is answered before any proof is asked for.
    signed: bool
    #: Which requests are handshakes.
    when: Asked
    #: What to send back.
    challenge: Asked
    reply: Shape = "text"
    #: The JSON field or the header to send it back in.
    name: str = ""
    source: str | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.reply != "text") != bool(self.name):
            raise ValueError("a reply as json or header needs a name; one as text has none")
        return self

    def compile(self, bodies: Bodies) -> Echo:
        """Return the handshake."""
        when, challenge = compile_asked(self.when), compile_asked(self.challenge)
        return Echo(
            signed=self.signed,
            when=when,
            challenge=challenge,
            shape=self.reply,
            name=self.name,
            bodies=bodies,
            names=when.names | challenge.names,
            fields=tuple(str(path[-1]).encode() for path in challenge.paths if path[0] == "body"),
        )
