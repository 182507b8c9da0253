"""See to what waits when the clock is set back."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from engine.errors import StoreUnavailable
from engine.path import schedule
from engine.runtime import Engine
from engine.store import schedules, set_back

log = structlog.get_logger()


@dataclass(slots=True)
class SetBack:
    """What one process does about it; all of it on the loop's own thread."""

    engine: Engine
    #: Ids of the runs that are under way.
    owned: Collection[str]
    #: Those that were when the clock was set back, and by how much it was.
    _amid: dict[str, timedelta] = field(init=False, default_factory=dict)

    def now(self, by: timedelta) -> None:
        """Take along what waits; a run that is under way follows when it rests."""
        log.warning("clock.set_back", by=str(by))
        self._amid |= dict.fromkeys(self.owned, by)
        self.engine.store.send(set_back.set_back, by, self.engine.clock.now())
        self._begin_schedules_anew()

    def meanwhile(self) -> None:
        """Take along what waits, if the clock was set back while nobody was there."""
        self.engine.store.send(set_back.set_back_meanwhile, self.engine.clock.now())
        self._begin_schedules_anew()

    def rests(self, run_id: str) -> None:
        """Take a run along that was under way; the sweep finds that it is due."""
        if by := self._amid.pop(run_id, None):
            self.engine.store.send(set_back.set_back, by, self.engine.clock.now(), run_id)

    def _begin_schedules_anew(self) -> None:
        try:
            turns = schedule.begin_anew(self.engine, self.engine.clock.now())
        except StoreUnavailable:
            return
        for turn in turns:
            self.engine.store.submit(schedules.take_turns, turn)
