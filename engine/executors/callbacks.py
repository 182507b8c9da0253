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

    @property
    def idle(self) -> bool:
        """Whether no attempt is under way."""
        return not self._busy

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
                future = engine.store.send(callbacks.begin, row, now)
                future.add_done_callback(partial(self._hand_over, row))

    def _hand_over(self, row: CallbackRow, future: Future[bool]) -> None:
        """Go on with what the writer's thread brings, on the loop's own."""
        self.loop.call(partial(self._begun, row, future))

    def _begun(self, row: CallbackRow, future: Future[bool]) -> None:
        if future.exception() is None and future.result():
            self.loop.spawn(self._tell(row))
        else:  # another process has it, or the database takes no writes now: the next look finds it
            self._busy.discard(row.run_id)

    async def _tell(self, row: CallbackRow) -> None:
        """Make the attempt; one whose end cannot be written is made again, with the same key."""
        try:
            told = await tell(self.engine, row)
        except Exception:  # as for any deed of the loop: one broken callback must not stop the others
            log.exception("callback.internal_error", run=row.run_id)
            told = broken(self.engine, row)
        try:
            self.engine.store.send(callbacks.settle, told)
        finally:
            self._busy.discard(row.run_id)
            self.loop.call(_nothing)


def _nothing() -> None:
    """Let the loop look whether it can stop."""
