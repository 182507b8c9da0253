"""Start what is due by the clock, on the executor's loop."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from engine.errors import StoreUnavailable
from engine.executors.loop import Loop, failed
from engine.path import schedule
from engine.runtime import Engine
from engine.store import schedules
from engine.store.schedules import Turn


@dataclass(slots=True)
class Schedules:
    """The turns that one process takes; all of it on the loop's own thread."""

    loop: Loop
    engine: Engine
    #: Told of each run that was started.
    notify: Callable[[str], None]
    #: Whether no further turn is taken.
    stopping: bool = False

    def look(self, ahead: timedelta = timedelta()) -> None:
        """Take the turns that are due; ahead: look again at each time that comes before so long."""
        engine, now = self.engine, self.engine.clock.now()
        if self.stopping:
            return
        try:
            due = schedule.due(engine, now, ahead)
        except StoreUnavailable:
            return
        for turn in due.turns:
            self._take(turn)
        for time in due.soon:
            self.loop.call_at(time, self.look)

    def begin_anew(self) -> None:
        """Move schedules to their next time where they stand at a later one: the clock was set back."""
        with suppress(StoreUnavailable):
            for turn in schedule.begin_anew(self.engine, self.engine.clock.now()):
                self._take(turn)

    def _take(self, turn: Turn) -> None:
        self.loop.when_done(self.engine.store.submit(schedules.take_turns, turn), partial(self._taken, turn))

    def _taken(self, turn: Turn, future: Future[bool]) -> None:
        if failed("schedule.write_failed", future, workflow=turn.workflow):
            return
        if future.result() and turn.run is not None:
            schedule.told(turn)
            self.notify(turn.run.id)
