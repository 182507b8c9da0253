"""Wake the steps that wait for events, on the executor's loop."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

import structlog

from engine.errors import StoreUnavailable
from engine.executors.loop import Loop
from engine.path import wake
from engine.runtime import Engine
from engine.store import event_waits
from engine.store.rows import EventWait

#: Events, or waits, that one look takes.
ROOM = 200

log = structlog.get_logger()


@dataclass(slots=True)
class Waking:
    """What one process does for waiting steps; all of it on the loop's own thread."""

    loop: Loop
    engine: Engine
    #: Told of each run that a signal has come for.
    notify: Callable[[str], None]
    _events: list[str] = field(init=False, default_factory=list)
    _waits: list[EventWait] = field(init=False, default_factory=list)
    #: Writes that are not on disk yet.
    _under_way: int = field(init=False, default=0)

    @property
    def idle(self) -> bool:
        """Whether there is nothing left to do."""
        return not (self._events or self._waits or self._under_way)

    def ask(self, event_id: str) -> None:
        """Ask the waiting steps about an event that was matched."""
        self._events.append(event_id)

    def begin(self, waits: Iterable[EventWait]) -> None:
        """Look for events that came before these waits were on disk."""
        self._waits.extend(waits)

    def look(self) -> None:
        """Take up what was lost on the way, and waits that nobody is sure to be told of otherwise."""
        if not self.idle:
            return
        try:
            self._events.extend(self.engine.store.read(event_waits.uncorrelated, ROOM))
            before = self.engine.clock.now() - wake.UNAWARE
            self._waits.extend(self.engine.store.read(event_waits.not_looked_back, before, ROOM))
        except StoreUnavailable:
            return

    def flush(self) -> None:
        """Do what has gathered; what the database does not let us, the next look finds again."""
        events, waits = self._events, self._waits
        self._events, self._waits = [], []
        try:
            if events:
                self._write(event_waits.correlate, wake.correlate(self.engine, events))
            if waits:
                self._write(event_waits.look_back, wake.look_back(self.engine, waits))
        except StoreUnavailable:
            return

    def _write(self, operation: Callable[..., list[list[str]]], items: Sequence[object]) -> None:
        if items:
            self._under_way += 1
            future = self.engine.store.send(operation, items)
            future.add_done_callback(lambda ended: self.loop.call(partial(self._written, ended)))

    def _written(self, ended: Future[list[list[str]]]) -> None:
        self._under_way -= 1
        if error := ended.exception():
            if not isinstance(error, StoreUnavailable):  # of which the writer has told
                log.error("waking.write_failed", exc_info=error)
            return
        for run_id in (run_id for runs in ended.result() for run_id in runs):
            log.info("run.signalled", run=run_id)
            self.notify(run_id)
