"""What is measured of a system, and how."""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from tests.bench.children import Child, free_port, settle, started, wait_until
from tests.bench.client import flood, pace
from tests.bench.load import load
from tests.bench.request import RUN_LENGTH, Target, call, new_run
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
_START = 120.0


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
    child: Child
    start: float


def measure_ceiling(bench: Bench, system: System) -> list[Series]:
    """Measure what a system receives."""
    place = _place(bench)
    with _started(system, place) as child:
        running = _up(system, place, child)
        return _receive(bench, running)


def measure_work(bench: Bench, system: System) -> tuple[list[Series], Work]:
    """Measure everything about a system that does the whole work, and kill it in the end."""
    place = _place(bench)
    with _started(system, place) as child:
        running = _up(system, place, child)
        settle(child, seconds=5)
        idle = child.memory("VmRSS")
        target = system.open(place)
        _prove(bench, running, target)
        series = _receive(bench, running)
        finished, cpu = _process(bench, running, target)
        peak = child.memory("VmHWM")
        delays = _delays(bench, running, target)
        acknowledged = _kill_under_load(bench, running, target)
    crash = _lost(bench, running, acknowledged)
    return series, Work(system.name, running.start, idle, peak, cpu, finished, delays, crash)


def _place(bench: Bench) -> Place:
    port = free_port()
    folder = bench.folder / str(port)
    folder.mkdir()
    return Place(folder, port, bench.sink_url)


def _started(system: System, place: Place) -> AbstractContextManager[Child]:
    return started(system.launch(place), place.folder / "log")


def _up(system: System, place: Place, child: Child) -> Running:
    begin = time.monotonic()
    wait_until(lambda: answers(place.port, system.health), child, seconds=_START, what=f"{system.name} answers")
    return Running(system, place, child, time.monotonic() - begin)


def answers(port: int, path: str) -> bool:
    """Tell whether a server is up: whether it answers at this path, and not with an error of its own."""
    try:
        status, _ = call(port, f"GET {path}")
    except (OSError, HTTPException):
        return False
    return status < 500


def _prove(bench: Bench, running: Running, target: Target) -> None:
    """Wait until a finding arrives at the sink: what comes after would measure nothing without it."""
    run = new_run()

    def arrives() -> bool:
        pace(target, run=run, rate=PACE, seconds=1 / PACE)
        return bool(bench.arrivals.of(run))

    wait_until(arrives, running.child, seconds=30, what=f"{running.system.name} does the work")


def _receive(bench: Bench, running: Running) -> list[Series]:
    return [
        Series(name, {number: _load(bench, running, target, name=name, connections=number) for number in CONNECTIONS})
        for name, target in running.system.receivers(running.place).items()
    ]


def _load(bench: Bench, running: Running, target: Target, *, name: str, connections: int) -> Load:
    return _loaded(bench, running, target, name=name, connections=connections)[1]


def _loaded(bench: Bench, running: Running, target: Target, *, name: str, connections: int) -> tuple[str, Load]:
    settle(running.child, seconds=_BACKLOG)
    bench.say(f"{name}, connections: {connections}")
    run = new_run()
    folder = running.place.folder
    return run, load(target, folder, run=run, connections=connections, seconds=bench.seconds)


def _process(bench: Bench, running: Running, target: Target) -> tuple[dict[int, Finished], float]:
    """Return what was finished at each number of connections, and the processor milliseconds per finished event."""
    settle(running.child, seconds=_BACKLOG)
    before = running.child.cpu_seconds()
    finished = {number: _finish(bench, running, target, connections=number) for number in CONNECTIONS}
    cpu_seconds = running.child.cpu_seconds() - before
    return finished, 1000 * cpu_seconds / sum(row.arrived for row in finished.values())


def _finish(bench: Bench, running: Running, target: Target, *, connections: int) -> Finished:
    run, made = _loaded(bench, running, target, name=f"{running.system.name}, whole work", connections=connections)
    arrived = _arrived(bench, run, enough=lambda ids: len(ids) >= made.accepted)
    return Finished(made, len(arrived), (max(arrived.values(), default=math.inf) - made.began) / 1e9)


def _delays(bench: Bench, running: Running, target: Target) -> list[float]:
    """Return the milliseconds from sending to arrival at an even pace, in order; infinite where nothing arrived."""
    settle(running.child, seconds=_BACKLOG)
    bench.say(f"{running.system.name}, {PACE:.0f} findings a second")
    run = new_run()
    sent = pace(target, run=run, rate=PACE, seconds=_PACE_LENGTH * bench.seconds)
    arrived = _arrived(bench, run, enough=lambda ids: sent.keys() <= ids.keys())
    return sorted((arrived.get(identity, math.inf) - moment) / 1e6 for identity, moment in sent.items())


def _kill_under_load(bench: Bench, running: Running, target: Target) -> set[str]:
    settle(running.child, seconds=_BACKLOG)
    bench.say(f"{running.system.name}, kill -9 under load")
    kill = running.child.kill
    return flood(target, run=new_run(), connections=_CRASH_CONNECTIONS, seconds=_CRASH_AFTER, end=kill)


def _lost(bench: Bench, running: Running, acknowledged: set[str]) -> Crash:
    """Start the system again, and count which of the acknowledged findings never reach the sink."""
    with _started(running.system, running.place) as child:
        _up(running.system, running.place, child)
        run = next(iter(acknowledged))[:RUN_LENGTH]
        arrived = _arrived(bench, run, enough=lambda ids: acknowledged <= ids.keys())
    return Crash(len(acknowledged), len(acknowledged - arrived.keys()))


def _arrived(bench: Bench, run: str, *, enough: Callable[[Mapping[str, int]], bool]) -> Mapping[str, int]:
    """Return what has arrived once it is enough, or nothing more comes, or it has taken too long."""
    end = time.monotonic() + _BACKLOG
    last, count = time.monotonic(), 0
    while not enough(arrived := bench.arrivals.of(run)) and time.monotonic() < min(end, last + _QUIET):
        if len(arrived) > count:
            last, count = time.monotonic(), len(arrived)
        time.sleep(0.05)
    return arrived
