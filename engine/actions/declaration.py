"""How a manifest writes its actions and its connection: models that check what was written."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, TypeAdapter

from engine.authentication.spec import Spec, read_spec


class FieldDeclaration(Spec):
    """One value of a connection."""

    title: str
    #: Whether it is shown again once it is stored.
    secret: bool = False


class Sends(Spec):
    """The header that carries the credentials."""

    header: str
    #: Text with fields of the connection in braces: ``Bearer {token}``.
    value: str


class ConnectionDeclaration(Spec):
    """What is needed in order to call the vendor."""

    fields_: dict[str, FieldDeclaration] = Field(alias="fields")
    sends: Sends
    source: str | None = None


class RequestDeclaration(Spec):
    """The request of an action; every value may hold ``${{ }}`` over ``inputs``, the URL behind its host."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    url: str
    headers: dict[str, object] = Field(default_factory=dict)
    query: dict[str, object] = Field(default_factory=dict)
    json_: object = Field(default=None, alias="json")
    form: dict[str, object] = Field(default_factory=dict)

    def content(self) -> Mapping[str, object]:
        """Return those of ``query json form`` that were written."""
        return self.model_dump(by_alias=True, exclude_unset=True, include={"query", "json_", "form"})


class ActionDeclaration(Spec):
    """One action."""

    title: str
    #: JSON Schema of each input; one that must be given also says ``required: true``.
    inputs: dict[str, dict[str, object]] = Field(default_factory=dict)
    request: RequestDeclaration
    #: An expression over ``response`` (``status headers json text``).
    failed_when: str = "response.status >= 300"
    #: Over ``inputs`` and ``response``; without one, what HTTP actions return.
    output: object = None
    effect: Literal["idempotent", "once"] = "idempotent"
    source: str | None = None


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
