"""The store as the rest of Wink holds it: read here, write through the one writer."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from engine.clock import Clock, SystemClock
from engine.errors import SettingsError, StoreUnavailable
from engine.store.checkpoints import Checkpoints
from engine.store.counting import Counting
from engine.store.database import Database, open_database, why
from engine.store.migrate import migrate
from engine.store.presence import Company, Presence
from engine.store.secrets import Cipher, check_key
from engine.store.writer import Item, Operation, Result, Writer

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Store:
    """The database of one process."""

    database: Database
    writer: Writer
    cipher: Cipher
    checkpoints: Checkpoints
    counting: Counting
    #: What tells other processes on PostgreSQL of this one; None on SQLite, and for one that only looks in.
    presence: Presence | None

    @property
    def clock(self) -> Clock:
        """The clock that all processes on the database have; this machine's where there are no others."""
        presence = self.presence
        return SystemClock() if presence is None or presence.company is Company.ALONE else presence.clock

    @property
    def trouble(self) -> str | None:
        """Why nothing may be begun just now: somebody may work on the database who must not beside us; None: no why."""
        return None if self.presence is None else self.presence.trouble

    @property
    def is_shared(self) -> bool:
        """Whether other hosts may work on it too."""
        alone = self.presence is not None and self.presence.company is Company.ALONE
        return self.database.writing.dialect.name != "sqlite" and not alone

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that cannot change the database; on SQLite it sees one state of it.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        try:
            with self.database.reading.connect() as connection:
                yield connection
        except (OperationalError, NoneFree) as error:
            log.error("store.unreadable", error=why(error))
            raise StoreUnavailable("the database does not answer: try again") from error

    def read(
        self, query: Callable[Concatenate[Connection, Arguments], Value], *args: Arguments.args, **kw: Arguments.kwargs
    ) -> Value:
        """Run one query function of this package."""
        with self.reading() as connection:
            return query(connection, *args, **kw)

    def write(
        self, change: Callable[Concatenate[Connection, Arguments], Value], *args: Arguments.args, **kw: Arguments.kwargs
    ) -> Value:
        """Run one change in a transaction and return when it is on disk.

        Raises:
            StoreUnavailable: the database cannot take writes now.
        """
        return self.send(change, *args, **kw).result()

    def send(
        self, change: Callable[Concatenate[Connection, Arguments], Value], *args: Arguments.args, **kw: Arguments.kwargs
    ) -> Future[Value]:
        """Hand in one change and go on; the future ends when it is on disk."""
        return self.writer.submit(_each, partial(_call, change, args, kw))

    def apart(
        self, change: Callable[Concatenate[Connection, Arguments], Value], *args: Arguments.args, **kw: Arguments.kwargs
    ) -> Value:
        """Run one change that takes long in a transaction of its own, beside the writer where there may be two.

        Raises:
            StoreUnavailable: the database cannot take writes now.
        """
        if self.database.writing.dialect.name == "sqlite":
            return self.write(change, *args, **kw)
        try:
            with self.database.writing.begin() as connection:
                return change(connection, *args, **kw)
        except (OperationalError, NoneFree) as error:
            log.warning("store.change_failed", error=why(error))
            raise StoreUnavailable from error

    def submit(self, operation: Operation[Item, Result], item: Item) -> Future[Result]:
        """Hand one item to a write that takes many at once; see :class:`engine.store.writer.Writer`."""
        return self.writer.submit(operation, item)

    def close(self) -> None:
        """Commit what was handed in, and let go of the database."""
        self.counting.close()
        self.writer.close()
        self.checkpoints.close()
        if self.presence is not None:
            self.presence.close()
        self.database.close()


def open_store(address: str, cipher: Cipher, company: Company | None = None, *, works: bool = False) -> Store:
    """Open the database at the address, bring its tables up to date, and start the writer.

    company: with whom it is shared; None: nobody is told of this process, and it minds nobody; works: as a worker.

    Raises:
        AlreadyRunning: somebody works on the database who must not at the same time.
        SettingsError: the database cannot be opened, or was made with another key or by a newer Wink.
    """
    try:
        with ExitStack() as failed:
            database = open_database(address)
            failed.callback(database.close)
            told = company if database.reading.dialect.name == "postgresql" else None
            presence = told and failed.enter_context(closing(Presence(database.reading, told, works=works)))
            migrate(database.writing)
            with database.writing.begin() as connection:
                check_key(connection, cipher)
            failed.pop_all()
    except (OperationalError, OSError) as error:
        said = getattr(error, "orig", error)
        raise SettingsError(f"the database cannot be opened ({said}): see WINK_DATABASE_URL") from error
    checkpoints = Checkpoints(database.reading)
    writer = Writer(database.writing, checkpoints.committed)
    return Store(database, writer, cipher, checkpoints, Counting(writer), presence)


def _call(change: Callable[..., Value], args: Sequence[object], kw: dict[str, object], connection: Connection) -> Value:
    return change(connection, *args, **kw)


def _each(connection: Connection, calls: Sequence[Callable[[Connection], Value]]) -> list[Value]:
    return [call(connection) for call in calls]
