"""What grows with every event, in partitions by month on PostgreSQL: each has indexes of its own, and goes as a whole.

An identifier begins with the time of its birth, so a month is a range of identifiers, and no statement need know.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import NamedTuple, Self
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Connection, Engine, Table, inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from engine.ids import earliest_id
from engine.store.database import Database, wait_for_turn, why
from engine.store.tables import deliveries, events, journal

#: The tables, with the column that they are parted by and the prefix of its identifiers.
PARTED: dict[Table, tuple[str, str]] = {
    deliveries: ("id", "dlv"),
    events: ("id", "evt"),
    journal: ("run_id", "run"),
}

#: Months that have a partition before they begin, with the one that has begun.
MONTHS = 3

#: How long others may be kept waiting; what does not come about then is tried again a minute later.
LOCK_TIMEOUT = "100ms"

#: Rows of a month that are moved into its partition at most, when that is made: so many of 2 KB took 0.7 s.
STRAYS = 10_000

#: Longer than any month, and shorter than two.
_A_MONTH_ON = timedelta(days=32)

#: The tables about which the planner knows something that is not too old.
_ANALYZED = """
SELECT relname FROM pg_stat_user_tables WHERE last_analyze > now() - interval '1 day'
AND EXISTS (SELECT 1 FROM pg_stats WHERE tablename = relname AND inherited)
"""

#: The partitions of each database that were left out and told of: they are tried again every minute.
_TOLD: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()

log = structlog.get_logger()


class _Ids(NamedTuple):
    """The identifiers of all that is born in a month."""

    column: str
    since: str
    until: str
    #: Whether what is older belongs to them.
    is_first: bool

    @classmethod
    def of(cls, table: Table, month: datetime, *, is_first: bool) -> Self:
        column, prefix = PARTED[table]
        return cls(column, earliest_id(prefix, month), earliest_id(prefix, _after(month)), is_first)

    @property
    def bounds(self) -> str:
        since = "MINVALUE" if self.is_first else f"'{self.since}'"
        return f"FROM ({since}) TO ('{self.until}')"

    @property
    def condition(self) -> str:
        return f"{self.column} >= '{self.since}' AND {self.column} < '{self.until}'"


def make(connection: Connection, now: datetime) -> None:
    """Make the partitions of this month and the next ones that lack; what fits none has one too, and is never refused.

    The first of all takes what is older too. They are attached, because that keeps neither readers nor writers waiting.
    """
    if connection.dialect.name == "sqlite":
        return
    for table in PARTED:
        known, first = partitions(connection, table), _first(connection, table)
        if _rest(table) not in known:
            _attach(connection, table, _rest(table), None)
        for name in (named(table, month) for month in islice(_months(now), MONTHS)):
            if name > first and name not in known:
                _attach(connection, table, name, _Ids.of(table, _month_of(name), is_first=not known))
                known.append(name)


def make_soon(connection: Connection, now: datetime) -> None:
    """Make them likewise, but for those for which others would be kept waiting, and the caller with them.

    Whoever reads all tables for long, as ``pg_dump`` does, keeps a new one from being attached; and whoever waits for
    that keeps away all who come after.
    """
    if connection.dialect.name == "sqlite":
        return
    try:
        with connection.begin_nested():
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            make(connection, now)
    except (IntegrityError, OperationalError) as error:  # a row of a month may come while its partition is made
        log.info("store.partitions_wait", error=str(error.orig))


def tend(database: Database, now: datetime, before: datetime) -> None:
    """Make the partitions that will be needed, and drop those of months that ended before then and hold nothing."""
    if database.writing.dialect.name == "sqlite":
        return
    try:
        for deed in (partial(make, now=now), partial(drop_empty, before=before), analyze):
            with database.writing.begin() as connection:
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
                deed(connection)
    except (OperationalError, NoneFree) as error:
        log.info("store.partitions_wait", error=why(error))


def analyze(connection: Connection) -> None:
    """Gather what the planner has to know of a table as a whole, once a day: autovacuum looks at partitions alone.

    Without it, joins with a table as a whole are planned by guesses.
    Source: https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-STATISTICS
    """
    known = set(connection.scalars(text(_ANALYZED)))
    for table in PARTED:
        if table.name not in known:
            connection.execute(text(f"ANALYZE {table.name}"))


def drop_empty(connection: Connection, before: datetime) -> None:
    """Drop the partitions whose month ended before then and that hold nothing any more.

    Retention takes rows away a portion at a time, and leaves what has not ended; the file goes with its partition.
    """
    for table in PARTED:
        for name in partitions(connection, table)[:-1]:
            if _after(_month_of(name)) <= before and _is_empty(connection, table, name):
                _drop(connection, table, name)


def _drop(connection: Connection, table: Table, name: str) -> None:
    """Drop one, unless it got a row before the lock was had."""
    connection.execute(text(f"LOCK TABLE ONLY {table.name} IN ACCESS EXCLUSIVE MODE"))
    if _is_empty(connection, table, name):
        connection.execute(text(f"DROP TABLE {name}"))
        log.info("store.partition_dropped", name=name)


def partitions(connection: Connection, table: Table) -> list[str]:
    """Return the names of the table's partitions: months, oldest first, and last the one for what fits none."""
    wanted = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:name AS regclass)")
    return sorted(connection.scalars(wanted, {"name": table.name}))


def _first(connection: Connection, table: Table) -> str:
    """Return the name of the partition that has all that is older too; empty where there is none."""
    bound = "strpos(pg_get_expr(relpartbound, oid), 'MINVALUE') > 0"
    wanted = f"SELECT oid::regclass::text FROM pg_class JOIN pg_inherits ON oid = inhrelid WHERE {bound}"  # noqa: S608
    found: str | None = connection.scalar(
        text(f"{wanted} AND inhparent = CAST(:name AS regclass)"), {"name": table.name}
    )
    return found or ""


def named(table: Table, month: datetime) -> str:
    """Return what the table's partition of a month is called."""
    return f"{table.name}_{month:%Y_%m}"


def _month_of(name: str) -> datetime:
    return datetime.strptime(name[-len("2026_01") :], "%Y_%m").replace(tzinfo=UTC)


def _months(now: datetime) -> Iterator[datetime]:
    month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while True:
        yield month
        month = _after(month)


def _after(month: datetime) -> datetime:
    return (month + _A_MONTH_ON).replace(day=1)


def _attach(connection: Connection, table: Table, name: str, ids: _Ids | None) -> None:
    """Make one, unless another process has just done so; ids: of its month, None for the one for what fits none.

    What was born in that month by a clock that was wrong moves into it, unless it is much: then that, and what else
    is born in that month, stays in the partition for what fits none until less of it is left.
    """
    wait_for_turn(connection, "partitions")
    if inspect(connection).has_table(name):
        return
    strays = 0 if ids is None or ids.is_first else _number_of_strays(connection, table, ids)
    if strays > STRAYS:
        _tell_once(connection.engine, name)
        return
    if strays:  # nobody may look for a row of theirs by what he knew of the partitions before
        connection.execute(text(f"LOCK TABLE ONLY {table.name} IN ACCESS EXCLUSIVE MODE"))
    connection.execute(text(f"CREATE TABLE {name} (LIKE {table.name} INCLUDING DEFAULTS)"))
    if strays and ids is not None:
        moved = f"DELETE FROM {_rest(table)} WHERE {ids.condition} RETURNING *"  # noqa: S608 - names of ours
        connection.execute(text(f"WITH moved AS ({moved}) INSERT INTO {name} SELECT * FROM moved"))  # noqa: S608
    bounds = "DEFAULT" if ids is None else f"FOR VALUES {ids.bounds}"
    connection.execute(text(f"ALTER TABLE {table.name} ATTACH PARTITION {name} {bounds}"))


def _tell_once(engine: Engine, name: str) -> None:
    told = _TOLD.setdefault(engine, set())
    if name not in told:
        log.warning("store.partition_left_out", name=name)
    told.add(name)


def _rest(table: Table) -> str:
    return f"{table.name}_default"


def _number_of_strays(connection: Connection, table: Table, ids: _Ids) -> int:
    """Return how many rows of a month are in the partition for what fits none, as far as it matters."""
    some = f"SELECT 1 FROM {_rest(table)} WHERE {ids.condition} LIMIT {STRAYS + 1}"  # noqa: S608 - names of ours
    return connection.scalar(text(f"SELECT count(*) FROM ({some}) strays")) or 0  # noqa: S608


def _is_empty(connection: Connection, table: Table, name: str) -> bool:
    """Tell whether it holds nothing: from its newest row on, which is the last that is forgotten."""
    key, _ = PARTED[table]
    newest = text(f"SELECT 1 FROM {name} ORDER BY {key} DESC LIMIT 1")  # noqa: S608 - names of ours
    return connection.scalar(newest) is None
