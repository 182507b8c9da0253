"""The targets, and whether they were met."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.results import Journalled, Load, Overload, Series, Work, percentile

#: The number of connections that latencies are judged at.
USUAL = 16

#: The system that is compared with plain Celery.
TOGETHER = "Wink cluster, 2 workers"


@dataclass(frozen=True, slots=True)
class Goal:
    """One target, and what is enough for a first release.

    target, first, values: as many of each; first: empty where nothing less than the target will do; `least`: the values
    must reach the limits, else stay under them.
    """

    what: str
    target: Sequence[float]
    values: Sequence[float]
    unit: str
    first: Sequence[float] = ()
    least: bool = False

    def met(self, limits: Sequence[float]) -> bool | None:
        """Tell whether all values are as wanted; None where nothing was measured, or nothing is wanted."""
        if not self.values or not limits:
            return None
        pairs = zip(self.values, limits, strict=True)
        return all(value >= limit if self.least else value <= limit for value, limit in pairs)


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured.

    ceilings: the first is what the targets are ratios of; winks: the first is what people start with; runs: of five
    journalled steps; skipped: name to reason.
    """

    ceilings: Sequence[Series]
    winks: Sequence[Work]
    peers: Sequence[Work] = ()
    runs: Sequence[Journalled] = ()
    overloads: Sequence[Overload] = ()
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def wink(self) -> Work:
        """Return Wink as people start with it."""
        return self.winks[0]


def goals(results: Results) -> list[Goal]:
    """Return the targets with what was measured."""
    return [*_receiving(results), *_processing(results), *_together(results)]


def _receiving(results: Results) -> Iterator[Goal]:
    series = results.wink.receiving
    ratio = min(each.loads[64].rate for each in series) / results.ceilings[0].loads[64].rate
    slowest = max(each.loads[USUAL].p99 for each in series)
    red = [slowest / work.finished[USUAL].load.p99 for work in _named(results, "Node-RED")]
    yield Goal("receive durably, 64 connections, against Flask hello", [4], [ratio], "x", [2], least=True)
    yield Goal("receive p99, 16 connections", [10], [slowest], "ms", [25])
    yield Goal("receive p99, 16 connections, against Node-RED's answer", [1], red, "x")


def _processing(results: Results) -> Iterator[Goal]:
    wink = results.wink
    delays = [percentile(wink.delays, 50), percentile(wink.delays, 99)]
    lost = [work.crash.lost for work in results.winks]
    yield Goal("process, against Node-RED", [2], _ratio(results, "Node-RED"), "x", [0.7], least=True)
    yield Goal("process, against n8n", [50], _ratio(results, "n8n"), "x", [25], least=True)
    yield Goal("POST to sink at 20/s, p50 and p99", [4, 12], delays, "ms", [8, 25])
    yield Goal("CPU per processed event, all processes", [0.4], [wink.cpu], "ms", [1])
    yield Goal("lost of acknowledged after kill -9, every Wink here", [0], [max(lost)], "", [0])
    yield Goal("memory, idle and under load", [90, 200], [wink.idle, wink.peak], "MB", [150, 300])
    yield Goal("from start to first answer", [1.5], [wink.start], "s", [3])


def _together(results: Results) -> Iterator[Goal]:
    wink = [run.rate for run in results.runs if run.name == TOGETHER]
    plain = [run.rate for run in results.runs if run.name.startswith("plain Celery")]
    ratio = [wink[0] / max(plain)] if wink and plain else []
    yield Goal("five journalled steps on PostgreSQL and RabbitMQ, against plain Celery", [3], ratio, "x", least=True)
    what = "receive p99, 16 connections, against the same idle"
    saturated = [_against_idle(each, each.saturated) for each in results.overloads]
    dead = [_against_idle(each, each.dead) for each in results.overloads if each.dead]
    yield Goal(f"{what}: workers saturated", [3], [max(saturated)] if saturated else [], "x")
    yield Goal(f"{what}: workers dead", [3], [max(dead)] if dead else [], "x")


def _against_idle(overload: Overload, loads: Mapping[int, Load]) -> float:
    return loads[USUAL].p99 / overload.idle[USUAL].p99


def _named(results: Results, peer: str) -> list[Work]:
    return [work for work in results.peers if work.name.startswith(peer)]


def _ratio(results: Results, peer: str) -> list[float]:
    return [results.wink.best_rate / work.best_rate for work in _named(results, peer)]
