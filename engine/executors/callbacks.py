"""Make the callbacks that are due, on the executor's loop."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

import structlog

from engine.errors import StoreUnavailable
from engine.executors.loop import Loop
from engine.path.callback import broken, tell
from engine.runtime import Engine
from engine.store import callbacks
from engine.store.rows import CallbackRow

#: Attempts that are under way together.
ROOM = 32

log = structlog.get_logger()


@dataclass(slots=True)
class Callbacks:
    """Attempts of one process; all of it on the loop's own thread."""

    loop: Loop
    engine: Engine
    _busy: set[str] = field(init=False, default_factory=set)

    def look(self) -> None:
        """Begin what is due."""
        engine, now = self.engine, self.engine.clock.now()
        try:
            found = engine.store.read(callbacks.due, now, ROOM)
        except StoreUnavailable:
            return
        for row in found:
            if row.run_id not in self._busy and len(self._busy) < ROOM:
                self._busy.add(row.run_id)
                self.loop.when_done(engine.store.send(callbacks.begin, row, now), partial(self._begun, row))

    def _begun(self, row: CallbackRow, future: Future[bool]) -> None:
        if future.exception() is None and future.result():
            self.loop.spawn(self._tell(row), lambda _: self._busy.discard(row.run_id))
        else:  # another process has it, or the database takes no writes now: the next look finds it
            self._busy.discard(row.run_id)

    async def _tell(self, row: CallbackRow) -> None:
        """Make the attempt; one whose end cannot be written is made again, with the same key."""
        try:
            told = await tell(self.engine, row)
        except Exception:  # as for any deed of the loop: one broken callback must not stop the others
            log.exception("callback.internal_error", run=row.run_id)
            told = broken(self.engine, row)
        self.engine.store.send(callbacks.settle, told)
