"""Handshakes: a vendor asks whether the address is really ours before it sends anything."""

from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple, Protocol, Self

from pydantic import Field, field_validator, model_validator

from engine import json_bytes
from engine.authentication.request import Inbound
from engine.authentication.secret import Secrets, SecretSpec
from engine.authentication.spec import Spec
from engine.definitions.asking import Asked, compile_asked, scope_of
from engine.definitions.bodies import Bodies
from engine.definitions.reply import JSON_TYPE, TEXT_TYPE, Headers, Reply
from engine.errors import Rejected
from engine.language.expression import Expression
from engine.language.values import Path, Scope

#: A longer challenge is none: we repeat nothing but what vendors ask us to.
LONGEST_CHALLENGE = 1_024

#: Bytes of the longest body that is read for a question: nobody has proved anything yet.
LONGEST_QUESTION = 16_384

#: Text that is sent back must stay text in a browser that somebody lures to the address.
NO_SNIFFING = ("X-Content-Type-Options", "nosniff")

Method = Literal["GET", "HEAD", "OPTIONS", "POST"]

#: Where the answer holds what is sent back.
Shape = Literal["text", "json", "header"]

#: The name of a header in a manifest.
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
#: A value that is sent back as it stands in the manifest.
HeaderValue = Annotated[str, Field(pattern=r"^[ -~]{1,200}$")]


class Brought(NamedTuple):
    """A secret that a vendor brought."""

    name: str
    value: str


class Answer(NamedTuple):
    """What a handshake is answered with, and what follows from it."""

    reply: Reply
    #: For the ledger: what was done, without a secret.
    words: str
    #: Whether the answer is made with a secret: it is given so often an hour and no oftener.
    is_signed: bool = False
    #: A secret of the trigger from now on, if the trigger is open to it: only then the reply is given.
    brought: Brought | None = None
    #: An address of the vendor's to fetch once.
    address: str | None = None


class Handshake(Protocol):
    """A compiled handshake of one kind."""

    @property
    def question(self) -> "Question":
        """Which requests it answers."""
        ...

    @property
    def secrets(self) -> tuple[SecretSpec, ...]:
        """The trigger's secrets that it needs beside those of the proof."""
        ...

    @property
    def hidden(self) -> frozenset[Path]:
        """Where the request holds a secret, which the ledger does not keep."""
        ...

    def answer(self, request: Inbound, secrets: Secrets) -> Answer | None:
        """Return the answer to a handshake, or None to any other request.

        Raises:
            Rejected: it is a handshake, and not to be answered: 401.
        """
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """Which requests are a handshake, and how to look into them."""

    #: Whether the vendor proves this request as it does any other.
    signed: bool
    methods: frozenset[str]
    when: Expression
    bodies: Bodies
    #: The names that the expressions read.
    names: frozenset[str]
    #: The last names of the paths into the body: a body without these bytes is not worth reading.
    fields: tuple[bytes, ...]

    def scope(self, request: Inbound) -> Scope | None:
        """Return what expressions see of a handshake; None of any other request."""
        if request.method not in self.methods or len(request.body) > LONGEST_QUESTION:
            return None
        if not all(field in request.body for field in self.fields):
            return None
        scope = self._seen(request, self.names)
        return scope if scope is not None and self.when.evaluate(scope, request.received_at) is True else None

    def text(self, expression: Expression, request: Inbound) -> str | None:
        """Return the text that an expression finds in a handshake; None where there is none, or of another request."""
        scope = self.scope(request)
        return None if scope is None else text_at(expression, scope, request)

    def look(self, expression: Expression, request: Inbound) -> object:
        """Return what an expression finds in a request of any kind; None where its body cannot be read."""
        scope = self._seen(request, expression.names)
        return None if scope is None else expression.evaluate(scope, request.received_at)

    def _seen(self, request: Inbound, names: frozenset[str]) -> Scope | None:
        try:
            body = self.bodies.read(request.body, request.first("content-type")) if "body" in names else None
        except Rejected:
            return None
        return scope_of(request, body, names)


def text_at(expression: Expression, scope: Scope, request: Inbound) -> str | None:
    """Return the text that an expression finds, or None where it is no text, empty or too long."""
    found = expression.evaluate(scope, request.received_at)
    return found if isinstance(found, str) and 0 < len(found) <= LONGEST_CHALLENGE else None


def fits_header(text: str) -> bool:
    """Return whether the text can be sent back in a header, and adds no other."""
    return text.isascii() and text.isprintable()


class QuestionSpec(Spec):
    """What every handshake says: which requests it is."""

    #: Whether the vendor signs this request too: an unsigned handshake is answered before any proof is asked for.
    signed: bool
    #: By which methods the vendor asks; one that it delivers by no event is taken for nothing else.
    methods: list[Method] = Field(default=["POST"], min_length=1)
    #: Which requests are handshakes.
    when: Asked
    #: Headers of the answer that are always the same.
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    source: str | None = None

    @field_validator("methods")
    @classmethod
    def _once(cls, methods: list[Method]) -> list[Method]:
        if len(set(methods)) < len(methods):
            raise ValueError("a method stands here twice")
        return methods

    @property
    def constant(self) -> Headers:
        """The headers of every answer."""
        return tuple(self.headers.items())

    def question(self, bodies: Bodies, *needed: str) -> Question:
        """Return the compiled question; needed: the expressions without whose value there is nothing to answer."""
        when, others = compile_asked(self.when), [compile_asked(text) for text in needed]
        return Question(
            signed=self.signed,
            methods=frozenset(self.methods),
            when=when,
            bodies=bodies,
            names=when.names.union(*(each.names for each in others)),
            fields=tuple(str(path[-1]).encode() for each in others for path in _needed(each) if path[0] == "body"),
        )


@dataclass(frozen=True, slots=True)
class Back:
    """How a text is sent back."""

    shape: Shape
    #: The JSON field, or the header.
    name: str
    headers: Headers

    def reply(self, text: str, **beside: str) -> Reply | None:
        """Return the reply, or None where a header cannot hold the text; beside: further fields of a JSON object."""
        if self.shape == "json":
            return Reply(200, (JSON_TYPE, *self.headers), json_bytes.dump({**beside, self.name: text}))
        if self.shape == "text":
            return Reply(200, (TEXT_TYPE, NO_SNIFFING, *self.headers), text.encode(errors="replace"))
        return Reply(200, ((self.name, text), *self.headers), b"") if fits_header(text) else None


class BackSpec(QuestionSpec):
    """A handshake that sends a text back."""

    reply: Shape = "text"
    #: The JSON field or the header to send it back in.
    name: str = ""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.reply != "text") != bool(self.name):
            raise ValueError("a reply as json or header needs a name; one as text has none")
        return self

    @property
    def back(self) -> Back:
        """How the text is sent back."""
        return Back(self.reply, self.name, self.constant)


def _needed(expression: Expression) -> frozenset[Path]:
    return expression.paths - expression.optional_paths
