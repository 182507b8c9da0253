"""Start a workflow by its schedule and be killed at a commit; a program of its own: FOLDER COMMIT MOMENT."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from engine.app import build
from engine.path.workflows import put
from engine.store import show
from engine.store.search import RunFilter, Span, list_runs
from tests.crash.laboratory import Point, die_at, settings
from tests.serving import eventually

TEXT = """
name: Daily
on: {schedule: {cron: "0 8 * * *"}}
steps: [{id: say, uses: core.log, with: {message: hello}}]
"""
BEFORE, AFTER = datetime(2026, 1, 2, 7, 59, tzinfo=UTC), datetime(2026, 1, 2, 8, 0, 5, tzinfo=UTC)


class SetClock:
    """A clock that goes on from where it is set."""

    def __init__(self, moment: datetime) -> None:
        self.set(moment)

    def set(self, moment: datetime) -> None:
        self._ahead = moment - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def outcomes(place: Path) -> list[str]:
    """Let the next Wink do what is due, and return how the runs ended."""
    with build(settings(place), clock=SetClock(AFTER)) as engine:

        def ended() -> list[str]:
            lines = engine.store.read(list_runs, RunFilter(), Span(limit=10)).items
            return [line.outcome for line in lines if engine.store.read(show.run, line.id).finished_at is not None]

        eventually(ended)
        return ended()


def main(place: Path, point: Point) -> None:
    clock = SetClock(BEFORE)
    with build(settings(place), clock=clock) as engine:
        put(engine, "daily", TEXT)
        die_at(engine, point)
        clock.set(AFTER)
        eventually(lambda: False, within=15)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Point(int(sys.argv[2]), sys.argv[3]))
