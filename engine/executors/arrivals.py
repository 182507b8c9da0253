"""Events on their way to those who are asked about them: just received, or found on disk. Memory has room for some."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.executors.loop import Loop
from engine.runtime import Engine, Pending
from engine.store import ledger

#: Events that may wait before new ones are left to the sweep, and bytes of their data.
BACKLOG = 10_000
ROOM = 32 * 1024 * 1024


@dataclass(slots=True)
class Arrivals:
    """Events that are on disk and that the loop has not looked at; they come from any thread."""

    loop: Loop
    #: Told of all that have gathered, on the loop's own thread.
    match: Callable[[Sequence[Pending]], None]
    _waiting: deque[Pending] = field(init=False, default_factory=deque)
    _octets: int = field(init=False, default=0)
    #: Whether the loop was told of them.
    _rung: bool = field(init=False, default=False)

    def __len__(self) -> int:
        return len(self._waiting)

    def accept(self, events: Sequence[Pending]) -> None:
        """Take events, unless too much waits already: then the sweep finds them.

        The loop is woken once for all that gathers until it comes to look.
        """
        if len(self._waiting) >= BACKLOG or self._octets >= ROOM:
            return
        self._octets += sum([len(pending.event.data) for pending in events])
        self._waiting.extend(events)
        if not self._rung:
            self._rung = True
            self.loop.call(self._match)

    def _match(self) -> None:
        self._rung = False
        self._octets = 0  # of all that is taken now; what two threads add at once may miscount, and only until here
        self.match([self._waiting.popleft() for _ in range(len(self._waiting))])


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
