"""``/connections``: credentials for calling services. Their values go in here, and come out nowhere."""

from typing import Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field, StringConstraints

from engine.path import connections as keeping
from engine.path.connection_spec import LONGEST_VALUE, ConnectionSpec
from engine.store import connections as stored
from engine.store.connections import StoredConnection
from engine.words import ConnectionScheme
from web.api.fields import Given, Moment, Name, PageQuery, Text, slice_of
from web.context import the_engine

connections = APIBlueprint("connections", __name__, url_prefix="/api/v1/connections")

Value = Annotated[str, StringConstraints(max_length=LONGEST_VALUE)]


class ConnectionIn(Given):
    """A connection to set: for a connector, or by a scheme for any HTTP service. All values are given anew."""

    connector: Name | None = None
    #: Left out where a connector says how its credentials are sent.
    scheme: ConnectionScheme | None = None
    #: Where alone the credentials are sent; left out where the connector says.
    base_url: Text | None = None
    #: A harmless address below it, which a test reads.
    test_path: Text | None = None
    values: dict[Name, Value] = Field(default_factory=dict)


class ConnectionOut(BaseModel):
    """A connection, without its values."""

    name: str
    connector: str | None
    scheme: ConnectionScheme
    base_url: str
    test_path: str | None
    created_at: Moment
    updated_at: Moment
    last_used_at: Moment | None


class FullConnection(ConnectionOut):
    """A connection, and the workflows whose steps name it."""

    workflows: list[str]


class ConnectionPage(BaseModel):
    """Connections by name."""

    items: list[ConnectionOut]
    next: str | None


class TestedOut(BaseModel):
    """What came of a test; ``ok`` is null where the answer does not tell."""

    ok: bool | None
    #: HTTP status; null without an answer.
    status: int | None
    message: str
    #: The address that was read.
    url: str | None


@connections.get("")
@connections.input(PageQuery, location="query")
@connections.output(ConnectionPage)
def list_connections(query_data: PageQuery) -> ConnectionPage:
    """List connections by name."""
    page, further = slice_of(the_engine().store.read(stored.all_of), lambda each: each.name, query_data)
    return ConnectionPage(items=[_shown(each) for each in page], next=further)


@connections.get("/<name>")
@connections.output(FullConnection)
def get(name: str) -> FullConnection:
    """Show a connection; its values are shown nowhere."""
    return _full(name)


@connections.put("/<name>")
@connections.input(ConnectionIn)
@connections.output(FullConnection)
@connections.doc(responses={201: "It was new."})
def put(name: str, json_data: ConnectionIn) -> tuple[FullConnection, int]:
    """Set a connection. Its values are kept encrypted, and told to nobody any more."""
    spec = ConnectionSpec(**{field: getattr(json_data, field) for field in ConnectionIn.model_fields})
    new = keeping.put(the_engine(), name, spec)
    return _full(name), 201 if new else 200


@connections.delete("/<name>")
@connections.output({}, status_code=204)
def delete(name: str) -> str:
    """Delete a connection and its values; steps that name it fail from now on."""
    keeping.delete(the_engine(), name)
    return ""


@connections.post("/<name>/test")
@connections.output(TestedOut)
def test(name: str) -> TestedOut:
    """Read a harmless address of the connection with its credentials, and say what came back."""
    return TestedOut.model_validate(keeping.test(the_engine(), name), from_attributes=True)


def _shown(row: StoredConnection) -> ConnectionOut:
    return ConnectionOut.model_validate(row, from_attributes=True)


def _full(name: str) -> FullConnection:
    engine = the_engine()
    shown = _shown(engine.store.read(stored.find, name))
    return FullConnection(**shown.model_dump(), workflows=list(keeping.users_of(engine).get(name, ())))
