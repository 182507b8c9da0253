"""How a Wink starts that was killed with much left to do: ``python -m tests.bench.unfinished``.

Of its runs most are queued, some wait for a time that came meanwhile, some for one that has not come, and as many as a
process has at once were under way.
"""

import argparse
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from sqlalchemy import select

from engine.app import build_resting
from engine.definitions.workflow import Workflow
from engine.executors.rounds import ROOM
from engine.path.match import new_run
from engine.runtime import Engine
from engine.settings import Settings
from engine.store import journal
from engine.store.journal import Started
from engine.store.rows import Entry
from engine.store.tables import runs
from engine.words import Outcome
from tests.bench.waiting import PORTION, QUICK, memory
from tests.databases import POSTGRESQL, postgresql_database
from tests.engines import running, workflow
from tests.serving import eventually

WAITS = "name: Waits\non: {manual: true}\nsteps: [{id: pause, uses: core.wait, with: {for: 7d}}]\n"

#: Runs that have to end before the measurement does, and seconds for them.
ENOUGH = 2_000
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; seconds from the start of an engine, in this process, until something holds."""

    runs: int
    #: It answers.
    answers: float
    #: One run has ended, and as many as were asked for.
    first: float
    enough: float
    #: Of the processor, until then; other processes do not count.
    processor: float
    #: Those of the first to end that had no claim to it: more runs than are in memory at once were before them.
    out_of_turn: int
    #: Resident memory in MB: before the start, and when so many have ended.
    memory_before: float
    memory_after: float


def measure(folder: Path, count: int, enough: int = ENOUGH, **settings: object) -> Figures:
    """Leave so many runs unfinished, start, and return what the start took."""
    with build_resting(Settings.load({}, folder, threads=2, **settings)) as engine:
        queued = _leave(engine, count)
    before, begun, used = memory(), time.perf_counter(), time.process_time()
    with running(folder, **settings) as engine:
        answers = time.perf_counter() - begun
        eventually(lambda: _ended(engine, queued[:1]), within=PATIENCE)
        first = time.perf_counter() - begun
        eventually(lambda: len(_ended(engine, queued[: enough + ROOM])) >= enough, within=PATIENCE)
        took = time.perf_counter() - begun
        processor = time.process_time() - used
        ended = _ended(engine, queued)
        late = ended.difference(queued[: len(ended) + ROOM])
        return Figures(count, answers, first, took, processor, len(late), before, memory())


def _ended(engine: Engine, among: Sequence[str]) -> set[str]:
    """Return those of the runs, oldest first and none left out, that have ended."""
    wanted = select(runs.c.id).where(runs.c.workflow == "quick", runs.c.id.between(among[0], among[-1]))
    with engine.store.reading() as connection:
        return set(connection.scalars(wanted.where(runs.c.finished_at.is_not(None))))


def _leave(engine: Engine, count: int) -> list[str]:
    """Write so many runs; return those that have nothing to wait for, oldest first."""
    workflow(engine, QUICK, "quick")
    workflow(engine, WAITS, "waits")
    snapshot = engine.published.now()
    made = list(_made(snapshot.by_name["quick"], snapshot.by_name["waits"], engine.clock.now(), count))
    for first in range(0, count, PORTION):
        engine.store.write(journal.start_runs, made[first : first + PORTION])
    return [one.run.id for one in made if one.run.workflow == "quick"]


def _made(quick: Workflow, waits: Workflow, now: datetime, count: int) -> Iterator[Started]:
    lease = now + timedelta(seconds=30)
    for number in range(count):
        if number < ROOM // 2:
            run = new_run(quick, now)._replace(outcome=Outcome.RUNNING, token=1)
            yield Started(run._replace(lease_until=lease, started_at=now))
        elif number % 10 < 7:
            yield Started(new_run(quick, now))
        else:
            due = now + timedelta(days=7 if number % 10 < 9 else -1)
            run = new_run(waits, now)._replace(outcome=Outcome.WAITING, token=1, due_at=due, started_at=now)
            entry = Entry(
                run.id, "pause", 1, 0, "core.wait", Outcome.WAITING, 1, now, None, due, {"for": "7d"}, None, None
            )
            yield Started(run, (entry,))


def main(words: Sequence[str] | None = None) -> int:
    """Measure on each kind of database, and print the numbers."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.unfinished", description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--server", default=POSTGRESQL, help="a PostgreSQL server where databases may be made")
    given = parser.parse_args(words)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for kind in ("sqlite", "postgresql"):
        with TemporaryDirectory(prefix="wink-bench-") as name:
            own = nullcontext(f"sqlite:///{name}/wink.db") if kind == "sqlite" else postgresql_database(given.server)
            with own as address:
                figures = measure(Path(name), given.runs, database_url=address)
        lines = [f"{one.name:15} {getattr(figures, one.name):,.3f}" for one in fields(figures)]
        sys.stdout.write("\n".join([kind, *lines, "", ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
