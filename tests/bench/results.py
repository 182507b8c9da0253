"""What was measured, and the arithmetic over it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, nan


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

    receiving: what it takes where it does no more; start: to the first answer, in seconds; idle, peak: memory in MB, of
    its own processes; cpu, services: milliseconds per finished event of its own processes, and of those that were there
    already; delays: from sending to arrival at the sink at an even pace, in milliseconds, in order.
    """

    name: str
    receiving: Sequence[Series]
    start: float
    idle: float
    peak: float
    cpu: float
    services: float
    finished: Mapping[int, Finished]
    delays: Sequence[float]
    crash: Crash

    @property
    def best_rate(self) -> float:
        """Return the most events that it finished per second, at any number of connections."""
        return max((row.rate for row in self.finished.values()), default=nan)


@dataclass(frozen=True, slots=True)
class Journalled:
    """How long a system took for so many runs of five journalled steps, in seconds from the first that it was given.

    cpu, services: milliseconds per run, of its own processes and of those that were there already.
    """

    name: str
    runs: int
    seconds: float
    cpu: float
    services: float

    @property
    def rate(self) -> float:
        """Return the runs finished per second."""
        return self.runs / self.seconds


@dataclass(frozen=True, slots=True)
class Overload:
    """What a system receives at each number of connections: while it is idle, and while it is not.

    dead: without its workers; empty where it has none of their own. saturated: while a backlog keeps them busy.
    drained: whether the backlog ended before the measurement did, which then says too little.
    """

    name: str
    idle: Mapping[int, Load]
    dead: Mapping[int, Load]
    saturated: Mapping[int, Load]
    drained: bool


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the value that so many percent do not exceed, of values in order.

    Source: https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method
    """
    return ordered[max(1, ceil(len(ordered) * percent / 100)) - 1]
