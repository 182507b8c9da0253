"""Runs of five journalled steps: how many a second a system does, from the first that it is given to the last."""

import psycopg

from tests.bench.children import Family, services_cpu_seconds, settle, started, wait_until
from tests.bench.measure import START, Bench, new_place
from tests.bench.results import Journalled
from tests.bench.systems.system import Place, Runner

#: Runs for each second that a load lasts: 2,000 where nothing else is asked for.
RUNS = 2_000 / 3

#: Seconds that they may take, and until nothing that the start has to do is under way.
_PATIENCE = 180.0
_SETTLED = 10.0

_FINISHED = "SELECT count(*), max(finished_at) FROM runs WHERE finished_at IS NOT NULL"


def measure_journalled(bench: Bench, system: Runner) -> Journalled:
    """Hand runs over as fast as they are taken, and wait for the last to finish."""
    place = new_place(bench)
    with started(system.launch(place), place.folder) as family, psycopg.connect(system.database) as database:
        database.autocommit = True
        wait_until(lambda: system.is_up(place), family, seconds=START, what=f"{system.name} answers")
        return _hand_over(bench, system, place, Finishing(family, database))


class Finishing:
    """A started system with the database that says which runs have finished."""

    def __init__(self, family: Family, database: psycopg.Connection) -> None:
        self.family = family
        self._database = database

    def wait(self, number: int) -> int:
        """Wait until so many have finished; return when the last did, in microseconds since 1970."""

        def finished() -> bool:
            return self._ask()[0] >= number

        wait_until(finished, self.family, seconds=_PATIENCE, what=f"{number:,} runs finish", pause=0.05)
        return self._ask()[1]

    def _ask(self) -> tuple[int, int]:
        row = self._database.execute(_FINISHED).fetchone()
        return row or (0, 0)


def _hand_over(bench: Bench, system: Runner, place: Place, finishing: Finishing) -> Journalled:
    hand_over, number = system.open_runs(place), round(RUNS * bench.seconds)
    hand_over(1)
    finishing.wait(1)
    settle(finishing.family, seconds=_SETTLED)
    bench.say(f"{system.name}, {number:,} runs of five steps")
    own, services = finishing.family.cpu_seconds(), services_cpu_seconds(system.services)
    given = hand_over(number)
    ended = finishing.wait(1 + number)
    return Journalled(
        system.name,
        number,
        (ended - given.began) / 1e6,
        cpu=1000 * (finishing.family.cpu_seconds() - own + given.cpu_seconds) / number,
        services=1000 * (services_cpu_seconds(system.services) - services) / number,
    )
