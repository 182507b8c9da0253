"""Wink in one process on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.systems.services import POSTGRESQL_PROCESSES, database
from tests.bench.systems.wink import Wink


@contextmanager
def on_postgresql() -> Iterator[Wink]:
    """Yield Wink on a database of its own, which is dropped with the block.

    Raises:
        BenchError: no PostgreSQL answers.
    """
    with database() as address:
        yield Wink("Wink on PostgreSQL", {"WINK_DATABASE_URL": address}, POSTGRESQL_PROCESSES, ways=("api_key",))
