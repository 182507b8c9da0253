"""``/connectors``: what Wink knows of vendors."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from engine.actions.schemes import declared_connections
from engine.clock import format_duration
from engine.definitions.connector import Connector
from engine.definitions.manifest import Category, Limits
from engine.errors import NotFound
from engine.runtime import Engine
from web.api.fields import PageQuery, Text, slice_of
from web.catalogue import Search
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


class ConfirmedBy(BaseModel):
    """What shows that the proof is right: one of the two."""

    #: Where the vendor publishes a signed request.
    vector: str | None
    #: The vendor's own package.
    package: str | None


class LimitsOut(BaseModel):
    """How the vendor treats an address that does not answer well; null and empty: not known."""

    answer_within: str | None
    #: How long it waits before each further attempt.
    retries: list[str]
    #: How many attempts there are in all, where they are more than those whose waits are known.
    attempts: int | None
    #: Whether it sends nothing more to the address after the last attempt, until a person turns it on again.
    disables: bool
    gives_up: str | None


class ConnectorOut(BaseModel):
    """A connector."""

    name: str
    title: str
    category: str
    #: Schemes of each way to authenticate; the first way is the default.
    auth: dict[str, list[str]]
    types: dict[str, TypeOut]
    #: Whether a published vector, or the vendor's own package, was seen to pass.
    confirmed: bool
    confirmed_by: list[ConfirmedBy]
    limits: LimitsOut
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


class ConnectorQuery(PageQuery):
    """Which connectors; all that is given has to fit."""

    #: Words, each of which stands in the name, the title, the category or a type of event.
    q: Text = ""
    category: Category | None = None
    confirmed: bool | None = None


@connectors.get("")
@connectors.input(ConnectorQuery, location="query")
@connectors.output(ConnectorPage)
def list_connectors(query_data: ConnectorQuery) -> ConnectorPage:
    """List connectors by name."""
    engine = the_engine()
    search = Search(query_data.q, query_data.category or "", query_data.confirmed)
    found = (each for each in engine.connectors.values() if search.fits(each.manifest))
    known = sorted(found, key=lambda connector: connector.name)
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
    actions = {name: engine.actions[name].spec for name in connector.actions if name in engine.actions}
    return {
        "name": connector.name,
        "title": manifest.title,
        "category": manifest.category,
        "auth": {name: list(way.kinds) for name, way in connector.ways.items()},
        "types": {
            name: TypeOut(title=kind.title, sample=kind.sample is not None) for name, kind in manifest.types.items()
        },
        "confirmed": manifest.confirmed,
        "confirmed_by": [ConfirmedBy(vector=each.vector, package=each.package) for each in manifest.confirmed_by],
        "limits": _limits(manifest.limits),
        "connection": _connection_kind(engine, connector),
        "actions": {name: ActionOut(title=spec.title, inputs=dict(spec.inputs)) for name, spec in actions.items()},
    }


def _limits(limits: Limits) -> LimitsOut:
    return LimitsOut(
        answer_within=format_duration(limits.answer_within) if limits.answer_within else None,
        retries=[format_duration(each) for each in limits.retries],
        attempts=limits.attempts,
        disables=limits.disables,
        gives_up=limits.gives_up,
    )


def _connection_kind(engine: Engine, connector: Connector) -> ConnectionKind | None:
    declaration = declared_connections(engine.connectors).get(connector.name)
    if declaration is None:
        return None
    fields = {name: FieldOut.model_validate(each, from_attributes=True) for name, each in declaration.fields_.items()}
    return ConnectionKind(base_url=declaration.base_url, fields=fields)
