"""Forget what is too old, on the executor's loop, a portion at a time."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from engine.executors.loop import Loop
from engine.runtime import Engine
from engine.store import ledger, retention, secrets

#: How often.
TIDY = timedelta(minutes=1)


@dataclass(slots=True)
class Tidying:
    """What one process forgets; all of it on the loop's own thread."""

    loop: Loop
    engine: Engine
    #: Whether no further portion is taken.
    stopping: bool = False
    #: Whether a portion is not on disk yet.
    _under_way: bool = field(init=False, default=False)

    def tidy(self) -> None:
        """Forget signatures and secrets whose time has passed, and what is older than the operator keeps."""
        now = self.engine.clock.now()
        self.loop.call_at(now + TIDY, self.tidy)
        self.engine.store.send(ledger.forget_signatures, now)
        self.engine.store.send(secrets.forget_expired, now)
        if not self._under_way and not self.stopping:
            self._forget(now - self.engine.settings.retention)

    def _forget(self, before: datetime) -> None:
        self._under_way = True
        self.loop.when_done(self.engine.store.send(retention.forget, before), partial(self._forgotten, before))

    def _forgotten(self, before: datetime, ended: Future[int]) -> None:
        """Go on with the next portion where there is one, and not before the writes that came in meanwhile."""
        self._under_way = False
        if not self.stopping and ended.exception() is None and ended.result() == retention.PORTION:
            self._forget(before)
