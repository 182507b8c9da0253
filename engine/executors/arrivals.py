"""Events on their way to those who are asked about them: just received, or found on disk. Memory has room for some."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic

from engine.executors.loop import Loop
from engine.runtime import Engine, Pending
from engine.store import ledger

#: Events that may wait before new ones are left to the sweep, and bytes of their data.
BACKLOG = 10_000
ROOM = 32 * 1024 * 1024

#: Seconds for which the loop asks about events before it does something else. A step's call needs some five rounds of
#: the loop: with turns of 5 ms these took so long that more runs began than ended.
TURN = 0.001


@dataclass(slots=True)
class Arrivals:
    """Events that are on disk and that the loop has not looked at; they come from any thread, and each waits once."""

    loop: Loop
    #: Asks about one, on the loop's own thread.
    match: Callable[[Pending], None]
    _waiting: OrderedDict[str, Pending] = field(init=False, default_factory=OrderedDict)
    _octets: int = field(init=False, default=0)
    #: Whether the loop was told of them.
    _rung: bool = field(init=False, default=False)

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._waiting

    def accept(self, events: Sequence[Pending]) -> None:
        """Take events, unless too much waits already: then the sweep finds them.

        The loop is woken once for all that gathers until it comes to look.
        """
        if len(self._waiting) >= BACKLOG or self._octets >= ROOM:
            return
        fresh = {pending.event.id: pending for pending in events if pending.event.id not in self}
        octets = sum([len(pending.event.data) for pending in fresh.values()])
        self._octets += octets
        self._waiting.update(fresh)
        self._ring()

    def flush(self) -> None:
        """Ask about those that came first for a turn, and come again where more wait."""
        until = monotonic() + TURN
        while self._waiting:
            _, pending = self._waiting.popitem(last=False)
            octets = len(pending.event.data)
            self._octets -= octets
            self.match(pending)
            if monotonic() >= until:
                break
        if self._waiting:
            self._ring()
        else:
            self._octets = 0  # what two threads count at once may be wrong, and only until here

    def _ring(self) -> None:
        if not self._rung:
            self._rung = True
            self.loop.call(self._heard)

    def _heard(self) -> None:
        """Let the loop come to :meth:`flush`."""
        self._rung = False


def in_portions(engine: Engine, ids: Sequence[str]) -> Iterator[list[str]]:
    """Yield the ids of events in their order, so many at a time as there is room for in memory, and one at least.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    octets = engine.store.read(ledger.octets_of, ids)
    portion: list[str] = []
    total = 0
    for event_id in ids:
        if portion and total + octets.get(event_id, 0) > ROOM:
            yield portion
            portion, total = [], 0
        portion.append(event_id)
        total += octets.get(event_id, 0)
    if portion:
        yield portion
