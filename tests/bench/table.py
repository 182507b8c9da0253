"""The page with the results, in Markdown."""

from collections.abc import Iterable, Mapping, Sequence

from tests.bench.goals import Goal, Results, best_rate, goals
from tests.bench.results import Load, Work, percentile

#: Share of a processor above which making the load may be what was measured.
_BUSY = 0.9


def page(results: Results, *, command: str, moment: str, machine: str) -> str:
    """Return docs/benchmarks.md."""
    sections = [
        "# Benchmarks",
        f"Written by `{command}` on {moment}.\n\nMachine: {machine}.",
        _HOW,
        "## Targets",
        targets(goals(results)),
        "## Receiving",
        receiving(results),
        "## The whole work",
        whole_work([results.wink, *results.peers]),
        *_remarks(results),
    ]
    return "\n\n".join(sections) + "\n"


_HOW = """\
Everything ran one after the other on one machine, over loopback, with the same body: a finding of about 2 KB in JSON, whose id is
different in every request. wrk made the load, on the same cores as what it measured. Compare ratios, not figures: machines differ.

- *Receiving*: proven, parsed, deduplicated and on disk before the answer. The ceilings read the body and answer.
- *The whole work*: receive, ask a condition, fill in two templates, POST to a sink. An event counts when the sink has its id; the
  rate is what arrived, over the time from the first request to the last arrival."""


def targets(rows: Sequence[Goal]) -> str:
    """Return each target, what was measured, and whether that met it."""
    words = {True: "met", False: "**not met**", None: "not measured"}
    lines = [[goal.what, _limit(goal), _numbers(goal.values, goal.unit), words[goal.met]] for goal in rows]
    return _table(["target", "wanted", "measured", ""], lines)


def receiving(results: Results) -> str:
    """Return requests per second and latencies of all that receives, beside the first ceiling."""
    ceiling = results.ceilings[0].loads
    header = ["", *_each(ceiling, "{} connections: requests/s (p50 / p99 ms)"), f"against the first, {max(ceiling)}"]
    lines = [
        [series.name, *map(_load, series.loads.values()), _ratio(series.loads[64].rate, ceiling[64].rate)]
        for series in [*results.ceilings, *results.receiving]
    ]
    return _table(header, lines)


def whole_work(works: Sequence[Work]) -> str:
    """Return a column for each system that does the whole work."""
    connections = list(works[0].finished)
    lines = [[f"finished/s, {number} connections", *(_number(work.finished[number].rate) for work in works)] for number in connections]
    lines += [[f"its answers, {number} connections: p50 / p99 ms", *(_delay(work.finished[number].load) for work in works)] for number in connections]
    first = best_rate(works[0])
    lines += [
        ["best rate, Wink's against it", *(_ratio(first, best_rate(work)) for work in works)],
        ["POST to sink at 20/s: p50 / p99 ms", *(_both(percentile(work.delays, 50), percentile(work.delays, 99)) for work in works)],
        ["CPU ms per finished event", *(_number(work.cpu) for work in works)],
        ["memory MB, idle / peak", *(_both(work.idle, work.peak) for work in works)],
        ["from start to first answer, s", *(_number(work.start) for work in works)],
        ["lost of acknowledged after kill -9", *(f"{work.crash.lost} of {work.crash.acknowledged:,}" for work in works)],
    ]
    return _table(["", *(work.name for work in works)], lines)
