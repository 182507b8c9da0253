"""Forget what is too old, on the executor's loop, a portion at a time."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import structlog

from engine.errors import StoreUnavailable
from engine.executors.loop import Loop, failed
from engine.path.late_proof import prove_all_again
from engine.runtime import Engine
from engine.store import partitions, rates, retention, sealed, secrets

#: How often.
TIDY = timedelta(minutes=1)

#: How long there is none after a portion that is forgotten, in times of what it took.
REST = 2

log = structlog.get_logger()


@dataclass(slots=True)
class Tidying:
    """What one process forgets; all of it on the loop's own thread."""

    loop: Loop
    engine: Engine
    #: Whether no further portion is taken.
    stopping: bool = False
    #: Whether portions are being forgotten.
    _under_way: bool = field(init=False, default=False)
    #: Whether months are being made and dropped.
    _tending: bool = field(init=False, default=False)
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
        before = now - self.engine.settings.retention
        if not self._under_way and not self.stopping:
            self._under_way = True
            self.loop.spawn(self._forget(before), self._forgotten)
        if not self._tending and not self.stopping:  # of itself: where more comes than goes, portions have no end
            self._tending = True
            self.loop.spawn(asyncio.to_thread(partitions.tend, self.engine.store.database, now, before), self._tended)

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

    async def _forget(self, before: datetime) -> None:
        """Forget a portion after the other, and rest after each: what comes in meanwhile goes first."""
        done = retention.PORTION
        while done >= retention.PORTION and not self.stopping:
            begun = monotonic()
            done = await asyncio.to_thread(self.engine.store.apart, retention.forget, before)
            if done >= retention.PORTION:
                await asyncio.sleep(REST * (monotonic() - begun))

    def _forgotten(self, ended: asyncio.Task[None]) -> None:
        self._under_way = False
        failed("store.retention_failed", ended)

    def _tended(self, ended: asyncio.Task[None]) -> None:
        self._tending = False
        failed("store.partitions_failed", ended)
