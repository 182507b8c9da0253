"""Look for the runs that are due, in turns, and keep room for every workflow: one with many runs holds up no other."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.errors import StoreUnavailable
from engine.executors.loop import Loop
from engine.path.run import Walk
from engine.runtime import Engine
from engine.store import turns
from engine.store.turns import Due

#: Runs in memory at once where nobody says otherwise; more stay queued on disk until there is room.
ROOM = 512

#: A workflow has at most so many times the room that is left: one alone has three quarters of all, and however many
#: there are, some is left for the next. Source: Choudhury and Hahne, "Dynamic Queue Length Thresholds for Shared-Memory
#: Packet Switches", IEEE/ACM Transactions on Networking 6 (2), 1998.
SHARE = 3

#: How far apart looks for waits that end are at least: those that end one after the other share one.
PACE = timedelta(milliseconds=10)


def in_turn(owned: Mapping[str, Walk], due: Sequence[Due], room: int) -> Iterator[str]:
    """Yield the runs for which there is room, in their order; room: for all that are owned."""
    most = len(owned) + len(due)
    if most <= SHARE * (room - most):  # whichever workflows they are of: usual, and not worth counting them
        yield from (one.id for one in due)
        return
    held, free = Counter(walk.run.workflow for walk in owned.values()), room - len(owned)
    for one in due:
        if held[one.workflow] < SHARE * free:
            held[one.workflow] += 1
            free -= 1
            yield one.id


@dataclass(slots=True)
class Rounds:
    """How one process finds runs that nobody rang for; all of it on the loop's own thread.

    A run that waits is a row and nothing else: the one timer here is for the first of all waits that ends.
    """

    loop: Loop
    engine: Engine
    #: The runs that this process has.
    owned: Mapping[str, Walk]
    #: Told of each run whose turn it is.
    claim: Callable[[str], None]
    #: Runs that it has at most.
    most: int = ROOM
    #: Whether there is more on disk than had room in memory.
    behind: bool = field(init=False, default=False)
    #: When the timer goes off that counts, and when the last look was.
    _alarm: datetime | None = field(init=False, default=None)
    _looked_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._looked_at = self.engine.clock.now() - PACE

    def look(self) -> None:
        """Claim what is due, as far as there is room."""
        now, room = self.engine.clock.now(), self.most - len(self.owned)
        self._looked_at = now
        try:
            due = self.engine.store.read(turns.due, now, room) if room > 0 else []
            soon = self.engine.store.read(turns.next_due, now)
        except StoreUnavailable:
            return
        chosen = list(in_turn(self.owned, due, self.most))
        self.behind = room <= len(due) or len(chosen) < len(due)
        for run_id in chosen:
            self.claim(run_id)
        if soon is not None:
            self.expect(soon)

    def fall_behind(self) -> None:
        """Note that a run stays on disk, because there is no room for it."""
        self.behind = True

    def expect(self, time: datetime) -> None:
        """Look at that time, when a wait ends, unless a look comes before that finds the time itself."""
        time = max(time, self._looked_at + PACE)
        if self._alarm is None or time < self._alarm:
            self._alarm = time
            self.loop.call_at(time, self._come)

    def _come(self) -> None:
        if self._alarm is not None and self._alarm <= self.engine.clock.now():
            self._alarm = None
            self.look()
