"""Move what SQLite's log holds into the database beside the writer, which SQLite itself would keep waiting for it.

Source: https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from engine.store import bulk

log = structlog.get_logger()

#: Seconds between a commit and the checkpoint that it causes: enough commits share one, and little is left to the next.
PACE = 0.2

#: Pages, of 4 KiB, from which the log is begun anew.
LONG = 8000

#: Pages left in it of which the writer moves fewer itself: so many come within some milliseconds.
LITTLE = 500


class Checkpoints:
    """Makes checkpoints on a thread of its own, if it is a database that needs them; for those nobody waits.

    While commits follow each other the log never gets empty so, and only an empty one is begun anew. The writer moves
    what is left of a long one, between two batches, and the next batch waits for it: so only when it is little. What
    a reader is in the way of is much, and is left to the thread.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._due, self._closed = Event(), Event()
        #: Whether the log is long, and little of it is left to move.
        self._nearly = False
        self._thread = Thread(target=self._work, name="wink-checkpoints", daemon=True)
        if engine.dialect.name == "sqlite":
            self._thread.start()

    def committed(self, connection: Connection | None) -> None:
        """Say that there is something to move; called by the writer between two batches, with its connection if any."""
        if self._nearly and connection is not None:
            self._nearly = False
            with _failures_told():
                _move(connection)
        if not self._due.is_set():
            self._due.set()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._due.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while self._due.wait() and not self._closed.wait(PACE):
            self._due.clear()
            if self._closed.is_set():  # it may have been said before the other was cleared, and it is said once
                return
            with _failures_told(), self._engine.connect() as connection:
                if _move(connection)[0] >= LONG:
                    pages, left = _move(connection)  # what came meanwhile
                    self._nearly = pages >= LONG and left < LITTLE


def _move(connection: Connection) -> tuple[int, int]:
    """Move what no reader is in the way of, and return how many pages the log has, and how many of them are left."""
    _, pages, moved = bulk.run(connection, "PRAGMA wal_checkpoint(PASSIVE)")
    return int(pages), int(pages) - int(moved)


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        log.warning("store.checkpoint_failed", error=str(error))
