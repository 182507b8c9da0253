"""Ask for runs: as many at once as there is room for what started them."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from engine.errors import StoreUnavailable
from engine.executors.loop import Loop
from engine.executors.weight import Weight
from engine.runtime import Engine
from engine.store import journal, turns
from engine.store.journal import Claim, Claimed, NotClaimed

Answer = Future[Claimed | NotClaimed | None]


@dataclass(slots=True)
class Claims:
    """Runs that are asked for and not yet answered; all of it on the loop's own thread."""

    loop: Loop
    engine: Engine
    weight: Weight
    #: Told of each run with the answer, which may be a failure.
    answered: Callable[[str, Answer], None]
    #: Told when a run stays on disk, because there is no room for it.
    left: Callable[[], None]
    _wanted: dict[str, None] = field(init=False, default_factory=dict)
    _under_way: int = field(init=False, default=0)

    def __len__(self) -> int:
        return len(self._wanted) + self._under_way

    def ask(self, run_id: str) -> None:
        """Ask for a run with the next flush."""
        self._wanted[run_id] = None

    def flush(self) -> None:
        """Ask for all that gathered, in their order, as far as there is room."""
        if not self._wanted:
            return
        wanted, self._wanted = self._wanted, {}
        octets: Mapping[str, int] = {}
        with suppress(StoreUnavailable):  # nor can they be claimed then
            octets = self.engine.store.read(turns.octets_of, wanted)
        for run_id in wanted:
            if self.weight.fits(octets.get(run_id, 0)):
                self._send(run_id, octets.get(run_id, 0))
            else:
                self.left()

    def _send(self, run_id: str, octets: int) -> None:
        self._under_way += 1
        self.weight.put(run_id, octets)
        future = self.engine.store.submit(journal.claim, Claim(run_id, self.engine.clock.now()))
        self.loop.when_done(future, partial(self._answered, run_id))

    def _answered(self, run_id: str, answer: Answer) -> None:
        self._under_way -= 1
        self.answered(run_id, answer)
