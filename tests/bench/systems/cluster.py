"""Wink on many machines, here on one: a process that receives, and workers, on PostgreSQL and RabbitMQ."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from secrets import token_urlsafe

from engine.executors.bell import Lane
from engine.store.deployment import deployment
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from tests.bench.systems.services import (
    POSTGRESQL_PROCESSES,
    RABBITMQ,
    RABBITMQ_PROCESSES,
    broker,
    database,
    remove,
)
from tests.bench.systems.wink import Wink


@contextmanager
def cluster(workers: int, *, ways: Sequence[str] = ()) -> Iterator[Wink]:
    """Yield Wink with so many workers on a database and queues of its own, which are removed with the block.

    Raises:
        BenchError: no PostgreSQL or no RabbitMQ answers.
    """
    with broker() as connection, database() as address:
        key = token_urlsafe(32)
        settings = {"WINK_DATABASE_URL": address, "WINK_BROKER_URL": RABBITMQ, "WINK_SECRET_KEY": key}
        name = f"Wink cluster, {workers} worker{'s' if workers > 1 else ''}"
        exchange = _exchange(address, key)
        try:
            yield Wink(name, settings, POSTGRESQL_PROCESSES + RABBITMQ_PROCESSES, workers, ways)
        finally:
            remove(connection, queues=[f"{exchange}.{lane}" for lane in Lane], exchanges=[exchange])


def _exchange(address: str, key: str) -> str:
    """Make the tables, as ``wink migrate`` does before many start at once; return what the queues are named by."""
    store = open_store(address, cipher_from(key))
    try:
        return f"wink.{store.write(deployment)}"
    finally:
        store.close()
