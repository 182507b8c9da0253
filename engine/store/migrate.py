"""Bring the tables up to date, forward only, at every start."""

from datetime import UTC, datetime
from enum import Enum
from functools import cache
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    inspect,
    select,
    text,
)

from engine.errors import SettingsError
from engine.lazy import load
from engine.store import database, partitions
from engine.store.people_tables import users
from engine.store.sealed_tables import sealed
from engine.store.trigger_tables import silences
from engine.store.waiting_tables import signals

FOLDER = Path(__file__).parent / "migrations"

#: Every table: those of ``tables.py``, and of the modules beside it of which one is named here.
(metadata,) = {table.metadata for table in (sealed, signals, silences, users)}

#: Where Alembic keeps which migration was the last.
_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32)),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def migrate(engine: Engine) -> None:
    """Make the tables, or run the migrations that the database lacks, in one transaction.

    Of hosts that start at the same moment, one does it and the others wait. Alembic takes a third of a second to
    import: a start that has nothing to change does without it.

    Raises:
        SettingsError: a newer Wink made this database.
    """
    known = revisions()
    with database.unhurried(engine) as connection, connection.begin():
        _wait_for_turn(connection)
        current = _current(connection)
        if current is None:
            metadata.create_all(connection, checkfirst=False)
            _VERSION.create(connection)
            connection.execute(insert(_VERSION).values(version_num=known[-1]))
        elif current not in known:
            raise SettingsError(f"a newer Wink made this database (at {current}): start that version, or a backup")
        elif current != known[-1]:
            load("engine.store.upgrade:upgrade")(connection)
        partitions.make_soon(connection, datetime.now(UTC))


def _wait_for_turn(connection: Connection) -> None:
    """Let one process at a time bring the tables up to date, which may take long; on SQLite there is but one."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0"))
        database.wait_for_turn(connection, "migrations")


class Tables(Enum):
    """Whose tables a database has, as a Wink sees it that works there."""

    OURS = "ok"
    #: A newer one has come meanwhile. Its migrations leave all there that this one uses: decision 0097.
    NEWER = "newer"
    #: Somebody has put a backup back, or there are none.
    OLDER = "older"


def tables_of(connection: Connection) -> Tables:
    """Tell whether the database has every migration that this Wink knows, and no other."""
    current, known = _current(connection), revisions()
    if current == known[-1]:
        return Tables.OURS
    return Tables.OLDER if current is None or current in known else Tables.NEWER


@cache
def revisions() -> tuple[str, ...]:
    """Return the migrations that this Wink knows, first to last: their files are named by number."""
    return tuple(sorted(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py")))


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.scalar(select(_VERSION.c.version_num))
