"""Time every page that a viewer may open, with 100,000 events stored, and print a table with the slowest on top.

Started by ``python -m tests.bench.pages``, from the checkout's folder. The pages are asked for in this process, without
a socket. The exit status is 1 when one took longer than it may.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import structlog
from werkzeug.test import Client

from engine.words import Role
from tests.bench.machine import describe
from tests.bench.plenty import fill_much
from tests.browser.place import NAMES, Address
from tests.engines import running
from tests.web.browser import Browser
from web.application import create_application

#: How long a page may take, in milliseconds.
MOST = 100.0

#: How often each page is asked for, after the first time.
TIMES = 20

#: What lists are asked for beside their first part, with what finds little and so has to look far.
FILTERED = (
    "/?part=numbers",
    "/triggers?part=list",
    "/events?trigger=t",
    "/events?type=scan.ended",
    "/events?type=nothing",
    "/events?matched=true",
    "/events?matched=false",
    "/events?q=nothing",
    "/events?q=Reflected&type=scan.ended",
    "/events?trigger=t&type=nothing",
    "/events?trigger=t&matched=false",
    "/deliveries?trigger=t",
    "/deliveries?verdict=rejected",
    "/deliveries?verdict=quarantined",
    "/deliveries?reason=malformed_body",
    "/deliveries?trigger=t&verdict=duplicate",
    "/deliveries?trigger=t&reason=rate_limited",
    "/deliveries?verdict=accepted&reason=held",
    "/runs?workflow=w",
    "/runs?outcome=failed",
    "/runs?outcome=waiting",
    "/runs?outcome=cancelled",
    "/runs?trigger=t",
    "/runs?trigger=sender-17&outcome=failed",
    "/runs?workflow=w&outcome=failed",
    "/runs?workflow=w&outcome=cancelled",
)


@dataclass(frozen=True, slots=True)
class Timed:
    """A page, in milliseconds: its first time, which compiles it, then median, longest and processor time."""

    path: str
    status: int
    first: float
    median: float
    longest: float
    processor: float
    kilobytes: float


def main(words: Sequence[str] | None = None) -> int:
    """Time the pages; return the exit status."""
    arguments = _parser().parse_args(words)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    slow = False
    for hours in arguments.hours:
        with tempfile.TemporaryDirectory(prefix="wink-pages-") as name:
            folder, begin = Path(name), time.perf_counter()
            addresses = fill_much(folder, arguments.events, timedelta(hours=hours))
            filled = time.perf_counter() - begin
            sys.stdout.write(
                f"{arguments.events:,} events of the last {hours:g} h, written in {filled:.0f} s; {describe(folder)}\n"
            )
            found = timed(folder, addresses)
        sys.stdout.write(f"{table(found)}\n\n")
        slow |= any(each.median > MOST for each in found)
    command = " ".join(["python -m tests.bench.pages", *(sys.argv[1:] if words is None else words)])
    sys.stdout.write(f"Repeat with: {command}\n")
    return int(slow)


def timed(folder: Path, addresses: Sequence[Address]) -> list[Timed]:
    """Ask for each page that a viewer may open, again and again; return the slowest first."""
    with running(folder) as engine:
        browser = Browser(Client(create_application(engine)))
        browser.sign_in(NAMES[Role.VIEWER])
        pages = [_time(browser, path) for path in _paths(addresses)]
    return sorted(pages, key=lambda page: page.median, reverse=True)


def _paths(addresses: Sequence[Address]) -> Iterator[str]:
    for address in addresses:
        if address.needed and Role.VIEWER.covers(address.needed):
            yield address.path
    yield from FILTERED


def _time(browser: Browser, path: str) -> Timed:
    begin = time.perf_counter()
    answer = browser.get(path)
    first, size = 1000 * (time.perf_counter() - begin), len(answer.data) / 1024
    walls, processors = [], []
    for _ in range(TIMES):
        begin, used = time.perf_counter(), time.thread_time()
        browser.get(path)
        walls.append(1000 * (time.perf_counter() - begin))
        processors.append(1000 * (time.thread_time() - used))
    return Timed(path, answer.status_code, first, median(walls), max(walls), median(processors), size)


def table(pages: Sequence[Timed]) -> str:
    """Return the pages in lines, in milliseconds."""
    head = f"{'page, ms':60} {'first':>7} {'median':>7} {'longest':>7} {'cpu':>7} {'KiB':>6}"
    return "\n".join([head, *map(_line, pages)])


def _line(page: Timed) -> str:
    path = page.path if page.status == 200 else f"{page.path} ({page.status})"
    numbers = " ".join(f"{each:7.1f}" for each in (page.first, page.median, page.longest, page.processor))
    return f"{path:60} {numbers} {page.kilobytes:6.0f}{'  too slow' if page.median > MOST else ''}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description="Time every page.")
    parser.add_argument("--events", type=int, default=100_000, help="how many are stored (default: 100,000)")
    parser.add_argument(
        "--hours",
        type=float,
        nargs="+",
        default=[24, 1],
        help="the spans that they are spread over (default: 24 and 1)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
