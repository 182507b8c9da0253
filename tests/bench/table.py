"""The page with the results, in Markdown."""

import math
from collections.abc import Iterator, Sequence

from tests.bench.goals import Goal, Results, best_rate, goals
from tests.bench.results import Load, Work, percentile

#: Share of a processor from which on making the load may be what was measured.
_BUSY = 0.9

_HOW = """\
Everything ran one after the other on one machine, over loopback, with the same body: a finding of about 2 KB in JSON,
whose id is another in every request. wrk made the load, on the same cores as what it measured. Machines differ: compare
ratios.

- *Receiving*: proven, parsed, deduplicated and on disk before the answer. The ceilings read the body and answer.
- *The whole work*: receive, ask a condition, fill in two templates, POST to a sink. An event counts when the sink has
  its id; the rate is what arrived over the time from the first request to the last arrival."""


def page(results: Results, *, command: str, moment: str, machine: str) -> str:
    """Return docs/benchmarks.md."""
    sections = [
        "# Benchmarks",
        f"Written by `{command}` on {moment}.\n\nMachine: {machine}.",
        _HOW,
        f"## Targets\n\n{targets(goals(results))}",
        f"## Receiving\n\n{receiving(results)}",
        f"## The whole work\n\n{whole_work([results.wink, *results.peers])}",
        "\n".join(remarks(results)),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def targets(rows: Sequence[Goal]) -> str:
    """Return each target, what was measured, and whether that met it."""
    words = {True: "met", False: "**not met**", None: "not measured"}
    lines = [[goal.what, _limit(goal), _numbers(goal.values, goal.unit), words[goal.met]] for goal in rows]
    return _table(["target", "wanted", "measured", ""], lines)


def receiving(results: Results) -> str:
    """Return requests per second and latencies of all that receives, beside the first ceiling."""
    first = results.ceilings[0].loads
    most = max(first)
    lines = [
        [series.name, *map(_received, series.loads.values()), _ratio(series.loads[most].rate, first[most].rate)]
        for series in (*results.ceilings, *results.receiving)
    ]
    header = ["requests/s (p50 / p99 ms) over", *map(_connections, first), f"ratio to the first, {_connections(most)}"]
    return _table(header, lines)


def whole_work(works: Sequence[Work]) -> str:
    """Return a column for each system that does the whole work; the first is Wink."""
    columns = [_column(work, wink=works[0]) for work in works]
    lines = [[title, *(column[title] for column in columns)] for title in columns[0]]
    return _table(["", *(work.name for work in works)], lines)


def _column(work: Work, *, wink: Work) -> dict[str, str]:
    cells = {}
    for number, row in work.finished.items():
        cells[f"finished/s, {_connections(number)}"] = _number(row.rate)
    cells["Wink's best rate against the best here"] = _ratio(best_rate(wink), best_rate(work))
    for number, row in work.finished.items():
        cells[f"its answer, {_connections(number)}: p50 / p99 ms"] = _both(row.load.p50, row.load.p99)
    delays = percentile(work.delays, 50), percentile(work.delays, 99)
    return cells | {
        "POST to sink at 20/s: p50 / p99 ms": _both(*delays),
        "CPU ms per finished event": _number(work.cpu),
        "memory MB, idle / under load": _both(work.idle, work.peak),
        "from start to first answer, s": _number(work.start),
        "lost of acknowledged after kill -9": f"{work.crash.lost:,} of {work.crash.acknowledged:,}",
    }


def remarks(results: Results) -> Iterator[str]:
    """Yield what a reader should know about the figures: what was left out, failed, or not measured well."""
    for name, reason in results.skipped.items():
        yield f"- {name} was left out: {reason}."
    for series in (*results.ceilings, *results.receiving):
        for number, load in series.loads.items():
            where = f"{series.name}, {_connections(number)}"
            if load.generator > _BUSY:
                yield f"- {where}: wrk was busy for {load.generator:.0%} of the time; more may be possible."
            if load.failed:
                yield f"- {where}: {load.failed:,} requests failed."
    for work in (results.wink, *results.peers):
        for number, row in work.finished.items():
            if row.load.failed or row.arrived < row.load.accepted:
                counts = f"{row.load.accepted:,} accepted, {row.load.failed:,} failed, {row.arrived:,} arrived in time"
                yield f"- {work.name}, {_connections(number)}: {counts}."


def _received(load: Load) -> str:
    return f"{_number(load.rate)} ({_both(load.p50, load.p99)})"


def _limit(goal: Goal) -> str:
    return f"{'at least' if goal.least else 'at most'} {_numbers(goal.limits, goal.unit)}"


def _connections(number: int) -> str:
    return f"{number} connection{'s' if number > 1 else ''}"


def _numbers(values: Sequence[float], unit: str) -> str:
    return f"{' / '.join(map(_number, values))} {unit}".strip() if values else "-"


def _both(first: float, second: float) -> str:
    return f"{_number(first)} / {_number(second)}"


def _ratio(value: float, base: float) -> str:
    return f"{_number(value / base)} x"


def _number(value: float) -> str:
    """Write a number with as many digits as a benchmark is worth: two or three."""
    if not math.isfinite(value):
        return "none"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.{1 if value >= 10 else 2}f}"


def _table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Write a table whose first column is words and whose others are numbers."""
    marks = ["---", *["--:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, marks, *lines))
