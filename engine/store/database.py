"""Open SQLite or PostgreSQL so that the rest of the store need not know which it is."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    literal,
    literal_column,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from engine.errors import SettingsError
from engine.lazy import load
from engine.store import bulk
from engine.store.columns import MICROSECOND, Moment

#: How long a write waits for another process that holds the SQLite file before the sender is told to try again.
BUSY_SECONDS = 2.0

#: FULL: a commit is on disk before it is answered. It makes no checkpoint, unless :mod:`engine.store.checkpoints` is
#: held up: the log is twice as long by then. How a file gives back pages is said before it is made. In memory: what
#: undoes one statement of a transaction that goes on. A batch of deliveries would otherwise write a third more, to a
#: file that nobody reads after a crash. Source: https://www.sqlite.org/tempfiles.html#statement_journal_files
#: What sorts or copies much is done by :func:`unhurried`.
_WRITING = (
    "auto_vacuum=INCREMENTAL",
    "journal_mode=WAL",
    "synchronous=FULL",
    "cache_size=-16000",
    "wal_autocheckpoint=16000",
    "temp_store=MEMORY",
)

#: How PostgreSQL ends what hangs, in milliseconds and seconds. A worker that is frozen inside a transaction keeps its
#: locks for less than a lease; a host that is gone keeps its session, and what it holds, for less than that too.
_SESSION = (
    "idle_in_transaction_session_timeout=15000",
    "statement_timeout=15000",
    "lock_timeout=10000",
    "tcp_keepalives_idle=10",
    "tcp_keepalives_interval=5",
    "tcp_keepalives_count=3",
)

#: How this side notices that the server's host is gone: seconds, but for the last.
_REACH: Mapping[str, int] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}

_WANTED = "WINK_DATABASE_URL is not the address of a database: write sqlite:///path or postgresql://user@host/name"

Insert = sqlite.Insert | postgresql.Insert


@dataclass(frozen=True, slots=True)
class Database:
    """Two ways into one database: one connection that writes, and readers that cannot."""

    writing: Engine
    reading: Engine

    def close(self) -> None:
        """Let go of every connection."""
        self.writing.dispose()
        self.reading.dispose()


def open_database(address: str) -> Database:
    """Open the database at the address, ``sqlite:///path`` or ``postgresql://..``.

    SQLite's folder is made, and its file is readable for its owner alone.

    Raises:
        SettingsError: the address is of no database that Wink can use.
    """
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise SettingsError(_WANTED) from error
    if url.get_backend_name() == "sqlite" and url.database:
        return _open_sqlite(url)
    if url.get_backend_name() == "postgresql":
        return _open_postgresql(url.set(drivername="postgresql+psycopg"))
    raise SettingsError(_WANTED)


def place_of(address: str) -> str:
    """Return which database an address names, ``host:port/name``, without what lets one in.

    Raises:
        SettingsError: it is none.
    """
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise SettingsError(_WANTED) from error
    port = "" if url.port is None else f":{url.port}"
    return f"{url.host or url.query.get('host', 'localhost')}{port}/{url.database}"


def _open_postgresql(url: URL) -> Database:
    own = url.query.get("options", "")
    options = " ".join([own if isinstance(own, str) else " ".join(own), *(f"-c {each}" for each in _SESSION)]).strip()
    writes = {**_REACH, "options": options}
    reads = {**_REACH, "options": f"{options} -c default_transaction_read_only=on"}
    try:
        patient = load("engine.store.patient:Patient")
        writing = create_engine(url, pool_size=1, max_overflow=2, connect_args=writes)
        # A transaction would see no more of one state than its statements do, and costs two round trips.
        reading = create_engine(url, pool_size=8, isolation_level="AUTOCOMMIT", connect_args=reads)
    except ImportError as error:
        raise SettingsError("PostgreSQL needs its driver: install Wink with the extra `cluster`") from error
    for engine in (writing, reading):
        event.listen(engine, "do_connect", lambda _, __, args, given: patient.connect(*args, **given))
        event.listen(engine, "checkout", lambda connection, *_: connection.check())
    return Database(writing, reading)


def _open_sqlite(url: URL) -> Database:
    file = Path(url.database or "")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    arguments: dict[str, Any] = {"timeout": BUSY_SECONDS, "check_same_thread": False, "cached_statements": 512}
    writing = create_engine(url, pool_size=1, max_overflow=2, connect_args=arguments)
    reading = create_engine(url, pool_size=8, max_overflow=32, connect_args=arguments)
    _prepare(writing, begin="BEGIN IMMEDIATE", pragmas=_WRITING)
    _prepare(reading, begin="BEGIN", pragmas=("query_only=ON",))
    return Database(writing, reading)


def _prepare(engine: Engine, *, begin: str, pragmas: tuple[str, ...]) -> None:
    """Set each new connection up, and open transactions by our own statement: the driver's own comes too late."""

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        bulk.run(connection, begin)


@contextmanager
def unhurried(engine: Engine) -> Iterator[Connection]:
    """Give a connection for what takes as long, and as much, as the database is large.

    PostgreSQL is waited for as long as it takes. What SQLite puts aside meanwhile is in files, not in memory.
    """
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        _let_take(driver, long=True)
        try:
            yield connection
        finally:
            _let_take(driver, long=False)


def _let_take(driver: Any, *, long: bool) -> None:  # noqa: ANN401 - of either database
    if isinstance(driver, sqlite3.Connection):
        driver.execute(f"PRAGMA temp_store={'FILE' if long else 'MEMORY'}")  # which is refused inside a transaction
    else:
        driver.waits_on = long


def why(error: OperationalError | NoneFree) -> str:
    """Return what the driver says, or that no connection came free in time."""
    return str(error.orig if isinstance(error, OperationalError) else error)


def insert(connection: Connection, table: Table) -> Insert:
    """Return the dialect's own INSERT, which knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def locked(connection: Connection, condition: str) -> str:
    """Return the condition of a SELECT that keeps others from changing what it finds; on SQLite nobody else writes.

    In order, by its first column, so that two processes never wait for each other.
    """
    return condition if connection.dialect.name == "sqlite" else f"{condition} ORDER BY 1 FOR UPDATE"


def unclaimed(connection: Connection, condition: str) -> str:
    """Return the same for one that leaves out what others keep so, and does not wait for them."""
    return condition if connection.dialect.name == "sqlite" else f"{condition} FOR UPDATE SKIP LOCKED"


def wait_for_turn(connection: Connection, name: str) -> None:
    """Have the turn of that name until the transaction ends; wait while another transaction has it.

    For what no constraint settles: tables that are made, a row that is read and then written. On SQLite nobody else
    writes. Source: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    """
    if connection.dialect.name != "sqlite":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def try_turn(connection: Connection, name: str) -> bool:
    """Have the turn likewise if nobody has it, and tell whether: for what need not be done again by another."""
    if connection.dialect.name == "sqlite":
        return True
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))))


def lease_clock(connection: Connection, now: datetime, ahead: timedelta = timedelta()) -> ColumnElement[datetime]:
    """Return the time that leases are measured by, or so far ahead of it.

    It is the database's own where hosts share one: their clocks may differ. On SQLite it is the caller's.
    """
    if connection.dialect.name == "sqlite":
        return literal(now + ahead, Moment)
    return literal_column(f"(extract(epoch from clock_timestamp()) * 1000000)::bigint + {ahead // MICROSECOND}", Moment)
