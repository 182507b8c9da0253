"""Measure Wink beside this machine's ceilings, and other systems, and write docs/benchmarks.md with its plots.

Started by ``python3 dev.py bench``. Nothing leaves the machine, every load has an end, and whatever was started is
stopped, also after Ctrl-C.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from tests.bench.children import BenchError, Launch, free_port, started, wait_until
from tests.bench.goals import Results
from tests.bench.journalled import measure_journalled
from tests.bench.machine import describe
from tests.bench.measure import Bench, measure_ceiling, measure_work
from tests.bench.overload import measure_overload
from tests.bench.plots import plots
from tests.bench.progress import Course
from tests.bench.request import RUN_LENGTH, answers
from tests.bench.sink import Arrivals
from tests.bench.systems.ceiling import flask_hello, granian_hello, nginx
from tests.bench.systems.cluster import cluster
from tests.bench.systems.n8n import n8n
from tests.bench.systems.node_red import node_red
from tests.bench.systems.plain_celery import plain_celery
from tests.bench.systems.postgresql import on_postgresql
from tests.bench.systems.system import Runner, System
from tests.bench.systems.webhook import webhook
from tests.bench.systems.wink import Wink, embedded
from tests.bench.table import page

S = TypeVar("S")
T = TypeVar("T")

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

#: What is measured, by the name under which it is left out where it is not to be had.
CEILINGS: Mapping[str, Callable[[], AbstractContextManager[System]]] = {
    "Flask hello": flask_hello,
    "granian hello": granian_hello,
    "nginx": nginx,
}
WINKS: Mapping[str, Callable[[], AbstractContextManager[Wink]]] = {
    "Wink embedded": embedded,
    "Wink on PostgreSQL": on_postgresql,
    "Wink cluster, 1 worker": partial(cluster, 1),
    "Wink cluster, 2 workers": partial(cluster, 2, ways=["api_key"]),
}
PEERS: Mapping[str, Callable[[], AbstractContextManager[System]]] = {
    "Node-RED": node_red,
    "n8n": n8n,
    "adnanh/webhook": webhook,
}
RUNNERS: Mapping[str, Callable[[], AbstractContextManager[Runner]]] = {
    "plain Celery, 1 worker, five steps": partial(plain_celery, 1),
    "plain Celery, 2 workers, five steps": partial(plain_celery, 2),
    "Wink on PostgreSQL, five steps": on_postgresql,
    "Wink cluster, 1 worker, five steps": partial(cluster, 1),
    "Wink cluster, 2 workers, five steps": partial(cluster, 2),
}
OVERLOADED: Mapping[str, Callable[[], AbstractContextManager[Wink]]] = {
    "Wink embedded, overload": partial(embedded, ways=["api_key"]),
    "Wink cluster, 2 workers, overload": partial(cluster, 2, ways=["api_key"]),
}

console = Console(stderr=True, highlight=False)


def main(words: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    arguments = _parser().parse_args(words)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    command = " ".join(["python3 dev.py bench", *(sys.argv[1:] if words is None else words)])
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    try:
        with tempfile.TemporaryDirectory(prefix="wink-bench-") as folder:
            machine = describe(Path(folder))
            results = run(Path(folder), seconds=arguments.seconds, peers=arguments.peers)
    except BenchError as error:
        console.print(f"bench: {error}", style="red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130
    growth = arguments.docs / "benchmarks" / "growth.txt"
    kept = growth.read_text() if growth.exists() else ""
    text = page(results, command=command, moment=moment, machine=machine, growth=kept)
    _write(arguments.docs, results, text)
    sys.stdout.write(text)
    return 0


def run(folder: Path, *, seconds: float, peers: bool) -> Results:
    """Measure everything."""
    port, file = free_port(), folder / "arrivals"
    file.touch()
    sink = Launch([sys.executable, str(Path(__file__).with_name("sink.py")), str(port), str(file)])
    others = PEERS if peers else {}
    number = sum(map(len, (CEILINGS, WINKS, others, RUNNERS, OVERLOADED)))
    with started([sink], folder) as family, Course(console, number) as course:
        wait_until(lambda: answers(port, "/"), family, seconds=10, what="the sink answers")
        arrivals = Arrivals(file, run_length=RUN_LENGTH)
        bench = Bench(folder, seconds, f"http://127.0.0.1:{port}/", arrivals, course.say)
        return _measure(Measurement(bench, course), others)


def _measure(measurement: "Measurement", peers: Mapping[str, Callable[[], AbstractContextManager[System]]]) -> Results:
    return Results(
        ceilings=[series for found in measurement.each(CEILINGS, measure_ceiling) for series in found],
        winks=measurement.each(WINKS, measure_work),
        peers=measurement.each(peers, measure_work),
        runs=measurement.each(RUNNERS, measure_journalled),
        overloads=measurement.each(OVERLOADED, measure_overload),
        skipped=measurement.skipped,
    )


class Measurement:
    """One benchmark under way. skipped: what was left out, and why."""

    def __init__(self, bench: Bench, course: Course) -> None:
        self._bench, self._course = bench, course
        self.skipped: dict[str, str] = {}

    def each(
        self,
        systems: Mapping[str, Callable[[], AbstractContextManager[S]]],
        measure: Callable[[Bench, S], T],
    ) -> list[T]:
        """Return what was measured of each system; one that is not to be had is skipped with its reason."""
        measured = []
        for name, find in systems.items():
            self._course.begin(name)
            try:
                with find() as system:
                    measured.append(measure(self._bench, system))
            except BenchError as error:
                console.print(f"bench: {name} is left out: {error}", markup=False, soft_wrap=True)
                self.skipped[name] = str(error).splitlines()[0]
        return measured


def _write(docs: Path, results: Results, text: str) -> None:
    folder = docs / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    for name, plot in plots(results).items():
        (folder / f"{name}.svg").write_text(plot.svg())
    (docs / "benchmarks.md").write_text(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Measure Wink, and write docs/benchmarks.md.")
    parser.add_argument("--seconds", type=float, default=3, help="length of each load (default: 3)")
    parser.add_argument("--peers", action="store_true", help="measure n8n, Node-RED and adnanh/webhook too")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder to write into (default: docs)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
