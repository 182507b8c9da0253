"""An event loop on a thread of its own, which does what it is called for, in order, and at times."""

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

import structlog

from engine.clock import Clock
from engine.errors import StoreUnavailable

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

Deed = Callable[[], None]
Ended = TypeVar("Ended", Future[Any], asyncio.Task[Any])

#: Longest sleep: a clock that is set is noticed within it.
NAP = timedelta(seconds=1)

#: Seconds: uvloop's timers know no shorter ones.
SHORTEST_REST = 0.001

#: Deeds, and seconds, after which timers are looked at again, and what they led to is sent.
HANDFUL = 256
TURN = 0.01

log = structlog.get_logger()


@dataclass(slots=True)
class Loop:
    """Deeds handed in from any thread are done one after the other on its own, so their state needs no lock.

    after: done whenever the deeds that were there have been done; set_back: done when the clock was set back, with by
    how much; threads: for what a coroutine cannot await; pressed: tells whether others need Python's lock more: then
    the loop rests after its work for as long as that took, and so has half of the time and no more.
    """

    clock: Clock
    after: Deed
    set_back: Callable[[timedelta], None]
    threads: int
    pressed: Callable[[], bool] = lambda: False
    #: The time when the loop last worked.
    _seen: datetime = field(init=False)
    _inbox: deque[Deed] = field(init=False, default_factory=deque)
    #: Whether the thread was told of what is in the inbox.
    _rung: bool = field(init=False, default=False)
    _ended: bool = field(init=False, default=False)
    #: Whether it makes way for others until its alarm goes off.
    _rests: bool = field(init=False, default=False)
    _timers: list[tuple[datetime, int, Deed]] = field(init=False, default_factory=list)
    _count: Iterator[int] = field(init=False, default_factory=count)
    _alarm: asyncio.TimerHandle | None = field(init=False, default=None)
    _spawned: set[asyncio.Task[Any]] = field(init=False, default_factory=set)
    #: Coroutines, and other futures, for the end of which a deed waits.
    under_way: int = field(init=False, default=0)
    _loop: asyncio.AbstractEventLoop = field(init=False, default_factory=new_event_loop)
    _thread: Thread = field(init=False)

    def __post_init__(self) -> None:
        self._seen = self.clock.now()

    def start(self, name: str) -> None:
        """Begin to work."""
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Do no further deeds; called on the loop's own thread."""
        self._ended = True
        self._loop.stop()

    def join(self, timeout: timedelta) -> bool:
        """Wait until it has ended; False when it has not by then."""
        self._thread.join(timeout.total_seconds())
        return not self._thread.is_alive()

    def call(self, deed: Deed) -> None:
        """Do it soon, unless the loop has ended; may be called from any thread."""
        self._inbox.append(deed)
        if not self._rung:
            self._rung = True
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._work)

    def call_at(self, when: datetime, deed: Deed) -> None:
        """Do it at that time; called on the loop's own thread."""
        heappush(self._timers, (when, next(self._count), deed))

    def when_done(self, future: Ended, deed: Callable[[Ended], None]) -> None:
        """Do it with the future when that has ended, one way or the other; called on the loop's own thread."""
        self.under_way += 1
        future.add_done_callback(lambda ended: self.call(partial(self._done, deed, ended)))

    def spawn(self, coroutine: Coroutine[None, None, Any], deed: Callable[[asyncio.Task[Any]], None]) -> None:
        """Run it beside the deeds, until the loop ends, and do the deed when it is done; called as the above."""
        task = self._loop.create_task(coroutine)
        self._spawned.add(task)
        self.when_done(task, deed)

    def _run(self) -> None:
        pool = ThreadPoolExecutor(self.threads, "wink-blocking")
        self._loop.set_default_executor(pool)
        self._loop.run_forever()
        self._loop.run_until_complete(self._drop())
        pool.shutdown(wait=False, cancel_futures=True)
        self._loop.close()

    async def _drop(self) -> None:
        """End what was spawned and has not ended."""
        for task in self._spawned:
            task.cancel()
        await asyncio.gather(*self._spawned, return_exceptions=True)

    def _work(self) -> None:
        if self._rests:
            return
        began = monotonic()
        self._rung = False
        self._look_at_the_clock()
        for _ in range(min(len(self._inbox), HANDFUL)):
            self._do(self._inbox.popleft())
            if monotonic() - began > TURN:
                break
        while self._timers and self._timers[0][0] <= self.clock.now():
            self._do(heappop(self._timers)[2])
        self._do(self.after)
        if self.pressed():
            self._rest(monotonic() - began)
        else:
            self._come_again()

    def _rest(self, length: float) -> None:
        """Work again after so many seconds, and not sooner."""
        self._rests = True
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_later(max(length, SHORTEST_REST), self._go_on)

    def _go_on(self) -> None:
        self._rests = False
        self._work()

    def _done(self, deed: Callable[[Ended], None], ended: Ended) -> None:
        self.under_way -= 1
        self._spawned.discard(ended)
        deed(ended)

    def _look_at_the_clock(self) -> None:
        """Take the timers along with a clock that is set back: they are due after as long as before."""
        now = self.clock.now()
        by = self._seen - now
        self._seen = now
        if by > NAP:
            self._timers = [(when - by, number, deed) for when, number, deed in self._timers]
            self._do(partial(self.set_back, by))

    def _come_again(self) -> None:
        """Work at once where more has come in, else when the next timer is due, or after a nap where that is sooner."""
        if self._alarm is not None:
            self._alarm.cancel()
        wait = min(NAP, self._timers[0][0] - self.clock.now()) if self._timers else NAP
        self._alarm = self._loop.call_later(0 if self._inbox else max(0, wait.total_seconds()), self._work)

    def _do(self, deed: Deed) -> None:
        if self._ended:
            return
        try:
            deed()
        except StoreUnavailable:  # the store has told of it; the sweep comes back to what was not done
            pass
        except Exception:  # one broken event or run must not stop all others
            log.exception("loop.internal_error")


def failed(event: str, ended: Future[Any] | asyncio.Task[Any], **said: str) -> bool:
    """Tell whether a write failed, and log why, unless the store takes no writes: of that the writer has told."""
    error = ended.exception()
    if error is not None and not isinstance(error, StoreUnavailable):
        log.error(event, exc_info=error, **said)
    return error is not None
