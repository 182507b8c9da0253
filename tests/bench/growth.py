"""What Wink costs with much stored, beside one with little and one with nothing: ``python -m tests.bench.growth``.

Three databases of a kind are open in this process and take turns at each measure, so that whatever else the machine
does meets all of them: one with nothing but a few examples, one with the events of a day, and one with those of 29 days
at the same rate. The last is compared with the day where all that a page shows is there in both.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
from rich.console import Console
from rich.progress import Progress, track

from tests.bench.grown import FORGET, MEASURES, Grown, Row, pages
from tests.bench.machine import describe
from tests.bench.plenty import fill_much
from tests.browser.place import Address
from tests.databases import POSTGRESQL, postgresql_database

#: What lies between the oldest event of the largest and now: less than is kept, so that nothing is forgotten.
SPAN = timedelta(days=29)
DAY = timedelta(days=1)

#: What is more than so many times as much in the largest as in the day is marked.
MOST = 1.1

console = Console(stderr=True)


def main(words: Sequence[str] | None = None) -> int:
    """Fill, measure and print the tables; return the exit status."""
    arguments = _parser().parse_args(words)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    begun = time.monotonic()
    for kind in arguments.databases:
        with tempfile.TemporaryDirectory(prefix="wink-growth-") as name, ExitStack() as stack:
            folder = Path(name)
            sys.stdout.write(f"{kind}, {arguments.events:,} events; {describe(folder)}\n")
            grown = [stack.enter_context(each) for each in _filled(folder, kind, arguments, stack)]
            chosen = [one for one in (*MEASURES, *pages(grown[0]), FORGET) if arguments.only in one.name]
            for measure in track(chosen, kind, console=console):
                sys.stdout.write(f"{line(Row.of(measure, grown))}\n")
                sys.stdout.flush()
    command = " ".join(["python -m tests.bench.growth", *(sys.argv[1:] if words is None else words)])
    sys.stdout.write(f"It took {(time.monotonic() - begun) / 60:.0f} minutes. Repeat with: {command}\n")
    return 0


def line(row: Row) -> str:
    """Return what was found in each database, and the last against the first and against the one before."""
    first, *_, day, last = row.values
    numbers = " ".join(f"{value:10.2f}" for value in row.values)
    mark = "  grew" if last > MOST * day else ""
    return f"{row.name:60.60} {row.unit:3} {numbers} {last / first:7.2f} x {last / day:7.2f} x{mark}"


def _filled(
    folder: Path, kind: str, arguments: argparse.Namespace, stack: ExitStack
) -> Iterator[AbstractContextManager[Grown]]:
    """Yield what opens each of the databases, when it is filled."""
    sizes = {"nothing": (0, SPAN), "day": (arguments.events // SPAN.days, DAY), "all": (arguments.events, SPAN)}
    for name, (number, span) in sizes.items():
        place = folder / name
        place.mkdir()
        address = f"sqlite:///{place}/wink.db"
        if kind == "postgresql":
            address = stack.enter_context(postgresql_database(arguments.server))
        yield Grown.opened(place, address, _fill(place, address, number, span))


def _fill(place: Path, address: str, number: int, span: timedelta) -> Sequence[Address]:
    with Progress(console=console) as progress:
        task = progress.add_task(f"{number:,} events", total=number)
        return fill_much(place, number, span, written=partial(progress.advance, task), database_url=address)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description="Measure what growth costs.")
    parser.add_argument("--events", type=int, default=100_000, help="of the largest (default: 100,000)")
    parser.add_argument("--server", default=POSTGRESQL, help="a PostgreSQL server where databases may be made")
    parser.add_argument("--only", default="", help="what a measure's name has to hold, such as /runs")
    parser.add_argument("--databases", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    return parser


if __name__ == "__main__":
    sys.exit(main())
