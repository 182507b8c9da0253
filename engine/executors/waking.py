"""Wake the steps that wait for events, on the executor's loop."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

import structlog

from engine.errors import StoreUnavailable
from engine.executors.loop import Loop, failed
from engine.path import wake
from engine.runtime import Engine
from engine.store import event_waits
from engine.store.event_waits import Correlated, Spot
from engine.store.rows import EventWait

#: Events, or waits, that one look takes.
ROOM = 200

#: Seconds for which steps are asked about events before the loop does something else: where no index finds those that
#: an event is for, ten thousand are asked one by one.
TURN = 0.02

log = structlog.get_logger()


@dataclass(slots=True)
class Waking:
    """What one process does for waiting steps; all of it on the loop's own thread."""

    loop: Loop
    engine: Engine
    #: Told of each run that a signal has come for.
    notify: Callable[[str], None]
    #: Events that steps have to be asked about, and who was asked already.
    _events: deque[tuple[str, Spot]] = field(init=False, default_factory=deque)
    _waits: list[EventWait] = field(init=False, default_factory=list)
    #: The wait at which the last look ended: some are looked back for again and again, and all have their turn.
    _last: EventWait | None = field(init=False, default=None)
    #: Writes that are not on disk yet.
    _under_way: int = field(init=False, default=0)

    def ask(self, event_id: str) -> None:
        """Ask the waiting steps about an event that was matched."""
        self._events.append((event_id, Spot()))

    def begin(self, waits: Iterable[EventWait]) -> None:
        """Look for events that came before these waits were on disk."""
        self._waits.extend(waits)

    def look(self) -> None:
        """Take up what was lost on the way, and waits that nobody is sure to be told of otherwise."""
        if self._events or self._waits or self._under_way:
            return
        try:
            for event_id in self.engine.store.read(event_waits.uncorrelated, ROOM):
                self.ask(event_id)
            before = self.engine.clock.now() - wake.UNAWARE
            found = self.engine.store.read(event_waits.not_looked_back, before, ROOM, self._last)
            self._last = found[-1] if len(found) == ROOM else None
            self._waits.extend(found)
        except StoreUnavailable:
            return

    def flush(self) -> None:
        """Do what has gathered; what the database does not let us, the next look finds again."""
        waits, self._waits = self._waits, []
        with suppress(StoreUnavailable):
            self._write(event_waits.correlate, list(self._asked()))
            if waits:
                self._write(event_waits.look_back, wake.look_back(self.engine, waits))

    def _asked(self) -> Iterator[Correlated]:
        """Ask about events until the turn is over; what is left has the next, when this is on disk."""
        until = monotonic() + TURN
        while self._events:
            answer = wake.correlate(self.engine, *self._events.popleft())
            if answer.after is not None:
                self._events.append((answer.event_id, answer.after))
            yield answer
            if monotonic() >= until:
                return

    def _write(self, operation: Callable[..., list[list[str]]], items: Sequence[object]) -> None:
        if items:
            self._under_way += 1
            self.loop.when_done(self.engine.store.send(operation, items), self._written)

    def _written(self, ended: Future[list[list[str]]]) -> None:
        self._under_way -= 1
        if failed("waking.write_failed", ended):
            return
        for run_id in (run_id for runs in ended.result() for run_id in runs):
            log.info("run.signalled", run=run_id)
            self.notify(run_id)
