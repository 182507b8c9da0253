"""A thread that does what it is called for, in order, and at times."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from queue import Empty, SimpleQueue
from threading import Thread

import structlog

from engine.clock import Clock

Deed = Callable[[], None]

#: Longest sleep: a clock that is set is noticed within it.
NAP = timedelta(seconds=1)

#: Deeds done before timers are looked at again.
HANDFUL = 256

log = structlog.get_logger()


@dataclass(slots=True)
class Loop:
    """Deeds handed in from any thread are done one after the other on its own, so their state needs no lock."""

    clock: Clock
    #: Done whenever the deeds that were there have been done.
    after: Deed
    _inbox: SimpleQueue[Deed] = field(init=False, default_factory=SimpleQueue)
    _timers: list[tuple[datetime, int, Deed]] = field(init=False, default_factory=list)
    _count: Iterator[int] = field(init=False, default_factory=count)
    _running: bool = field(init=False, default=True)
    _thread: Thread = field(init=False)

    def start(self, name: str) -> None:
        """Begin to work."""
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End after the present deed; called on the loop's own thread."""
        self._running = False

    def join(self, timeout: timedelta) -> bool:
        """Wait until it has ended; False when it has not by then."""
        self._thread.join(timeout.total_seconds())
        return not self._thread.is_alive()

    def call(self, deed: Deed) -> None:
        """Do it soon; may be called from any thread."""
        self._inbox.put(deed)

    def call_at(self, when: datetime, deed: Deed) -> None:
        """Do it at that time; called on the loop's own thread."""
        heappush(self._timers, (when, next(self._count), deed))

    def _work(self) -> None:
        while self._running:
            for deed in self._gather():
                self._do(deed)
            self._ring()
            self._do(self.after)

    def _gather(self) -> list[Deed]:
        """Wait for a deed, or for a timer, and return the deeds that are there."""
        try:
            deeds = [self._inbox.get(timeout=self._patience())]
        except Empty:
            return []
        while len(deeds) < HANDFUL and not self._inbox.empty():
            deeds.append(self._inbox.get())
        return deeds

    def _patience(self) -> float:
        """Return the seconds until the next timer, or the nap where that is shorter."""
        if not self._timers:
            return NAP.total_seconds()
        return max(timedelta(), min(NAP, self._timers[0][0] - self.clock.now())).total_seconds()

    def _ring(self) -> None:
        while self._running and self._timers and self._timers[0][0] <= self.clock.now():
            self._do(heappop(self._timers)[2])

    def _do(self, deed: Deed) -> None:
        try:
            deed()
        except Exception:  # one broken event or run must not stop all others
            log.exception("loop.internal_error")
