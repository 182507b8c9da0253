"""The one writer of a process: it commits what has gathered, and a caller goes on when its batch is on disk.

Under load many writes share one fsync; a write after a small batch waits for nobody. A batch that fails is undone and
redone member by member, so that one bad row fails alone.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import Any, NamedTuple, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from engine.errors import StoreUnavailable
from engine.store.database import why
from engine.store.written import Written

Item = TypeVar("Item")
Result = TypeVar("Result")

#: A write over many items: it gets them inside one transaction and returns a result for each, in order.
Operation = Callable[[Connection, Sequence[Item]], Sequence[Result]]

#: Items in one transaction: enough to share an fsync, few enough to answer the first within milliseconds.
BATCH = 256

#: After a batch of at least so many the writer pauses, so that as many again come together: fewer commits do the same
#: work. Seconds for each of the batch, and at most. PostgreSQL's commit_delay and commit_siblings are the same idea.
CROWD = 6
PAUSE = 0.000_05
LONGEST_PAUSE = 0.002

#: How much the last batch says of how long the next one takes: one alone may have met with a checkpoint.
LAST = 0.25

#: What PostgreSQL calls a deadlock. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
DEADLOCK = "40P01"

#: Seconds before each further try of what a deadlock broke: at once, it could be there again before the other writer.
PAUSES = (0.01, 0.05, 0.25)

log = structlog.get_logger()


class _Member(NamedTuple):
    operation: Operation[Any, Any]
    item: Any
    future: Future[Any]


class Writer:
    """Takes writes from any thread and commits them in batches on a thread of its own.

    committed: called after each batch of which something is on disk, with the connection; None: that failed since.
    """

    def __init__(self, engine: Engine, committed: Callable[[Connection | None], None] = lambda _: None) -> None:
        self._engine = engine
        self._committed = committed
        self._connection: Connection | None = None
        #: Whether anything of the batch at work is on disk.
        self._wrote = False
        self._closed = False
        #: When the batch at work was begun; None between two. And the seconds that a batch takes.
        self._begun: float | None = None
        self._usual = 0.0
        self._waiting: SimpleQueue[_Member | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="wink-writer", daemon=True)
        self._thread.start()

    def submit(self, operation: Operation[Item, Result], item: Item) -> Future[Result]:
        """Hand in one item of a write; the future ends when it is on disk, or with the reason why it is not.

        The future fails with :class:`StoreUnavailable` when the database cannot take writes now.
        """
        future: Future[Result] = Written()
        self._waiting.put(_Member(operation, item, future))
        if self._closed:
            self._refuse()
        return future

    def delay(self) -> float:
        """Return in how many seconds, as it looks now, a write that is handed in is on disk; any thread may ask."""
        begun = self._begun
        behind = 0.0 if begun is None else monotonic() - begun
        return behind + self._usual * (self._waiting.qsize() / BATCH)

    def close(self) -> None:
        """Commit what was handed in before, then end the thread; what comes later is refused."""
        self._waiting.put(None)
        self._thread.join()
        self._closed = True
        self._refuse()

    def _refuse(self) -> None:
        """End the futures of what came too late: whoever waits for one would wait for ever."""
        with suppress(Empty):
            while True:
                if (late := self._waiting.get_nowait()) is not None:
                    late.future.set_exception(StoreUnavailable())

    def _work(self) -> None:
        batch: list[_Member] = []
        while (first := self._waiting.get()) is not None:
            if len(batch) >= CROWD:
                sleep(min(len(batch) * PAUSE, LONGEST_PAUSE))
            batch = self._gather(first)
            self._begun = monotonic()
            self._wrote = False
            try:
                self._settle(batch)
            except NoneFree as error:
                self._give_up([member for member in batch if not member.future.done()], error)
            if self._wrote:
                self._committed(self._connection)
            self._usual += (monotonic() - self._begun - self._usual) * LAST
            self._begun = None
        if self._connection is not None:
            self._connection.close()

    def _gather(self, first: _Member) -> list[_Member]:
        batch = [first]
        while len(batch) < BATCH:
            try:
                member = self._waiting.get_nowait()
            except Empty:
                break
            if member is None:
                self._waiting.put(None)
                break
            batch.append(member)
        return batch

    def _settle(self, batch: list[_Member]) -> None:
        try:
            results = self._commit(batch)
        except OperationalError as error:
            self._settle_unavailable(batch, error)
        except NoneFree:  # no member alone would get a connection either, and each would wait as long for one
            raise
        except Exception as error:  # noqa: BLE001 - whatever one write raises is its own caller's to see
            self._settle_apart(batch, error)
        else:
            for member, result in zip(batch, results, strict=True):
                member.future.set_result(result)

    def _commit(self, batch: list[_Member]) -> list[object]:
        """Commit a batch, and again where the database broke it for a deadlock: the other writer goes on by then."""
        for pause in PAUSES:
            try:
                return self._commit_once(batch)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != DEADLOCK:
                    raise
                sleep(pause)
        return self._commit_once(batch)

    def _commit_once(self, batch: list[_Member]) -> list[object]:
        places: dict[Operation[Any, Any], list[int]] = {}
        for place, member in enumerate(batch):
            places.setdefault(member.operation, []).append(place)
        results: list[object] = [None] * len(batch)
        with self._connected() as connection, connection.begin():
            for operation, its in places.items():
                answers = operation(connection, [batch[place].item for place in its])
                for place, answer in zip(its, answers, strict=True):
                    results[place] = answer
        self._wrote = True
        return results

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """Keep one connection from batch to batch; one that failed goes back to the pool, which sets it right."""
        connection = self._connection or self._engine.connect()
        self._connection = None
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _settle_apart(self, batch: list[_Member], error: Exception) -> None:
        if len(batch) == 1:
            batch[0].future.set_exception(error)
            return
        for member in batch:
            self._settle([member])

    def _settle_unavailable(self, batch: list[_Member], error: OperationalError) -> None:
        """Tell a row that the database refuses from a database that refuses all: try the first member alone."""
        if len(batch) > 1:
            self._settle(batch[:1])
            if not isinstance(batch[0].future.exception(), StoreUnavailable):
                self._settle(batch[1:])
                return
            batch = batch[1:]
        self._give_up(batch, error)

    def _give_up(self, batch: list[_Member], error: OperationalError | NoneFree) -> None:
        log.error("store.unavailable", writes=len(batch), error=why(error))
        for member in batch:
            member.future.set_exception(StoreUnavailable())
