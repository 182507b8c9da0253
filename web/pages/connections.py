"""``/connections``: the credentials that steps call services with. What is typed as a value never comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from engine.actions.declaration import ConnectionDeclaration
from engine.actions.schemes import GENERIC, declared_connections
from engine.errors import Conflict, Invalid, NotFound
from engine.path import connections as keeping
from engine.path.connection_spec import ConnectionSpec
from engine.path.connections import Tested
from engine.runtime import Engine
from engine.store import connections as stored
from engine.store.connections import StoredConnection
from engine.words import ConnectionScheme
from web.context import the_engine
from web.pages.door import page
from web.pages.forms import Errors, field, go, sentence

#: The schemes for any HTTP service: their words and what they are.
SCHEMES: Mapping[ConnectionScheme, tuple[str, str]] = {
    ConnectionScheme.BEARER: ("Bearer token", "A token in the header Authorization."),
    ConnectionScheme.BASIC: ("User name and password", "HTTP Basic, also with a key in place of the name."),
    ConnectionScheme.HEADER: ("Header", "A key in a header of another name, such as X-Api-Key."),
    ConnectionScheme.OAUTH2_CLIENT_CREDENTIALS: (
        "OAuth 2 client credentials",
        "Wink fetches access tokens with a client ID and a client secret.",
    ),
    ConnectionScheme.SMTP: ("Mail server", "For email.send: SMTP with STARTTLS or TLS."),
}

connection_pages = Blueprint("connection_pages", __name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of connection, as the pages offer it."""

    #: A scheme, or the name of a connector.
    key: str
    title: str
    about: str
    connector: str | None
    declaration: ConnectionDeclaration

    @property
    def scheme(self) -> ConnectionScheme | None:
        """The scheme to ask for; None where the connector says it."""
        return None if self.connector else ConnectionScheme(self.key)


@connection_pages.get("/connections")
def show_list() -> Response:
    """List the connections, and who uses them."""
    engine = the_engine()
    used = keeping.users_of(engine)
    found = [(row, _kind_of(engine, row), used.get(row.name, ())) for row in engine.store.read(stored.all_of)]
    return page("connections/list.html", here="Connections", found=found, kinds=_kinds(engine))


@connection_pages.get("/connections/new")
def choose() -> Response:
    """Ask which kind a new connection is, or what it holds."""
    engine = the_engine()
    kind = next((each for each in _kinds(engine) if each.key == request.args.get("kind")), None)
    if kind is None:
        return page("connections/choose.html", here="Connections", kinds=_kinds(engine))
    return _form(kind, {}, {})


@connection_pages.post("/connections/new")
def add() -> Response:
    """Make a connection."""
    engine, name = the_engine(), field("name").strip().lower()
    kind = next((each for each in _kinds(engine) if each.key == field("kind")), None)
    if kind is None:
        raise NotFound("there is no such kind of connection")
    try:
        keeping.add(engine, name, _spec(kind))
    except Conflict as error:
        return _form(kind, {"name": sentence(error)}, _typed(kind), 409)
    except Invalid as error:
        return _form(kind, {error.field: sentence(error)}, _typed(kind), 422)
    return go(f"/connections/{name}")


@connection_pages.get("/connections/<name>")
def show(name: str) -> Response:
    """Show a connection: where it is sent and who uses it."""
    return _connection(name)


@connection_pages.post("/connections/<name>")
def change(name: str) -> Response:
    """Set a connection's values anew, and where they are sent."""
    engine = the_engine()
    kind = _kind_of(engine, engine.store.read(stored.find, name))
    if kind is None:
        raise NotFound("its connector is not there any more: delete the connection, or restore the connector's folder")
    try:
        keeping.put(engine, name, _spec(kind))
    except Invalid as error:
        return _connection(name, 422, errors={error.field: sentence(error)}, typed=_typed(kind))
    return go(f"/connections/{name}")


@connection_pages.post("/connections/<name>/test")
def test(name: str) -> Response:
    """Read a harmless address with it, and say what came back."""
    return _connection(name, tested=keeping.test(the_engine(), name))


@connection_pages.post("/connections/<name>/delete")
def delete(name: str) -> Response:
    """Delete it, with its values."""
    keeping.delete(the_engine(), name)
    return go("/connections")


def _kinds(engine: Engine) -> Sequence[Kind]:
    generic = [Kind(scheme.value, *SCHEMES[scheme], None, one) for scheme, one in GENERIC.items()]
    declared = declared_connections(engine.connectors).items()
    connectors = [(engine.connectors[name].manifest.title, name, one) for name, one in declared]
    return [
        *(Kind(name, title, f"For the actions of {title}.", name, one) for title, name, one in sorted(connectors)),
        *generic,
    ]


def _kind_of(engine: Engine, row: StoredConnection) -> Kind | None:
    key = row.connector or row.scheme.value
    return next((each for each in _kinds(engine) if each.key == key), None)


def _spec(kind: Kind) -> ConnectionSpec:
    return ConnectionSpec(
        connector=kind.connector,
        scheme=kind.scheme,
        base_url=field("base_url").strip() or None,
        test_path=field("test_path").strip() or None,
        values={name: _value(name) for name in kind.declaration.fields_ if _value(name)},
    )


def _value(name: str) -> str:
    """Return what was pasted, without the line break that often comes along."""
    return field(f"value.{name}").strip("\r\n")


def _typed(kind: Kind) -> Mapping[str, str]:
    """Return what goes back into a form: nothing that is a secret."""
    plain = [name for name, one in kind.declaration.fields_.items() if not one.secret]
    return {name: field(name) for name in ("name", "base_url", "test_path", *(f"value.{each}" for each in plain))}


def _form(kind: Kind, errors: Errors, typed: Mapping[str, str], status: int = 200) -> Response:
    return page("connections/new.html", status, here="Connections", kind=kind, errors=_named(errors), typed=typed)


def _connection(
    name: str,
    status: int = 200,
    *,
    errors: Errors | None = None,
    typed: Mapping[str, str] | None = None,
    tested: Tested | None = None,
) -> Response:
    engine = the_engine()
    row = engine.store.read(stored.find, name)
    known = {"base_url": row.base_url, "test_path": row.test_path or ""}
    return page(
        "connections/connection.html",
        status,
        here="Connections",
        row=row,
        kind=_kind_of(engine, row),
        used=keeping.users_of(engine).get(name, ()),
        errors=_named(errors or {}),
        typed=typed or known,
        tested=tested,
    )


def _named(errors: Errors) -> Errors:
    """Return errors by the names that the forms' fields have."""
    return {name.replace("values.", "value.", 1): words for name, words in errors.items()}
