"""The kinds of handshakes: what is sent back, kept or fetched."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from engine.authentication.request import Inbound
from engine.authentication.secret import SecretField, Secrets, SecretSpec, is_among
from engine.authentication.spec import Spec
from engine.definitions.asking import Asked, compile_asked
from engine.definitions.bodies import Bodies
from engine.definitions.handshake import (
    Answer,
    Back,
    BackSpec,
    Brought,
    Handshake,
    HeaderName,
    Question,
    QuestionSpec,
    fits_header,
    text_at,
)
from engine.definitions.handshake_signed import SignedEchoSpec
from engine.definitions.reply import Reply, ReplySpec
from engine.errors import Rejected
from engine.language.expression import Expression
from engine.language.values import Path, Scope
from engine.words import Reason


class TokenSpec(Spec):
    """A word that was agreed on: only who knows it is answered."""

    secret: SecretField
    #: Where the request holds it.
    given: Asked


@dataclass(frozen=True, slots=True)
class Token:
    """A compiled word that was agreed on."""

    secret: SecretSpec
    given: Expression

    def check(self, scope: Scope, request: Inbound, secrets: Secrets) -> None:
        """Refuse whoever does not know the word.

        Raises:
            Rejected: NO_SECRET, WRONG_PROOF.
        """
        keys, given = self.secret.keys(secrets), (text_at(self.given, scope, request) or "").encode(errors="replace")
        if not is_among(given, keys):
            raise Rejected(Reason.WRONG_PROOF, f"the {self.secret.name!r} of the handshake is not the trigger's")


@dataclass(frozen=True, slots=True)
class Echo:
    """A compiled ``echo``."""

    question: Question
    challenge: Expression
    token: Token | None
    back: Back

    @property
    def secrets(self) -> tuple[SecretSpec, ...]:
        """The word that was agreed on, if there is one."""
        return (self.token.secret,) if self.token else ()

    @property
    def hidden(self) -> frozenset[Path]:
        """Where the word stands."""
        return self.token.given.paths if self.token else frozenset()

    def answer(self, request: Inbound, secrets: Secrets) -> Answer | None:
        """Return the challenge, or None to any other request."""
        scope = self.question.scope(request)
        challenge = None if scope is None else text_at(self.challenge, scope, request)
        if scope is None or challenge is None:
            return None
        if self.token:
            self.token.check(scope, request, secrets)
        reply = self.back.reply(challenge)
        return Answer(reply, "the challenge was sent back") if reply else None


class EchoSpec(BackSpec):
    """The vendor sends a challenge, and wants it back."""

    kind: Literal["echo"]
    #: What to send back.
    challenge: Asked
    #: What the request has to hold beside it, where a word was agreed on.
    token: TokenSpec | None = None

    def compile(self, bodies: Bodies) -> Handshake:
        """Return the handshake."""
        token = Token(self.token.secret, compile_asked(self.token.given)) if self.token else None
        given = [self.token.given] if self.token else []
        question = self.question(bodies, self.challenge, *given)
        return Echo(question, compile_asked(self.challenge), token, self.back)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A compiled ``fixed``."""

    question: Question
    reply: Reply
    secrets: tuple[SecretSpec, ...] = ()
    hidden: frozenset[Path] = frozenset()

    def answer(self, request: Inbound, _: Secrets) -> Answer | None:
        """Return the answer, or None to any other request."""
        return None if self.question.scope(request) is None else Answer(self.reply, "answered as the vendor wants it")


class FixedSpec(QuestionSpec):
    """The vendor asks, and wants to hear the same every time."""

    kind: Literal["fixed"]
    reply: ReplySpec

    def compile(self, bodies: Bodies) -> Handshake:
        """Return the handshake."""
        reply = self.reply.compile()
        return Fixed(self.question(bodies), Reply(reply.status, (*reply.headers, *self.constant), reply.body or b""))


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """A compiled ``kept_secret``."""

    question: Question
    value: Expression
    secret: SecretSpec
    back: Back | None

    @property
    def secrets(self) -> tuple[SecretSpec, ...]:
        """The secret that is kept: the proof needs it too."""
        return (self.secret,)

    @property
    def hidden(self) -> frozenset[Path]:
        """Where the secret stands."""
        return self.value.paths

    def answer(self, request: Inbound, _: Secrets) -> Answer | None:
        """Return the answer that says that the secret is kept, or None to any other request."""
        value = self.question.text(self.value, request)
        if value is None or not fits_header(value) or self.secret.warning(value) is not None:
            return None
        reply = self.back.reply(value) if self.back else Reply(200, (), b"")
        brought = Brought(self.secret.name, value)
        return Answer(reply, f"the {self.secret.name!r} that it brings was kept", brought=brought) if reply else None


class KeptSecretSpec(QuestionSpec):
    """The first request brings the secret that signs all others. It is kept while the trigger is open to it."""

    kind: Literal["kept_secret"]
    #: What the secret is called in a way of the connector.
    secret: SecretField
    #: Where the request holds it.
    value: Asked
    #: The header to send it back in, where the vendor wants that.
    name: HeaderName | None = None
    #: Whether a person has to see it, because it is to be pasted at the vendor.
    shown: bool = False

    @model_validator(mode="after")
    def _comes_unsigned(self) -> Self:
        if self.signed:
            raise ValueError("nothing can prove the request that brings the secret: signed is false")
        return self

    def compile(self, bodies: Bodies) -> Handshake:
        """Return the handshake."""
        back = Back("header", self.name, self.constant) if self.name else None
        return KeptSecret(self.question(bodies, self.value), compile_asked(self.value), self.secret, back)


@dataclass(frozen=True, slots=True)
class ConfirmUrl:
    """A compiled ``confirm_url``."""

    question: Question
    address: Expression
    hosts: tuple[re.Pattern[str], ...]
    secrets: tuple[SecretSpec, ...] = ()
    hidden: frozenset[Path] = frozenset()

    def answer(self, request: Inbound, _: Secrets) -> Answer | None:
        """Return the answer that says what is fetched, or None to any other request.

        Raises:
            Rejected: WRONG_PROOF, the address is not the vendor's.
        """
        address = self.question.text(self.address, request)
        if address is None:
            return None
        host = self._host(address)
        if host is None:
            raise Rejected(Reason.WRONG_PROOF, "the address that it wants to have fetched is not the vendor's")
        return Answer(Reply(200, (), b""), f"it is confirmed at {host}: the log says how that went", address=address)

    def _host(self, address: str) -> str | None:
        """Return the host of an address of the vendor's; None of any other."""
        if not address.isascii() or not address.isprintable() or "\\" in address:
            return None
        try:
            parts = urlsplit(address)
            plain = parts.scheme == "https" and parts.port in {None, 443} and "@" not in parts.netloc
        except ValueError:
            return None
        host = parts.hostname or ""
        return host if plain and any(form.fullmatch(host) for form in self.hosts) else None


#: A host as a pattern: ``*`` stands for one part of the name.
Host = Annotated[str, Field(pattern=r"^([a-z0-9-]+|[a-z0-9-]*\*[a-z0-9-]*)(\.([a-z0-9-]+|\*))*(\.[a-z0-9-]+){2}$")]


class ConfirmUrlSpec(QuestionSpec):
    """The vendor wants an address of its own to be fetched, once, and only after the proof."""

    kind: Literal["confirm_url"]
    #: Where the request holds the address.
    address: Asked
    #: The vendor's own hosts; ``*`` stands for one part of a name.
    hosts: list[Host] = Field(min_length=1)

    @model_validator(mode="after")
    def _comes_signed(self) -> Self:
        if not self.signed:
            raise ValueError("an address is fetched for nobody who has not proved anything: signed is true")
        return self

    def compile(self, bodies: Bodies) -> Handshake:
        """Return the handshake."""
        hosts = tuple(re.compile(re.escape(host).replace(r"\*", "[a-z0-9-]+")) for host in self.hosts)
        return ConfirmUrl(self.question(bodies, self.address), compile_asked(self.address), hosts)


HandshakeSpec = Annotated[
    EchoSpec | FixedSpec | SignedEchoSpec | KeptSecretSpec | ConfirmUrlSpec, Field(discriminator="kind")
]
