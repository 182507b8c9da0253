"""See to what waits when the clock is set back."""

from collections.abc import Collection
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from engine.executors.loop import NAP, failed
from engine.executors.schedules import Schedules
from engine.runtime import Engine
from engine.store import set_back

log = structlog.get_logger()

_tell_failure = partial(failed, "set_back.write_failed")


@dataclass(slots=True)
class SetBack:
    """What one process does about it; all of it on the loop's own thread."""

    engine: Engine
    schedules: Schedules
    #: Ids of the runs that are under way.
    owned: Collection[str]
    #: Those that were when the clock was set back: by how much it was in all, and from when on their retries go along.
    _amid: dict[str, tuple[timedelta, datetime]] = field(init=False, default_factory=dict)

    def take_along(self, by: timedelta) -> None:
        """Take along what waits; a run that is under way follows when it rests."""
        _tell(by)
        now = self.engine.clock.now()
        for run_id in self.owned:
            before = self._amid.get(run_id)
            # The last look at the clock was a nap ago at most. After two jumps within one step, all retries go along.
            self._amid[run_id] = (by, now + by - NAP) if before is None else (before[0] + by, now)
        self.engine.store.send(set_back.set_back, by, now).add_done_callback(_tell_failure)
        self.schedules.begin_anew()

    def meanwhile(self) -> None:
        """Take along what waits, if the clock was set back while nobody was there."""
        self.engine.store.send(set_back.set_back_meanwhile, self.engine.clock.now()).add_done_callback(_tell_jump)
        self.schedules.begin_anew()

    def rests(self, run_id: str) -> None:
        """Take a run along that was under way and is not any more; the sweep finds that it is due."""
        if amid := self._amid.pop(run_id, None):
            by, since = amid
            change = self.engine.store.send(set_back.set_back, by, self.engine.clock.now(), run_id, since)
            change.add_done_callback(_tell_failure)


def _tell(by: timedelta) -> None:
    log.warning("clock.set_back", by=str(by))


def _tell_jump(ended: Future[timedelta | None]) -> None:
    if not _tell_failure(ended) and (by := ended.result()):
        _tell(by)
