"""A workflow of sixty steps with all there is: ``python -m tests.bench.sixty`` checks it, and runs it 1,000 times.

It prints the times of a check, and of the first and the last runs: what is kept of runs must not make the next slower.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, func, select

from engine.definitions.action import ActionSpec
from engine.definitions.checker import Checked, check_workflow
from engine.definitions.workflow import Step, bodies
from engine.path.match import new_run
from engine.path.start import start
from engine.runtime import Engine
from engine.store import journal, show
from engine.store.journal import Started
from engine.store.tables import runs
from engine.words import Outcome
from tests.engines import running, trigger, workflow
from tests.serving import eventually

TEXT = (Path(__file__).parent / "sixty.yaml").read_text()

#: What ``core.run_workflow`` runs.
CHILD = """
name: Child of sixty
on: {manual: true}
inputs: {n: {type: integer}}
steps: [{id: made, uses: core.set, with: {values: {n: "${{ inputs.n }}"}}}]
outputs: {n: "${{ steps.made.output.n }}"}
"""

CHECKS = 20
PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured: milliseconds of CPU for a check, the best of many; of runs from start to end, medians."""

    steps: int
    check: float
    runs: int
    first: float
    last: float


def measure(folder: Path, count: int, sample: int) -> Figures:
    """Check the workflow, and run it so often: the first and the last ones one by one, the rest at once.

    sample: how many the first, and the last, are.
    """
    with running(folder) as engine:
        trigger(engine)
        workflow(engine, CHILD, "sixty-child")
        workflow(engine, TEXT, "sixty")
        first = [_run(engine) for _ in range(sample)]
        _run_at_once(engine, count - 2 * sample)
        last = [_run(engine) for _ in range(sample)]
        specs = {name: action.spec for name, action in engine.actions.items()}
        return Figures(len(list(steps(specs))), check_time(specs), count, median(first), median(last))


def check_time(specs: Mapping[str, ActionSpec]) -> float:
    """Return how long a check takes the processor, in milliseconds: the best of many, as others use it too."""
    return min(_check_once(specs) for _ in range(CHECKS))


def steps(specs: Mapping[str, ActionSpec]) -> Iterator[Step]:
    """Yield every step of the workflow."""
    found = check(specs).workflow
    assert found is not None
    yield from chain(_within(found.steps), _within(found.on_error))


def check(specs: Mapping[str, ActionSpec]) -> Checked:
    """Check the workflow."""
    return check_workflow(TEXT, "sixty", actions=specs, schemas=lambda *_: None)


def _check_once(specs: Mapping[str, ActionSpec]) -> float:
    begun = time.process_time()
    check(specs)
    return 1000 * (time.process_time() - begun)


def _within(some: Sequence[Step]) -> Iterator[Step]:
    for step in some:
        yield step
        for _, inner in bodies(step):
            yield from _within(inner)


def _run(engine: Engine) -> float:
    """Run it once; return how many milliseconds it took."""
    begun = start(engine, "sixty", {})
    eventually(lambda: engine.store.read(show.run, begun.id).finished_at)
    run = engine.store.read(show.run, begun.id)
    assert run.outcome is Outcome.SUCCEEDED, run.error
    assert run.started_at
    assert run.finished_at
    return 1000 * (run.finished_at - run.started_at).total_seconds()


def _run_at_once(engine: Engine, count: int) -> None:
    sixty, now = engine.published.now().by_name["sixty"], engine.clock.now()
    engine.store.write(
        journal.start_runs, [Started(new_run(sixty, now)._replace(inputs={"n": 3})) for _ in range(count)]
    )
    eventually(lambda: engine.store.read(_unfinished) == 0, within=PATIENCE)


def _unfinished(connection: Connection) -> int:
    return connection.scalar(select(func.count()).where(runs.c.finished_at.is_(None))) or 0


def main(words: Sequence[str] | None = None) -> int:
    """Measure, and print the numbers."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sixty", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--sample", type=int, default=50, help="so many first, and last, runs are measured")
    given = parser.parse_args(words)
    with TemporaryDirectory(prefix="wink-bench-") as folder:
        figures = measure(Path(folder), given.runs, given.sample)
    sys.stdout.writelines(f"{one.name:15} {getattr(figures, one.name):,.2f}\n" for one in fields(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
