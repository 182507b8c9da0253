"""The targets, and whether they were met."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.results import Series, Work, percentile


@dataclass(frozen=True, slots=True)
class Goal:
    """One target. values, limits: as many of each; `least`: the values must reach the limits, else stay under them."""

    what: str
    limits: Sequence[float]
    values: Sequence[float]
    unit: str
    least: bool = False

    @property
    def met(self) -> bool | None:
        """Tell whether all values are as wanted; None where nothing was measured."""
        if not self.values:
            return None
        pairs = zip(self.values, self.limits, strict=True)
        return all(value >= limit if self.least else value <= limit for value, limit in pairs)


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured. ceilings: the first is what the targets are ratios of; skipped: name to reason."""

    ceilings: Sequence[Series]
    receiving: Sequence[Series]
    wink: Work
    peers: Sequence[Work] = ()
    skipped: dict[str, str] = field(default_factory=dict)


def goals(results: Results) -> list[Goal]:
    """Return the targets of a first release, with what was measured."""
    wink = results.wink
    delays = [percentile(wink.delays, 50), percentile(wink.delays, 99)]
    receive = [min(series.loads[64].rate for series in results.receiving) / results.ceilings[0].loads[64].rate]
    slowest = [max(series.loads[16].p99 for series in results.receiving)]
    return [
        Goal("receive durably, 64 connections, against Flask hello", [2], receive, "x", least=True),
        Goal("receive p99, 16 connections", [25], slowest, "ms"),
        Goal("process, against Node-RED", [0.7], _ratio(results, "Node-RED"), "x", least=True),
        Goal("process, against n8n", [25], _ratio(results, "n8n"), "x", least=True),
        Goal("POST to sink at 20/s, p50 and p99", [8, 25], delays, "ms"),
        Goal("CPU per processed event, all processes", [1], [wink.cpu], "ms"),
        Goal("lost of acknowledged after kill -9", [0], [wink.crash.lost], ""),
        Goal("memory, idle and under load", [150, 300], [wink.idle, wink.peak], "MB"),
        Goal("from start to first answer", [3], [wink.start], "s"),
    ]


def best_rate(work: Work) -> float:
    """Return the most events that a system finished per second, at any number of connections."""
    return max((row.rate for row in work.finished.values()), default=math.nan)


def _ratio(results: Results, peer: str) -> list[float]:
    return [best_rate(results.wink) / best_rate(work) for work in results.peers if work.name.startswith(peer)]
