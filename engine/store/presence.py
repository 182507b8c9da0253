"""One connection to PostgreSQL for as long as a process works there: it keeps those away that must not, and the time.

A lone process takes over at its start what a dead one had; beside others that would tear their runs from them. So it
holds a lock that excludes all others, and they hold it together. The lock ends with the connection, however that ends.
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from enum import Enum
from threading import Event, Thread
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from engine.errors import AlreadyRunning
from engine.store.columns import EPOCH

#: The lock's name among PostgreSQL's advisory locks: "wink" in ASCII. They are of one database each.
LOCK = 0x77696E6B

#: Another, which workers hold together: whoever counts those who hold it knows how many there are.
WORKERS = LOCK + 1

#: Source: https://www.postgresql.org/docs/current/view-pg-locks.html
_WORKERS = """
SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE datname = current_database() AND locktype = 'advisory' AND classid = 0 AND objid = :workers AND granted
"""

#: Seconds for which a start waits for the lock: the server may not have noticed yet that its last holder is dead.
PATIENCE = 3.0

#: Seconds between two looks at the database's clock, and the longest one that is believed.
PACE, SLOW = 5.0, 0.5

#: Seconds between two tries to have the lock again.
PAUSE = 0.5

#: A database's clock that is set back by more than so much takes this process along; by less, time stands still.
STEP = timedelta(seconds=1)

#: What is said of a process that has to take the lock anew.
LOST = "the connection that holds the database's lock was lost"

log = structlog.get_logger()


class Company(Enum):
    """With whom a process shares the database, and what is said to one that would not fit."""

    ALONE = "other Wink processes work on this database: stop them first, or set WINK_BROKER_URL, as they do"
    SHARED = "a Wink without WINK_BROKER_URL works on this database: stop it first, or start it with WINK_BROKER_URL"


class SharedClock:
    """The database's time, which every process of a cluster has, whatever the clock of its host says."""

    def __init__(self, ask: Callable[[], datetime]) -> None:
        """Begin; ask: what the database's clock says now."""
        self._ask = ask
        self._zero = self._last = EPOCH
        self.follow(patiently=True)

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC. Between two looks it runs evenly and never back."""
        found, last = self._zero + timedelta(seconds=monotonic()), self._last
        if last - STEP < found < last:
            return last
        self._last = found
        return found

    def follow(self, *, patiently: bool = False) -> None:
        """Look at the database's clock; an answer that took long says little, and counts only where there is none."""
        begun = monotonic()
        theirs = self._ask()
        ended = monotonic()
        if patiently or ended - begun < SLOW:
            self._zero = theirs - timedelta(seconds=(begun + ended) / 2)


def workers(connection: Connection) -> int:
    """Return how many workers there are: one that is frozen counts, and one whose host is gone for half a minute."""
    return connection.scalar(text(_WORKERS), {"workers": WORKERS}) or 0


class Presence:
    """Holds the lock and follows the time on a thread of its own; a connection that breaks is made anew."""

    def __init__(self, engine: Engine, company: Company, *, works: bool = False) -> None:
        """Take the lock; works: as a worker, which is counted.

        Raises:
            AlreadyRunning: somebody works on the database who must not at the same time.
        """
        self._engine, self.company, self._works = engine, company, works
        self._connection = self._enter()
        #: Why the lock is not held just now; None while it is.
        self.trouble: str | None = None
        self.clock = SharedClock(self._time)
        self._closed = Event()
        self._thread = Thread(target=self._work, name="wink-presence", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let go of the lock."""
        self._closed.set()
        self._thread.join()
        self._leave()

    def _work(self) -> None:
        while not self._closed.wait(PAUSE if self.trouble else PACE):
            try:
                if self.trouble:
                    self._connection = self._enter()
                self.clock.follow()
            except AlreadyRunning as error:
                self._lacks(str(error), error)
            except SQLAlchemyError as error:  # also of a pool that has no connection left
                self._leave()
                self._lacks(LOST, error)
            else:
                if self.trouble:
                    log.info("store.presence_regained")
                self.trouble = None

    def _lacks(self, trouble: str, error: Exception) -> None:
        if trouble != self.trouble:
            log.error("store.presence_lost", error=str(error))
        self.trouble = trouble

    def _enter(self) -> Connection:
        connection = self._engine.connect()
        with ExitStack() as failed:
            failed.callback(_end, connection)
            self._take(connection)
            failed.pop_all()
        return connection

    def _take(self, connection: Connection) -> None:
        take = func.pg_try_advisory_lock if self.company is Company.ALONE else func.pg_try_advisory_lock_shared
        until, pause = monotonic() + PATIENCE, Event()
        while not connection.scalar(select(take(LOCK))):
            if monotonic() >= until:
                raise AlreadyRunning(self.company.value)
            pause.wait(0.1)
        if self._works:
            connection.execute(select(func.pg_advisory_lock_shared(WORKERS)))

    def _leave(self) -> None:
        if not self._connection.closed:  # it could not be made anew
            _end(self._connection)

    def _time(self) -> datetime:
        asked: Any = self._connection.scalar(select(func.clock_timestamp()))
        moment: datetime = asked
        return moment


def _end(connection: Connection) -> None:
    """End a connection with its locks: it goes back to no pool."""
    with suppress(DBAPIError):  # it was broken before
        connection.invalidate()
        connection.close()
