"""Whether a worker has room for further events, as its listening thread asks and its loop tells."""

from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event

#: Answers about events on their way to disk at once, beyond which no further events are taken: two batches.
MATCHING = 256

#: How long those are waited for; each batch takes some milliseconds.
PATIENCE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Room:
    """Room for the runs that events start, and for the answers about them."""

    _runs: Event = field(init=False, default_factory=Event)
    _answers: Event = field(init=False, default_factory=Event)

    def tell(self, *, runs: int, answers: int) -> None:
        """Say for how many more runs there is room, and how many answers are on their way to disk."""
        for event, is_room in ((self._runs, runs > 0), (self._answers, answers < MATCHING)):
            if is_room:
                event.set()
            else:
                event.clear()

    def wait(self, patience: timedelta) -> bool:
        """Wait until there is room for another event; for one more run at most so long. Tell whether there is."""
        return self._answers.wait(PATIENCE.total_seconds()) and self._runs.wait(patience.total_seconds())
