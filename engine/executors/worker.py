"""Run what others have received: walk as the embedded executor does, rung for by messages and by the own sweep."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from engine.errors import StoreUnavailable
from engine.executors.arrivals import in_portions
from engine.executors.bell import Bell, Lane, Line, open_line
from engine.executors.embedded import Embedded
from engine.path.scope import parsed
from engine.runtime import Engine, Pending
from engine.store import ledger

#: How long a message about events waits where there is no room, so that a worker that has some takes the next ones.
POLITENESS = timedelta(milliseconds=200)


log = structlog.get_logger()


@dataclass(slots=True)
class Worker:
    """The executor of one of many workers: it walks, and rings for runs for which it has no room itself."""

    url: str = field(repr=False)
    threads: int
    room: int
    bell: Bell = field(init=False)
    engine: Engine = field(init=False)
    _walker: Embedded = field(init=False)
    _line: Line = field(init=False)

    def __post_init__(self) -> None:
        self.bell = Bell(self.url)
        self._walker = Embedded(self.threads, self.room, self.bell.spill)

    @property
    def broker_answers(self) -> bool | None:
        """Whether the broker answered last; None before it was asked."""
        return self.bell.broker_answers

    def start(self, engine: Engine) -> None:
        """Begin to work, with what nobody has; raises what :meth:`Bell.start` does."""
        self.engine = engine
        self._line = open_line(engine, self.url)
        self.bell.start(engine)
        self._walker.start(engine)
        log.info("worker.ready", room=self.room)

    def stop(self) -> None:
        """Let tasks under way end for some seconds, and hand back the runs that are left."""
        self._walker.stop()
        self.bell.stop()
        log.info("worker.stopped")

    def accept(self, events: Sequence[Pending]) -> None:
        """Match events that are on disk."""
        self._walker.accept(events)

    def notify(self, run_id: str) -> None:
        """Claim a run and walk it."""
        self._walker.notify(run_id)

    def listen(self) -> None:
        """Hear messages on this thread, the main one, until :meth:`leave`."""
        self._line.listen(self.hear)

    def leave(self) -> None:
        """Stop to listen, within a second; may be called by a handler of a signal."""
        self._line.leave()

    def hear(self, lane: Lane, ids: Sequence[str]) -> None:
        """Do what a message asks for: it may be late, doubled, or about nothing that is there."""
        if lane is Lane.RESUME:
            for run_id in ids:
                self.notify(run_id)
            if not ids:
                self._walker.look()
            return
        with suppress(StoreUnavailable):  # the sweep finds them
            for portion in in_portions(self.engine, ids):
                self._walker.await_room(POLITENESS)
                self.accept(self._pending(portion))

    def _pending(self, ids: Sequence[str]) -> list[Pending]:
        """Return those of the events that are there and not matched, oldest first."""
        self.engine.published.refresh()  # they may have come right after what they are to start was published
        found = self.engine.store.read(ledger.events_of, ids)
        return [Pending(found[id_], parsed(found[id_])) for id_ in sorted(found) if found[id_].matched_at is None]
