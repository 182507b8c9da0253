"""What runs cost that wait: ``python -m tests.bench.waiting`` makes ten thousand and prints the numbers.

A third each waits for a time, for people, and for a later event. Everything is in this process and on SQLite, and
takes about a minute.
"""

import argparse
import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, func, select
from sqlalchemy import event as hooks

from engine.path.match import new_run
from engine.path.start import start
from engine.runtime import Engine
from engine.store import journal, show, turns
from engine.store.journal import Claim, Started
from engine.store.tables import runs
from engine.words import Outcome
from tests.engines import deliver, running, trigger, workflow
from tests.serving import eventually

#: What a run waits with; each is started by hand.
STEPS = {
    "time": "{uses: core.wait, with: {for: 7d}}",
    "people": "{uses: core.approve, with: {title: Go on?}}",
    "event": "{uses: core.wait_for_event, with: {trigger: t, if: event.data.n == inputs.n}}",
}
QUICK = "name: Quick\non: {manual: true}\nsteps: [{uses: core.log, with: {message: x}}]\n"

#: Runs that are written in one transaction, and seconds until all of them wait.
PORTION = 500
PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured."""

    runs: int
    #: Resident memory of this process in MB: before there were any, and when it has walked all of them to their wait.
    memory_before: float
    memory_after: float
    #: Of one processor, while nothing happens.
    idle_percent: float
    threads: int
    timers: int
    #: Seconds: from the start with them to the end of the first new run; from an event to the end of the one run that
    #: waited for it; of a look for runs that are due.
    start: float
    event: float
    look: float


def measure(folder: Path, count: int, idle: float) -> tuple[Figures, Sequence[str]]:
    """Return what so many waiting runs cost, and the plans of a look and of a claim among them; idle: seconds."""
    with _prepared(folder) as engine:
        before = memory()
        _fill(engine, count)
        after = memory()
    begun = time.perf_counter()
    with running(folder) as engine:
        _once(engine)
        started = time.perf_counter() - begun
        used = time.process_time()
        time.sleep(idle)
        busy = time.process_time() - used
        looked = _timed(lambda: engine.store.read(turns.due, datetime.now(UTC), 512))
        told = _timed(lambda: _tell(engine, count // 6))
        figures = Figures(
            runs=count,
            memory_before=before,
            memory_after=after,
            idle_percent=100 * busy / idle,
            threads=threading.active_count(),
            timers=len(engine.executor._loop._timers),  # type: ignore[attr-defined]
            start=started,
            event=told,
            look=looked,
        )
        return figures, plans(engine)


@contextmanager
def _prepared(folder: Path) -> Iterator[Engine]:
    with running(folder) as engine:
        trigger(engine)
        workflow(engine, QUICK, "quick")
        for name, step in STEPS.items():
            inputs = "inputs: {n: {type: integer}}"
            workflow(engine, f"name: {name}\non: {{manual: true}}\n{inputs}\nsteps: [{step}]\n", name)
        _once(engine)
        yield engine


def _once(engine: Engine) -> None:
    run = start(engine, "quick", {})
    eventually(lambda: engine.store.read(show.run, run.id).finished_at, within=PATIENCE)


def _fill(engine: Engine, count: int) -> None:
    """Start so many runs, and return when all of them wait."""
    by_name = [engine.published.now().by_name[name] for name in STEPS]
    now = engine.clock.now()
    fresh = [new_run(by_name[number % 3], now)._replace(inputs={"n": number // 3}) for number in range(count)]
    made = [Started(run) for run in fresh]
    for first in range(0, count, PORTION):
        engine.store.write(journal.start_runs, made[first : first + PORTION])
    eventually(lambda: engine.store.read(_waiting) == count, within=PATIENCE)


def _waiting(connection: Connection) -> int:
    waits = runs.c.finished_at.is_(None), runs.c.outcome == Outcome.WAITING
    return connection.scalar(select(func.count()).where(*waits)) or 0


def _tell(engine: Engine, number: int) -> None:
    """Send the event for which one run waits, and return when that has ended."""
    waiting = engine.store.read(_waiting)
    deliver(engine, b'{"n": %d}' % number)
    eventually(lambda: engine.store.read(_waiting) == waiting - 1)


def plans(engine: Engine) -> list[str]:
    """Return what SQLite does to look for runs that are due, and to claim one."""
    asked: list[tuple[str, tuple[object, ...]]] = []
    with engine.store.database.writing.connect() as connection:
        hooks.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        turns.due(connection, engine.clock.now(), 512)
        turns.next_due(connection, engine.clock.now())
        journal.claim(connection, [Claim("run_none", engine.clock.now())])
        explained = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given) for sql, given in list(asked)]
        return [row.detail for rows in explained for row in rows]


def _timed(deed: Callable[[], object]) -> float:
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


def memory() -> float:
    """Return the resident memory of this process, in MB."""
    gc.collect()
    resident = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(resident.split()[1]) / 1024


def main(words: Sequence[str] | None = None) -> int:
    """Measure, and print the numbers."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.waiting", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--idle", type=float, default=10.0, help="seconds")
    given = parser.parse_args(words)
    with TemporaryDirectory(prefix="wink-bench-") as folder:
        figures, plan = measure(Path(folder), given.runs, given.idle)
    lines = [f"{one.name:15} {getattr(figures, one.name):,.3f}" for one in fields(figures)]
    sys.stdout.write("\n".join([*lines, "", *plan, ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
