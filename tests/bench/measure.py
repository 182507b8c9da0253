"""What is measured of a system, and how."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.children import Family, free_port, services_cpu_seconds, settle, started, wait_until
from tests.bench.client import flood, pace
from tests.bench.load import load
from tests.bench.request import RUN_LENGTH, Target, answers, new_run
from tests.bench.results import Crash, Finished, Load, Series, Work
from tests.bench.sink import Arrivals
from tests.bench.systems.system import Place, System

CONNECTIONS = (1, 16, 64)

#: Findings per second of the even pace, and how much longer than a load it lasts.
PACE = 20.0
_PACE_LENGTH = 2.5

#: Connections of the load in which a system is killed, and seconds until it is.
_CRASH_CONNECTIONS = 16
_CRASH_AFTER = 1.5

#: Seconds: without arrivals until nothing more is waited for; at most, for a backlog; and for a system to start.
_QUIET = 10.0
_BACKLOG = 45.0
#: The same after a crash: what a worker of a cluster was at is free for others when its lease of 30 s is over.
_QUIET_AFTER_CRASH = 45.0
_AFTER_CRASH = 90.0
START = 120.0


@dataclass(frozen=True, slots=True)
class Bench:
    """What all measurements share.

    seconds: length of a load; say: told what is about to be measured.
    """

    folder: Path
    seconds: float
    sink_url: str
    arrivals: Arrivals
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Running:
    """A system that has been started, and after how many seconds it answered."""

    system: System
    place: Place
    family: Family
    start: float

    def cpu_seconds(self) -> tuple[float, float]:
        """Return the processor time used so far: by its own processes, and by those that were there already."""
        return self.family.cpu_seconds(), services_cpu_seconds(self.system.services)


def measure_ceiling(bench: Bench, system: System) -> list[Series]:
    """Measure what a system receives."""
    place = new_place(bench)
    with started(system.launch(place), place.folder) as family:
        return _receive(bench, _up(system, place, family))


def measure_work(bench: Bench, system: System) -> Work:
    """Measure everything about a system that does the whole work, and kill it in the end."""
    place = new_place(bench)
    with started(system.launch(place), place.folder) as family:
        running = _up(system, place, family)
        settle(family, seconds=5)
        idle = family.memory("VmRSS")
        target = system.open(place)
        _prove(bench, running, target)
        series = _receive(bench, running)
        finished, cpu, services = _process(bench, running, target)
        peak = family.memory("VmHWM")
        delays = _delays(bench, running, target)
        acknowledged = _kill_under_load(bench, running, target)
    crash = _lost(bench, running, acknowledged)
    return Work(system.name, series, running.start, idle, peak, cpu, services, finished, delays, crash)


def new_place(bench: Bench) -> Place:
    """Return a place for a system, in a folder of its own."""
    port = free_port()
    folder = bench.folder / str(port)
    folder.mkdir()
    return Place(folder, port, bench.sink_url)


def _up(system: System, place: Place, family: Family) -> Running:
    begin = time.monotonic()
    wait_until(lambda: answers(place.port, system.health), family, seconds=START, what=f"{system.name} answers")
    return Running(system, place, family, time.monotonic() - begin)


def _prove(bench: Bench, running: Running, target: Target) -> None:
    """Wait until a finding arrives at the sink: what comes after would measure nothing without it."""
    run = new_run()

    def arrives() -> bool:
        pace(target, run=run, rate=PACE, seconds=1 / PACE)
        return bool(bench.arrivals.of(run))

    wait_until(arrives, running.family, seconds=30, what=f"{running.system.name} does the work")


def _receive(bench: Bench, running: Running) -> list[Series]:
    return [
        Series(name, {number: _load(bench, running, target, name=name, connections=number) for number in CONNECTIONS})
        for name, target in running.system.receivers(running.place).items()
    ]


def _load(bench: Bench, running: Running, target: Target, *, name: str, connections: int) -> Load:
    return _loaded(bench, running, target, name=name, connections=connections)[1]


def _loaded(bench: Bench, running: Running, target: Target, *, name: str, connections: int) -> tuple[str, Load]:
    settle(running.family, seconds=_BACKLOG)
    bench.say(f"{name}, connections: {connections}")
    run = new_run()
    folder = running.place.folder
    return run, load(target, folder, run=run, connections=connections, seconds=bench.seconds)


def _process(bench: Bench, running: Running, target: Target) -> tuple[dict[int, Finished], float, float]:
    """Return what was finished at each number of connections, and processor milliseconds per finished event.

    The first are of the system's own processes, the last of those that were there already.
    """
    settle(running.family, seconds=_BACKLOG)
    before = running.cpu_seconds()
    finished = {number: _finish(bench, running, target, connections=number) for number in CONNECTIONS}
    arrived = sum(row.arrived for row in finished.values())
    own, services = (1000 * (now - then) / arrived for now, then in zip(running.cpu_seconds(), before, strict=True))
    return finished, own, services


def _finish(bench: Bench, running: Running, target: Target, *, connections: int) -> Finished:
    run, made = _loaded(bench, running, target, name=f"{running.system.name}, whole work", connections=connections)
    arrived = _arrived(bench, run, lambda ids: len(ids) >= made.accepted)
    return Finished(made, len(arrived), (max(arrived.values(), default=math.inf) - made.began) / 1e9)


def _delays(bench: Bench, running: Running, target: Target) -> list[float]:
    """Return the milliseconds from sending to arrival at an even pace, in order; infinite where nothing arrived."""
    settle(running.family, seconds=_BACKLOG)
    bench.say(f"{running.system.name}, {PACE:.0f} findings a second")
    run = new_run()
    sent = pace(target, run=run, rate=PACE, seconds=_PACE_LENGTH * bench.seconds)
    arrived = _arrived(bench, run, lambda ids: sent.keys() <= ids.keys())
    return sorted((arrived.get(identity, math.inf) - moment) / 1e6 for identity, moment in sent.items())


def _kill_under_load(bench: Bench, running: Running, target: Target) -> set[str]:
    settle(running.family, seconds=_BACKLOG)
    bench.say(f"{running.system.name}, kill -9 under load")
    kill = running.family.kill
    return flood(target, run=new_run(), connections=_CRASH_CONNECTIONS, seconds=_CRASH_AFTER, end=kill)


def _lost(bench: Bench, running: Running, acknowledged: set[str]) -> Crash:
    """Start the system again, and count which of the acknowledged findings never reach the sink."""
    with started(running.system.launch(running.place), running.place.folder) as family:
        _up(running.system, running.place, family)
        run = next(iter(acknowledged))[:RUN_LENGTH]
        arrived = _arrived(
            bench, run, lambda ids: acknowledged <= ids.keys(), quiet=_QUIET_AFTER_CRASH, longest=_AFTER_CRASH
        )
    return Crash(len(acknowledged), len(acknowledged - arrived.keys()))


def _arrived(
    bench: Bench,
    run: str,
    enough: Callable[[Mapping[str, int]], bool],
    *,
    quiet: float = _QUIET,
    longest: float = _BACKLOG,
) -> Mapping[str, int]:
    """Return what has arrived once it is enough, or nothing more comes, or it has taken too long."""
    end = time.monotonic() + longest
    last, count = time.monotonic(), 0
    while not enough(arrived := bench.arrivals.of(run)) and time.monotonic() < min(end, last + quiet):
        if len(arrived) > count:
            last, count = time.monotonic(), len(arrived)
        time.sleep(0.05)
    return arrived
