"""Connections: named credentials for calling a service, sealed as one, and bound to where they may be sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, delete, or_, select, update

from engine.errors import Conflict, NotFound, SettingsError
from engine.store import changes, database
from engine.store.secrets import Cipher
from engine.store.tables import connections
from engine.words import ConnectionScheme

#: A connection's last use is noted this often at most: a write for every step would be too many.
NOTED = timedelta(minutes=1)

log = structlog.get_logger()


class StoredConnection(NamedTuple):
    """A connection without its values."""

    name: str
    connector: str | None
    scheme: ConnectionScheme
    base_url: str
    test_path: str | None
    created_at: datetime
    updated_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """A connection with its values, for the one call that needs them."""

    name: str
    connector: str | None
    scheme: ConnectionScheme
    base_url: str
    test_path: str | None = None
    #: {field: value}; never shown again.
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


_SHOWN = tuple(connections.c[name] for name in StoredConnection._fields)


def add(connection: Connection, cipher: Cipher, row: StoredConnection, values: Mapping[str, str]) -> None:
    """Keep a new connection.

    Raises:
        Conflict: there is one of that name (409).
    """
    statement = database.insert(connection, connections).values(_kept(cipher, row, values)).on_conflict_do_nothing()
    if connection.scalar(statement.returning(connections.c.name)) is None:
        raise Conflict(f"there is a connection {row.name!r} already")
    changes.note(connection)


def put(connection: Connection, cipher: Cipher, row: StoredConnection, values: Mapping[str, str]) -> bool:
    """Keep a connection in place of the one of that name; return whether there was none."""
    known = connection.scalar(select(connections.c.created_at).where(connections.c.name == row.name))
    kept = _kept(cipher, row, values)
    statement = database.insert(connection, connections).values(kept)
    later = {name: value for name, value in kept.items() if name not in {"name", "created_at", "last_used_at"}}
    connection.execute(statement.on_conflict_do_update(index_elements=[connections.c.name], set_=later))
    changes.note(connection)
    return known is None


def find(connection: Connection, name: str) -> StoredConnection:
    """Return the connection of that name.

    Raises:
        NotFound: there is none (404).
    """
    row = connection.execute(select(*_SHOWN).where(connections.c.name == name)).one_or_none()
    if row is None:
        raise NotFound(f"there is no connection {name!r}")
    return StoredConnection(*row)


def all_of(connection: Connection) -> list[StoredConnection]:
    """Return every connection, by name."""
    return [StoredConnection(*row) for row in connection.execute(select(*_SHOWN).order_by(connections.c.name))]


def opened(connection: Connection, cipher: Cipher) -> Mapping[str, OpenConnection]:
    """Return every connection with its values, by name; one that cannot be opened is told in the log and left out."""
    found = {}
    for row in connection.execute(select(*_SHOWN, connections.c.sealed)):
        stored = StoredConnection(*row[:-1])
        try:
            values = json.loads(cipher.open(row.sealed, _place(stored)))
        except SettingsError as error:
            log.error("connection.broken", connection=stored.name, error=str(error))
            continue
        found[stored.name] = OpenConnection(*stored[:5], values=values)
    return found


def use(connection: Connection, name: str, now: datetime) -> None:
    """Note that a connection was used, unless that was noted a short time ago."""
    stale = or_(connections.c.last_used_at.is_(None), connections.c.last_used_at <= now - NOTED)
    connection.execute(update(connections).where(connections.c.name == name, stale).values(last_used_at=now))


def remove(connection: Connection, name: str) -> None:
    """Delete a connection and its values.

    Raises:
        NotFound: there is none of that name (404).
    """
    if not connection.execute(delete(connections).where(connections.c.name == name)).rowcount:
        raise NotFound(f"there is no connection {name!r}")
    changes.note(connection)


def _kept(cipher: Cipher, row: StoredConnection, values: Mapping[str, str]) -> Mapping[str, object]:
    return {**row._asdict(), "sealed": cipher.seal(json.dumps(dict(values)), _place(row))}


def _place(row: StoredConnection) -> str:
    """Return what the values are sealed for: whoever changes where or how they are sent, opens nothing."""
    return f"connections/{row.name}/{row.connector or ''}/{row.scheme}/{row.base_url}"
