"""Move what SQLite's log holds into the database beside the writer, which SQLite itself would keep waiting for it.

Source: https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files
"""

from threading import Event, Thread

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from engine.store import bulk

log = structlog.get_logger()

#: Seconds between a commit and the checkpoint that it causes: enough commits share one, and little is left to the next.
PACE = 0.2


class Checkpoints:
    """Makes checkpoints on a thread of its own, if it is a database that needs them; nobody waits for one.

    While commits follow each other the log never gets empty so. At ``wal_autocheckpoint`` pages the writer moves the
    few that are left, and begins the log anew.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._due, self._closed = Event(), Event()
        self._thread = Thread(target=self._work, name="wink-checkpoints", daemon=True)
        if engine.dialect.name == "sqlite":
            self._thread.start()

    def committed(self) -> None:
        """Say that there is something to move."""
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
            try:
                with self._engine.connect() as connection:
                    bulk.run(connection, "PRAGMA wal_checkpoint(PASSIVE)")
            except SQLAlchemyError as error:
                log.warning("store.checkpoint_failed", error=str(error))
