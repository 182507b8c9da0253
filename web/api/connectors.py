"""``/connectors``: what Wink knows of vendors."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from engine.actions.declaration import read_connection
from engine.definitions.connector import Connector
from engine.errors import NotFound
from engine.runtime import Engine
from web.api.fields import PageQuery, slice_of
from web.context import the_engine

connectors = APIBlueprint("connectors", __name__, url_prefix="/api/v1/connectors")


class TypeOut(BaseModel):
    """A type of event."""

    title: str
    #: Whether a sample of it can be sent with ``POST /triggers/{id}/test``.
    sample: bool


class ActionOut(BaseModel):
    """An action of the connector that steps can use."""

    title: str
    inputs: dict[str, object]


class FieldOut(BaseModel):
    """A value of a connection to the connector."""

    title: str
    #: Whether it must not be seen when it is typed.
    secret: bool
    required: bool
    help: str


class ConnectionKind(BaseModel):
    """What a connection for the connector takes."""

    #: Where the credentials are sent unless the connection says; null: it has to.
    base_url: str | None
    fields: dict[str, FieldOut]


class ConnectorOut(BaseModel):
    """A connector."""

    name: str
    title: str
    category: str
    #: Schemes of each way to authenticate; the first way is the default.
    auth: dict[str, list[str]]
    types: dict[str, TypeOut]
    #: False while a part of it rests on nothing that the vendor published.
    confirmed: bool
    actions: dict[str, ActionOut]
    #: Null where it takes none.
    connection: ConnectionKind | None


class FullConnector(ConnectorOut):
    """A connector with what to click at the vendor, as Markdown."""

    setup: str
    source: str


class ConnectorPage(BaseModel):
    """Connectors by name."""

    items: list[ConnectorOut]
    next: str | None


@connectors.get("")
@connectors.input(PageQuery, location="query")
@connectors.output(ConnectorPage)
def list_connectors(query_data: PageQuery) -> ConnectorPage:
    """List connectors by name."""
    engine = the_engine()
    known = sorted(engine.connectors.values(), key=lambda connector: connector.name)
    page, further = slice_of(known, lambda connector: connector.name, query_data)
    return ConnectorPage(items=[ConnectorOut.model_validate(_fields(engine, one)) for one in page], next=further)


@connectors.get("/<name>")
@connectors.output(FullConnector)
def get(name: str) -> FullConnector:
    """Show a connector."""
    engine = the_engine()
    found = engine.connectors.get(name)
    if found is None:
        raise NotFound(f"there is no connector {name!r}")
    fields = {**_fields(engine, found), "setup": found.setup, "source": found.manifest.source}
    return FullConnector.model_validate(fields)


def _fields(engine: Engine, connector: Connector) -> dict[str, object]:
    manifest = connector.manifest
    actions = {name: action.spec for name, action in engine.actions.items() if name.startswith(f"{connector.name}.")}
    return {
        "name": connector.name,
        "title": manifest.title,
        "category": manifest.category,
        "auth": {name: list(way.kinds) for name, way in connector.ways.items()},
        "types": {
            name: TypeOut(title=kind.title, sample=kind.sample is not None) for name, kind in manifest.types.items()
        },
        "confirmed": manifest.confirmed,
        "connection": _connection_kind(connector),
        "actions": {name: ActionOut(title=spec.title, inputs=dict(spec.inputs)) for name, spec in actions.items()},
    }


def _connection_kind(connector: Connector) -> ConnectionKind | None:
    if connector.connection is None:
        return None
    declaration = read_connection(connector.connection, connector.name)
    fields = {name: FieldOut.model_validate(each, from_attributes=True) for name, each in declaration.fields_.items()}
    return ConnectionKind(base_url=declaration.base_url, fields=fields)
