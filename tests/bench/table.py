"""The page with the results, in Markdown."""

import math
from collections.abc import Iterator, Sequence

from tests.bench.goals import USUAL, Goal, Results, goals
from tests.bench.results import Journalled, Load, Overload, Series, Work, percentile

#: Share of a processor from which on making the load may be what was measured.
_BUSY = 0.9

_HOW = """\
Everything ran one after the other on one machine, over loopback, with the same body: a finding of about 2 KB in JSON,
whose id is another in every request. wrk made the load, on the same cores as what it measured. Machines differ: compare
ratios. PostgreSQL and RabbitMQ are those that the machine has: what they use is told apart, and is that of all their
processes; memory is that of a system's own processes.

- *Receiving*: proven, parsed, deduplicated and on disk before the answer. The ceilings read the body and answer.
- *The whole work*: receive, ask a condition, fill in two templates, POST to a sink. An event counts when the sink has
  its id; the rate is what arrived over the time from the first request to the last arrival.
- *Five journalled steps*: so many runs are handed over as fast as they are taken; the rate is over the time from the
  first to the end of the last. Each step fills in a template with what the one before gave, and is written down. Wink
  takes the runs as webhooks. Plain Celery is a task for each run, with a commit through psycopg for each step, late
  acknowledgement, and workers of four processes; it gets its runs from a loop over `delay`.
- *Overload*: the same receiving while nothing else happens, after the workers were killed, and while a backlog of runs
  of 445 steps keeps those busy who run them."""

_PLOTS = """\
![Events finished per second, by system](benchmarks/finished.svg)

![Latency of the answer at 16 connections, by system](benchmarks/receipt.svg)

![Memory, by system](benchmarks/memory.svg)

![Processor time per event, by system](benchmarks/cpu.svg)"""

_GROWTH = """\
Whether Wink slows down with what is stored is measured on its own, because it takes long:
`python -m tests.bench.growth > docs/benchmarks/growth.txt`, before this page is written."""

_GROWN = """\
What is done, in processor time of both sides, in three databases that take turns: one with hardly anything, one with a
day's events and one with those of 29 days; then the last against the first, and against the day. Where one page shows
something and the other has nothing to show, only the second says something.

```text
{}
```"""


def page(results: Results, *, command: str, moment: str, machine: str, growth: str = "") -> str:
    """Return docs/benchmarks.md; growth: what ``python -m tests.bench.growth`` wrote."""
    sections = [
        "# Benchmarks",
        f"Written by `{command}` on {moment}.\n\nMachine: {machine}.",
        _HOW,
        f"## Targets\n\n{targets(goals(results))}",
        _PLOTS,
        f"## Receiving\n\n{receiving(results)}",
        f"## The whole work\n\n{whole_work([*results.winks, *results.peers])}",
        f"## Five journalled steps\n\n{journalled(results.runs)}" if results.runs else "",
        f"## Overload\n\n{overload(results.overloads)}" if results.overloads else "",
        f"## Growth\n\n{_GROWN.format(growth.strip()) if growth else _GROWTH}",
        "\n".join(remarks(results)),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def targets(rows: Sequence[Goal]) -> str:
    """Return each target, what was measured, and whether that meets it, and what is enough for a first release."""
    lines = [
        [
            goal.what,
            _limit(goal, goal.target),
            _limit(goal, goal.first),
            _numbers(goal.values, goal.unit),
            _verdict(goal, goal.target),
            _verdict(goal, goal.first),
        ]
        for goal in rows
    ]
    return _table(["what", "target", "first release", "measured", "target", "first release"], lines)


def receiving(results: Results) -> str:
    """Return requests per second and latencies of all that receives, beside the first ceiling."""
    first = results.ceilings[0].loads
    most = max(first)
    lines = [
        [series.name, *map(_received, series.loads.values()), _ratio(series.loads[most].rate, first[most].rate)]
        for series in _all_series(results)
    ]
    header = ["requests/s (p50 / p99 ms) over", *map(_connections, first), f"ratio to the first, {_connections(most)}"]
    return _table(header, lines)


def _all_series(results: Results) -> list[Series]:
    return [*results.ceilings, *(series for work in results.winks for series in work.receiving)]


def whole_work(works: Sequence[Work]) -> str:
    """Return a column for each system that does the whole work; the first is Wink."""
    columns = [_column(work, wink=works[0]) for work in works]
    lines = [[title, *(column[title] for column in columns)] for title in columns[0]]
    return _table(["", *(work.name for work in works)], lines)


def _column(work: Work, *, wink: Work) -> dict[str, str]:
    cells = {}
    for number, row in work.finished.items():
        cells[f"finished/s, {_connections(number)}"] = figure(row.rate)
    cells["Wink's best rate against the best here"] = _ratio(wink.best_rate, work.best_rate)
    for number, row in work.finished.items():
        cells[f"its answer, {_connections(number)}: p50 / p99 ms"] = _both(row.load.p50, row.load.p99)
    delays = percentile(work.delays, 50), percentile(work.delays, 99)
    return cells | {
        "POST to sink at 20/s: p50 / p99 ms": _both(*delays),
        "CPU ms per finished event, own / services": _both(work.cpu, work.services),
        "memory MB, idle / under load": _both(work.idle, work.peak),
        "from start to first answer, s": figure(work.start),
        "lost of acknowledged after kill -9": f"{work.crash.lost:,} of {work.crash.acknowledged:,}",
    }


def journalled(runs: Sequence[Journalled]) -> str:
    """Return runs per second and what each took; the ratio is to the best of plain Celery."""
    plain = max((run.rate for run in runs if run.name.startswith("plain Celery")), default=math.nan)
    lines = [
        [run.name, f"{run.runs:,}", figure(run.rate), figure(run.cpu), figure(run.services), _ratio(run.rate, plain)]
        for run in runs
    ]
    header = ["", "runs", "runs/s", "CPU ms per run, own", "CPU ms per run, services", "ratio to plain Celery's best"]
    return _table(header, lines)


def overload(overloads: Sequence[Overload]) -> str:
    """Return what is received in each state, and how many times as long as idle the slowest hundredth takes."""
    lines = [
        [f"{each.name}, {state}", *map(_received, loads.values()), _ratio(loads[USUAL].p99, each.idle[USUAL].p99)]
        for each in overloads
        for state, loads in (("idle", each.idle), ("workers dead", each.dead), ("workers saturated", each.saturated))
        if loads
    ]
    numbers = overloads[0].idle
    header = ["requests/s (p50 / p99 ms) over", *map(_connections, numbers), f"p99 to idle, {_connections(USUAL)}"]
    return _table(header, lines)


def remarks(results: Results) -> Iterator[str]:
    """Yield what a reader should know about the figures: what was left out, failed, or not measured well."""
    for name, reason in results.skipped.items():
        yield f"- {name} was left out: {reason}."
    for each in results.overloads:
        if each.drained:
            yield f"- {each.name}: the backlog was gone before the measurement of its overload ended."
    for series in _all_series(results):
        yield from _about_series(series)
    for work in (*results.winks, *results.peers):
        for number, row in work.finished.items():
            if row.load.failed or row.arrived < row.load.accepted:
                counts = f"{row.load.accepted:,} accepted, {row.load.failed:,} failed, {row.arrived:,} arrived in time"
                yield f"- {work.name}, {_connections(number)}: {counts}."


def _about_series(series: Series) -> Iterator[str]:
    for number, load in series.loads.items():
        where = f"{series.name}, {_connections(number)}"
        if load.generator > _BUSY:
            yield f"- {where}: wrk was busy for {load.generator:.0%} of the time; more may be possible."
        if load.failed:
            yield f"- {where}: {load.failed:,} requests failed."


def _received(load: Load) -> str:
    return f"{figure(load.rate)} ({_both(load.p50, load.p99)})"


def _limit(goal: Goal, limits: Sequence[float]) -> str:
    return f"{'at least' if goal.least else 'at most'} {_numbers(limits, goal.unit)}" if limits else "-"


def _verdict(goal: Goal, limits: Sequence[float]) -> str:
    if not limits:
        return "-"
    return {True: "met", False: "**not met**", None: "not measured"}[goal.met(limits)]


def _connections(number: int) -> str:
    return f"{number} connection{'s' if number > 1 else ''}"


def _numbers(values: Sequence[float], unit: str) -> str:
    return f"{' / '.join(map(figure, values))} {unit}".strip() if values else "-"


def _both(first: float, second: float) -> str:
    return f"{figure(first)} / {figure(second)}"


def _ratio(value: float, base: float) -> str:
    return f"{figure(value / base)} x"


def figure(value: float) -> str:
    """Write a number with as many digits as a benchmark is worth: two or three."""
    if not math.isfinite(value):
        return "none"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.{1 if value >= 10 else 2}f}"


def _table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Write a table whose first column is words and whose others are numbers."""
    marks = ["---", *["--:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, marks, *lines))
