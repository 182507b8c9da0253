"""Notice that triggers receive nothing, on the executor's loop."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from engine.errors import StoreUnavailable
from engine.executors.loop import Loop, failed
from engine.path import silence
from engine.runtime import Engine
from engine.store import silences
from engine.store.silences import Change


@dataclass(slots=True)
class Silences:
    """What one process notices; all of it on the loop's own thread."""

    loop: Loop
    engine: Engine
    #: Told of each run that was started.
    notify: Callable[[str], None]

    def look(self) -> None:
        """Write down what changed, and start what waits for a silence."""
        try:
            changes = list(silence.changes(self.engine, self.engine.clock.now()))
        except StoreUnavailable:
            return
        for change in changes:
            self.loop.when_done(self.engine.store.submit(silences.keep, change), partial(self._kept, change))

    def _kept(self, change: Change, future: Future[bool]) -> None:
        if failed("silence.write_failed", future, trigger=change.trigger_id) or not future.result():
            return
        silence.told(self.engine, change)
        for run in change.runs:
            self.notify(run.id)
