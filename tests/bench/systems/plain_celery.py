"""Celery without Wink, on the same services: what a team writes that wants its steps on disk."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.bench.children import BenchError, Launch
from tests.bench.request import new_run
from tests.bench.systems.plain_tasks import BROKER, DATABASE, QUEUE, TABLES
from tests.bench.systems.services import (
    POSTGRESQL_PROCESSES,
    RABBITMQ,
    RABBITMQ_PROCESSES,
    broker,
    database,
    remove,
)
from tests.bench.systems.system import Given, Place

_ROOT = Path(__file__).parents[3]
_TASKS = "tests.bench.systems.plain_tasks"
_OPTIONS = "worker --loglevel WARNING --without-gossip --without-mingle --without-heartbeat"

#: Processes of a worker: of 2, 4 and 8, what was fastest on two cores.
_PROCESSES = 4


@dataclass(frozen=True, slots=True)
class PlainCelery:
    """Workers, each of several processes."""

    name: str
    database: str
    environment: Mapping[str, str]
    workers: int
    services: Sequence[str] = POSTGRESQL_PROCESSES + RABBITMQ_PROCESSES

    def launch(self, place: Place) -> Sequence[Launch]:
        """Return how the workers are started."""
        options = f"{_OPTIONS} --concurrency {_PROCESSES} --hostname".split()
        command = [sys.executable, "-m", "celery", "--app", _TASKS, *options]
        return [Launch([*command, f"findings-{number}"], self.environment) for number in range(self.workers)]

    def is_up(self, place: Place) -> bool:
        """Say so at once: whoever hands over work need not wait for workers."""
        return True

    def open_runs(self, place: Place) -> Callable[[int], Given]:
        """Return what hands over so many runs."""
        return self._give

    def _give(self, number: int) -> Given:
        command = [sys.executable, "-m", _TASKS, str(number), new_run()]
        environment = os.environ | self.environment
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise BenchError(f"{self.name} takes no work: {ended.stderr.strip()[-200:]}")
        began, cpu_seconds = ended.stdout.split()
        return Given(int(began), float(cpu_seconds))


@contextmanager
def plain_celery(workers: int) -> Iterator[PlainCelery]:
    """Yield so many workers on a database and a queue of their own, which are removed with the block.

    Raises:
        BenchError: no PostgreSQL or no RabbitMQ answers.
    """
    name = f"plain Celery {version('celery')}, {workers} worker{'s' if workers > 1 else ''}"
    queue = f"findings-{uuid4().hex}"
    with broker() as connection, database() as address:
        with psycopg.connect(address) as tables:
            tables.execute(TABLES)
        settings = {BROKER: RABBITMQ, DATABASE: address, QUEUE: queue, "PYTHONPATH": str(_ROOT)}
        try:
            yield PlainCelery(name, address, settings, workers)
        finally:
            remove(connection, queues=[queue], exchanges=[queue])
