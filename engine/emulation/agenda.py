"""Virtual time: a clock that stands still, and an agenda that moves it to whatever is due next."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

Action = Callable[[], object]


class VirtualClock:
    """A clock that moves when it is told to, and never back."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Move on to a moment; one that is past changes nothing."""
        self._now = max(self._now, moment)


def at_once(length: timedelta) -> None:
    """Wait for nothing: a week passes in a moment."""


class Agenda:
    """What happens when; what is due at the same moment happens in the order in which it was put down."""

    def __init__(self, clock: VirtualClock, pace: Callable[[timedelta], None] = at_once) -> None:
        """Begin with nothing to do.

        pace: is called with each length of virtual time before it passes.
        """
        self.clock = clock
        self._pace = pace
        self._due: list[tuple[datetime, int, Action]] = []
        self._numbers = count()

    def now(self) -> datetime:
        """Return the present moment."""
        return self.clock.now()

    def put(self, moment: datetime, action: Action) -> None:
        """Let something happen at a moment; what is put into the past happens next."""
        heappush(self._due, (moment, next(self._numbers), action))

    def run(self, until: datetime | None = None) -> None:
        """Let everything happen that is due, and what comes of it.

        until: what is due later stays, and the clock is moved here.
        """
        while self._due and (until is None or self._due[0][0] <= until):
            moment, _, action = heappop(self._due)
            self._wait(moment)
            action()
        if until is not None:
            self._wait(until)

    def _wait(self, moment: datetime) -> None:
        if moment > self.now():
            self._pace(moment - self.now())
        self.clock.move_to(moment)
