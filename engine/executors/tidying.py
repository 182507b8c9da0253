"""Forget what is too old, on the executor's loop, a portion at a time."""

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from engine.errors import StoreUnavailable
from engine.executors.loop import Loop, failed
from engine.path.late_proof import prove_all_again
from engine.runtime import Engine
from engine.store import partitions, rates, retention, sealed, secrets

#: How often.
TIDY = timedelta(minutes=1)

log = structlog.get_logger()


@dataclass(slots=True)
class Tidying:
    """What one process forgets; all of it on the loop's own thread."""

    loop: Loop
    engine: Engine
    #: Whether no further portion is taken.
    stopping: bool = False
    #: Whether a portion is not on disk yet.
    _under_way: bool = field(init=False, default=False)
    #: Whether sealed deliveries are being proved.
    _proving: bool = field(init=False, default=False)

    def tidy(self) -> None:
        """Forget signatures and secrets whose time has passed, and what is older than the operator keeps.

        What is sealed is proved before, where it is asked for, or given up.
        """
        now = self.engine.clock.now()
        self.loop.call_at(now + TIDY, self.tidy)
        self.engine.store.send(sealed.forget_signatures, now)
        self.engine.store.send(secrets.forget_expired, now)
        self.engine.store.send(rates.forget, now)
        if not self._proving and not self.stopping:
            self._proving = True
            self.loop.spawn(self._prove(), self._proved)
        if not self._under_way and not self.stopping:
            before = now - self.engine.settings.retention
            self._forget(before)
            self.loop.spawn(asyncio.to_thread(partitions.tend, self.engine.store.database, now, before), _tended)

    async def _prove(self) -> None:
        try:
            await asyncio.to_thread(prove_all_again, self.engine)
        except StoreUnavailable:  # it is asked for again in a minute
            return
        except Exception:
            log.exception("sealed.internal_error")
        self.engine.store.send(sealed.expire, self.engine.clock.now())

    def _proved(self, _: asyncio.Task[None]) -> None:
        self._proving = False

    def _forget(self, before: datetime) -> None:
        self._under_way = True
        self.loop.when_done(self.engine.store.send(retention.forget, before), partial(self._forgotten, before))

    def _forgotten(self, before: datetime, ended: Future[int]) -> None:
        """Go on with the next portion where there is one, and not before the writes that came in meanwhile."""
        self._under_way = False
        if not self.stopping and ended.exception() is None and ended.result() == retention.PORTION:
            self._forget(before)


def _tended(ended: asyncio.Task[None]) -> None:
    failed("store.partitions_failed", ended)
