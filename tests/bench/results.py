"""What was measured, and the arithmetic over it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Load:
    """What a system did with an open load.

    began: in nanoseconds of the monotonic clock; seconds: how long it went on; p50, p99: of the answers, in ms;
    generator: the share of a processor that making the load took; near 1, the generator is what was measured.
    """

    began: int
    accepted: int
    failed: int
    seconds: float
    p50: float
    p99: float
    generator: float

    @property
    def rate(self) -> float:
        """Return the accepted requests per second."""
        return self.accepted / self.seconds


@dataclass(frozen=True, slots=True)
class Series:
    """A system that takes requests and does no more, at each number of connections."""

    name: str
    loads: Mapping[int, Load]


@dataclass(frozen=True, slots=True)
class Finished:
    """What arrived at the sink of a load, and how long after its beginning the last of it came, in seconds."""

    load: Load
    arrived: int
    seconds: float

    @property
    def rate(self) -> float:
        """Return the events finished per second."""
        return self.arrived / self.seconds


@dataclass(frozen=True, slots=True)
class Crash:
    """What became of the acknowledged events when the system was killed under load and started again."""

    acknowledged: int
    lost: int


@dataclass(frozen=True, slots=True)
class Work:
    """A system that does the whole work.

    start: to the first answer, in seconds; idle, peak: memory in MB; cpu: milliseconds per finished event; delays: from
    sending to arrival at the sink at an even pace, in milliseconds, in order.
    """

    name: str
    start: float
    idle: float
    peak: float
    cpu: float
    finished: Mapping[int, Finished]
    delays: Sequence[float]
    crash: Crash


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the value that so many percent do not exceed, of values in order.

    Source: https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method
    """
    return ordered[max(1, ceil(len(ordered) * percent / 100)) - 1]
