"""Keep the leases of the runs that this process has, and give them back."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.executors.loop import Loop
from engine.path.run import Walk
from engine.runtime import Engine
from engine.store import journal
from engine.store.journal import LEASE


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases of one process; all of it on the loop's own thread."""

    loop: Loop
    engine: Engine
    #: The runs that this process has, by their ids.
    owned: Mapping[str, Walk]

    def renew(self) -> None:
        """Renew the lease of every run, and come again in time."""
        now = self.engine.clock.now()
        self.loop.call_at(now + LEASE / 3, self.renew)
        if tokens := self._tokens():
            self.engine.store.send(journal.renew, tokens, now)

    def hand_back(self) -> None:
        """Queue the runs that are still ours, and wait until that is on disk; the next process goes on with them."""
        if tokens := self._tokens():
            self.engine.store.send(journal.hand_back, tokens).exception()

    def _tokens(self) -> dict[str, int]:
        """Return what names a run and the claim of it that is ours: never the process."""
        return {run_id: walk.run.token for run_id, walk in self.owned.items()}
