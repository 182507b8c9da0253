"""What a system receives while those who do the work are busy with a backlog, or gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from tests.bench.children import settle, started, wait_until
from tests.bench.client import give
from tests.bench.load import load
from tests.bench.measure import START, Bench, new_place
from tests.bench.request import Target, new_run
from tests.bench.results import Load, Overload
from tests.bench.systems.system import Place
from tests.bench.systems.wink import Wink

CONNECTIONS = (1, 16)

#: Runs of the backlog for each second that a load lasts, the connections that they come over, and the seconds that a
#: system may take until it rests.
BACKLOG = 300
_GIVING = 16
_SETTLED = 10.0


def measure_overload(bench: Bench, system: Wink) -> Overload:
    """Measure the same load three times: while all are idle, without workers, and while a backlog keeps them busy."""
    place = new_place(bench)
    first, *others = system.launch(place)
    with started([first], place.folder) as web:
        wait_until(lambda: system.is_up(place), web, seconds=START, what=f"{system.name} answers")
        (target,) = system.receivers(place).values()
        receipt = _Receipt(bench, system.name, place, target)
        heavy = system.open_heavy(place)
        with started(others, place.folder) as workers:
            for family in (web, workers):
                settle(family, seconds=_SETTLED)
            idle = receipt.measure("idle")
            workers.kill()
        give(heavy, run=new_run(), connections=_GIVING, number=int(BACKLOG * bench.seconds))
        dead = receipt.measure("its workers dead") if others else {}
        with started(others, place.folder) as workers:
            wait_until(partial(system.has_runs, place), web, seconds=START, what=f"{system.name} begins to work")
            saturated = receipt.measure("saturated")
            drained = not system.has_backlog(place)
            workers.kill()
        web.kill()
    return Overload(system.name, idle, dead, saturated, drained)


@dataclass(frozen=True, slots=True)
class _Receipt:
    """What is measured again and again: receiving at a trigger that no workflow waits for, for half a load's time."""

    bench: Bench
    name: str
    place: Place
    target: Target

    def measure(self, state: str) -> Mapping[int, Load]:
        return {number: self._load(self.target, state, number) for number in CONNECTIONS}

    def _load(self, target: Target, state: str, connections: int) -> Load:
        self.bench.say(f"{self.name}, {state}, connections: {connections}")
        seconds = self.bench.seconds / 2
        return load(target, self.place.folder, run=new_run(), connections=connections, seconds=seconds)
