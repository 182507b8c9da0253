"""How a manifest writes its actions and its connection: models that check what was written."""

import re
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from engine.authentication.spec import Spec, read_spec

#: Where a field of the connection stands in what is sent.
PLACE = re.compile(r"\{(\w+)\}")


class FieldDeclaration(Spec):
    """One value of a connection."""

    title: str
    #: Whether it must be kept out of everything that is recorded.
    secret: bool = False
    #: Whether a connection without it is refused.
    required: bool = True
    help: str = ""
    #: What it can be; empty: any text.
    choices: list[str] = Field(default_factory=list)


class Sends(Spec):
    """Where the credentials stand: in a header, as HTTP Basic, in the JSON body; or they are the address itself."""

    header: str | None = None
    basic: bool = False
    json_: str | None = Field(default=None, alias="json")
    #: Whether they are the whole address; its host is the connection's base URL then.
    url: bool = False
    #: Text with fields of the connection in braces: ``Bearer {token}``; for Basic, what is encoded.
    value: str

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if [self.header is not None, self.basic, self.json_ is not None, self.url].count(True) != 1:
            raise ValueError("write exactly one of header, basic: true, json, url: true")
        return self


class TestDeclaration(Spec):
    """A harmless address that tells whether the credentials are taken."""

    __test__ = False  # no test of pytest's

    method: Literal["GET", "POST"] = "GET"
    #: Below the base URL.
    path: str = Field(pattern="^/")
    #: An expression over ``response``, for services that answer 200 to whoever they refuse.
    failed_when: str | None = None


class ConnectionDeclaration(Spec):
    """What is needed in order to call the vendor."""

    fields_: dict[str, FieldDeclaration] = Field(alias="fields")
    sends: Sends
    #: Where the credentials are sent when the connection names nothing else; None: it has to.
    base_url: str | None = None
    test: TestDeclaration | None = None
    source: str | None = None

    @property
    def names_address(self) -> bool:
        """Whether the values say where they are sent, so that nobody is asked for a base URL."""
        return self.sends.url or "host" in self.fields_

    @model_validator(mode="after")
    def _fields_are_declared(self) -> Self:
        """Refuse a place for a field that nobody can fill in."""
        made = {"access_token"} if "token_url" in self.fields_ else set()
        if strangers := places(self.sends) - set(self.fields_) - made:
            raise ValueError(f"sends: no field is named {', '.join(sorted(strangers))}")
        return self


def places(sends: Sends) -> set[str]:
    """Return the names of the fields that are sent."""
    return set(PLACE.findall(f"{sends.header or ''} {sends.value}"))


class RequestDeclaration(Spec):
    """The request of an action; every value may hold ``${{ }}`` over ``inputs``, the URL behind its host.

    A URL that begins with a slash stands below the base URL of the step's connection.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    url: str
    headers: dict[str, object] = Field(default_factory=dict)
    query: dict[str, object] = Field(default_factory=dict)
    #: A member that is filled in with null is left out: an optional input that was not given.
    json_: object = Field(default=None, alias="json")
    form: dict[str, object] = Field(default_factory=dict)

    def content(self) -> Mapping[str, object]:
        """Return those of ``query json form`` that were written."""
        return self.model_dump(by_alias=True, exclude_unset=True, include={"query", "json_", "form"})


class AnswerDeclaration(Spec):
    """What the vendor answers to the example."""

    status: int = 200
    json_: object = Field(default=None, alias="json")


class ExampleDeclaration(Spec):
    """A use of the action, which the reference shows and the tests run."""

    with_: dict[str, object] = Field(alias="with")
    answer: AnswerDeclaration = AnswerDeclaration()


class ActionDeclaration(Spec):
    """One action."""

    title: str
    #: What the title does not say, in a sentence or two.
    doc: str = ""
    #: JSON Schema of each input; one that must be given also says ``required: true``.
    inputs: dict[str, dict[str, object]] = Field(default_factory=dict)
    request: RequestDeclaration
    #: An expression over ``response`` (``status headers json text``).
    failed_when: str = "response.status >= 300"
    #: Over ``inputs`` and ``response``; without one, what HTTP actions return.
    output: object = None
    effect: Literal["idempotent", "once"] = "idempotent"
    source: str | None = None
    #: An action that ships has one.
    example: ExampleDeclaration | None = None


_ACTION = TypeAdapter(ActionDeclaration)
_CONNECTION = TypeAdapter(ConnectionDeclaration)


def read_action(written: object, where: str) -> ActionDeclaration:
    """Check an entry of a manifest's ``actions``.

    Raises:
        Invalid: with every mistake and its place.
    """
    return read_spec(_ACTION, written, where)


def read_connection(written: object, where: str) -> ConnectionDeclaration:
    """Check a manifest's ``connection``.

    Raises:
        Invalid: with every mistake and its place.
    """
    return read_spec(_CONNECTION, written, where)
