"""A mark that changes with every trigger and workflow, so that each process knows when to compile them anew."""

from sqlalchemy import Connection, select

from engine.ids import new_id
from engine.store import database
from engine.store.tables import marks

NAME = "changes"


def note(connection: Connection) -> None:
    """Say that a trigger or a workflow changed."""
    put(connection, NAME, new_id("chg").encode())


def latest(connection: Connection) -> bytes:
    """Return the mark of the last change; empty before the first."""
    return get(connection, NAME) or b""


def put(connection: Connection, name: str, value: bytes) -> None:
    """Set a mark."""
    statement = database.insert(connection, marks).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=[marks.c.name], set_={"value": value}))


def get(connection: Connection, name: str) -> bytes | None:
    """Return a mark; None when it was never set."""
    value = connection.scalar(select(marks.c.value).where(marks.c.name == name))
    return None if value is None else bytes(value)
