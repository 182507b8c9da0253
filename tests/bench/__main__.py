"""Measure Wink beside this machine's ceilings, and other systems, and write docs/benchmarks.md.

Started by ``python3 dev.py bench``. Nothing leaves the machine, every load has an end, and whatever was started is
stopped, also after Ctrl-C.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from tests.bench.children import BenchError, Launch, free_port, started, wait_until
from tests.bench.goals import Results
from tests.bench.machine import describe
from tests.bench.measure import Bench, answers, measure_ceiling, measure_work
from tests.bench.request import RUN_LENGTH
from tests.bench.sink import Arrivals
from tests.bench.systems.ceiling import flask_hello, granian_hello, nginx
from tests.bench.systems.n8n import n8n
from tests.bench.systems.node_red import node_red
from tests.bench.systems.system import System
from tests.bench.systems.webhook import webhook
from tests.bench.systems.wink import Wink
from tests.bench.table import page

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"

CEILINGS = {"Flask hello": flask_hello, "granian hello": granian_hello, "nginx": nginx}
PEERS: dict[str, Callable[[], System]] = {"Node-RED": node_red, "n8n": n8n, "adnanh/webhook": webhook}

console = Console(stderr=True, highlight=False)


def main(words: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    arguments = _parser().parse_args(words)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    command = " ".join(["python3 dev.py bench", *(sys.argv[1:] if words is None else words)])
    try:
        with tempfile.TemporaryDirectory(prefix="wink-bench-") as folder:
            text = run(Path(folder), command, seconds=arguments.seconds, peers=arguments.peers)
    except BenchError as error:
        console.print(f"bench: {error}", style="red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text)
    sys.stdout.write(text)
    return 0


def run(folder: Path, command: str, *, seconds: float, peers: bool) -> str:
    """Measure everything; return the page."""
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    machine = describe(folder)
    port, file = free_port(), folder / "arrivals"
    file.touch()
    sink = Launch([sys.executable, str(Path(__file__).with_name("sink.py")), str(port), str(file)])
    with started(sink, folder / "sink.log") as child, console.status("") as status:
        wait_until(lambda: answers(port, "/"), child, seconds=10, what="the sink answers")
        arrivals = Arrivals(file, run_length=RUN_LENGTH)
        bench = Bench(folder, seconds, f"http://127.0.0.1:{port}/", arrivals, status.update)
        results = _measure(bench, peers=peers)
    return page(results, command=command, moment=moment, machine=machine)


def _measure(bench: Bench, *, peers: bool) -> Results:
    skipped: dict[str, str] = {}
    ceilings = [series for found in _each(CEILINGS, measure_ceiling, bench, skipped) for series in found]
    receiving, wink = measure_work(bench, Wink())
    others = [work for _, work in _each(PEERS if peers else {}, measure_work, bench, skipped)]
    return Results(ceilings, receiving, wink, others, skipped)


def _each(
    systems: Mapping[str, Callable[[], System]],
    measure: Callable[[Bench, System], T],
    bench: Bench,
    skipped: dict[str, str],
) -> Iterator[T]:
    """Yield what was measured of each system; one that is not to be had is skipped with its reason."""
    for name, find in systems.items():
        bench.say(f"{name}, looking for it")
        try:
            yield measure(bench, find())
        except BenchError as error:
            console.print(f"bench: {name} is left out: {error}", markup=False, soft_wrap=True)
            skipped[name] = str(error).splitlines()[0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Measure Wink, and write docs/benchmarks.md.")
    parser.add_argument("--seconds", type=float, default=4, help="length of each load (default: 4)")
    parser.add_argument("--peers", action="store_true", help="measure n8n, Node-RED and adnanh/webhook too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
