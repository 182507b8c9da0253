"""Keep connections: set and delete them, test them, and tell which workflows use them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from engine.actions.action import Call
from engine.actions.answer import output_of
from engine.actions.caller import Caller, hidden_of
from engine.actions.client import HttpClient
from engine.actions.declaration import TestDeclaration
from engine.actions.exchange import Request
from engine.actions.outing import call_out
from engine.actions.schemes import GENERIC, declaration_of, declared_connections
from engine.actions.smtp import greet
from engine.actions.url import read_url
from engine.definitions.connection_uses import connection_uses
from engine.errors import ActionFailed, NotFound
from engine.language.expression import compile_expression
from engine.language.yaml12 import load
from engine.path.connection_spec import ConnectionSpec, check
from engine.redact import redact_text
from engine.runtime import Engine
from engine.store import connections, workflows
from engine.store.connections import OpenConnection, StoredConnection
from engine.words import ConnectionScheme

#: How long a test waits for the service.
PATIENCE = timedelta(seconds=10)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tested:
    """What came of a test."""

    #: Whether the credentials were taken; None where the answer does not tell.
    ok: bool | None
    #: HTTP status, None without an answer.
    status: int | None
    #: The same in a sentence.
    message: str
    #: Which address was read; none where nothing was sent.
    url: str | None = field(default=None)


def add(engine: Engine, name: str, spec: ConnectionSpec) -> None:
    """Make a connection.

    Raises:
        Invalid: something cannot be taken so; no value is quoted (422).
        Conflict: there is one of that name; it stays as it is (409).
    """
    row, values = _checked(engine, name, spec)
    engine.store.write(connections.add, engine.store.cipher, row, values)
    _tell_set(engine, row, new=True)


def put(engine: Engine, name: str, spec: ConnectionSpec) -> bool:
    """Set a connection, all values anew; return whether there was none of that name.

    Raises:
        Invalid: something cannot be taken so; no value is quoted (422).
    """
    row, values = _checked(engine, name, spec)
    new = engine.store.write(connections.put, engine.store.cipher, row, values)
    _tell_set(engine, row, new=new)
    return new


def _checked(engine: Engine, name: str, spec: ConnectionSpec) -> tuple[StoredConnection, Mapping[str, str]]:
    checked = check(name, spec, declared_connections(engine.connectors))
    now = engine.clock.now()
    row = StoredConnection(
        name, spec.connector, checked.scheme, checked.base_url, spec.test_path or None, created_at=now, updated_at=now
    )
    return row, checked.values


def _tell_set(engine: Engine, row: StoredConnection, *, new: bool) -> None:
    engine.published.refresh()
    log.info("connection.set", connection=row.name, connector=row.connector, scheme=row.scheme.value, new=new)


def delete(engine: Engine, name: str) -> None:
    """Delete a connection and its values; steps that name it fail from now on.

    Raises:
        NotFound: there is none of that name (404).
    """
    engine.store.write(connections.remove, name)
    engine.published.refresh()
    log.info("connection.deleted", connection=name)


def users_of(engine: Engine) -> Mapping[str, Sequence[str]]:
    """Return the workflows that name each connection, by its name."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in engine.store.read(workflows.all_of):
        if b"connection" in row.text:
            for name in sorted({use.connection for use in connection_uses(load(row.text))}):
                found[name].append(row.name)
    return found


def test(engine: Engine, name: str) -> Tested:
    """Read a harmless address of a connection with its credentials, and say what came back.

    Raises:
        NotFound: there is none of that name, or its values cannot be opened (404).
        TooMany: as many tests as may be are under way (429).
    """
    engine.published.refresh()
    connection = engine.published.connections.get(name)
    if connection is None:
        raise NotFound(f"there is no connection {name!r} that can be opened")
    if connection.scheme is ConnectionScheme.SMTP:
        return _signed_in(engine, connection)
    declared = declared_connections(engine.connectors)
    known = declaration_of(connection.scheme, connection.connector, declared).test
    path = connection.test_path or (known.path if known else None)
    if path is None and connection.connector is not None:
        words = "No harmless address is known for this connector: set the connection with one to test it by."
        return Tested(None, None, words)
    judge = known if known and not connection.test_path else TestDeclaration(path=path or "/")
    address = connection.base_url if path is None else connection.base_url.rstrip("/") + path
    tested = _read(engine, Caller(HttpClient(engine.guard), declared), connection, judge, address)
    log.info("connection.tested", connection=name, ok=tested.ok, status=tested.status)
    return tested


def _signed_in(engine: Engine, connection: OpenConnection) -> Tested:
    """Sign in to a mail server, and send nothing."""
    hidden = hidden_of(connection, GENERIC[connection.scheme])
    try:
        call_out(greet(engine.guard, connection.values, PATIENCE))
    except ActionFailed as error:
        return Tested(ok=False, status=None, message=f"It failed: {redact_text(error.detail, hidden)}.")
    words = "It takes the user name and the password" if connection.values["username"] else "It answers"
    return Tested(ok=True, status=None, message=f"{words}; nothing was sent.")


def _read(engine: Engine, caller: Caller, connection: OpenConnection, known: TestDeclaration, address: str) -> Tested:
    now = engine.clock.now()
    call = Call({}, "test", now, now + PATIENCE, connection)
    try:
        request = Request(known.method, read_url(address), {"accept": "application/json, */*"})
        response = call_out(caller.send(request, call, within=PATIENCE))
    except ActionFailed as error:
        words = f"It failed: {redact_text(error.detail, call.hidden)}."
        return Tested(ok=False, status=None, message=words, url=address)
    answer = output_of(response)
    scope = {"response": {**answer, "json": answer["body"]}}
    if known.failed_when and compile_expression(known.failed_when).evaluate(scope, now) is not False:
        words = f"It answered {response.status}, and says that it refuses the credentials."
        return Tested(ok=False, status=response.status, message=words, url=address)
    ok, words = _judged(response.status)
    return Tested(ok, response.status, f"It answered {response.status}: {words}.", address)


def _judged(status: int) -> tuple[bool | None, str]:
    """Return whether a status tells that the credentials were taken, in words too."""
    if status < 300:
        return True, "the address can be read; whether it needs credentials, only its own documentation tells"
    if status < 400:
        return None, "it redirects, which a test does not follow"
    if status in {401, 403, 407}:
        return False, "it refuses the credentials, or they may not read this address"
    if status in {404, 405}:
        return None, "there is nothing to read at this address, so nobody can tell whether the credentials are taken"
    if status == 429:
        return None, "it takes no further request now; try again later"
    return (None, "the service has trouble of its own") if status >= 500 else (None, "it does not take this request")
