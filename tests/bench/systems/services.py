"""PostgreSQL and RabbitMQ, which are there already and are left as they were found."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from kombu import Connection

from tests import brokers, databases
from tests.bench.children import BenchError
from tests.databases import postgresql_database

#: Where they answer, and what their processes are called.
POSTGRESQL = os.environ.get("TEST_DATABASE_URL") or databases.POSTGRESQL
RABBITMQ = os.environ.get("TEST_BROKER_URL") or brokers.RABBITMQ
POSTGRESQL_PROCESSES = ("postgres",)
RABBITMQ_PROCESSES = ("beam.smp",)

#: Seconds until one that does not answer is not there.
_PATIENCE = 5


@contextmanager
def database() -> Iterator[str]:
    """Make an empty database, yield its address, and drop it with the block.

    Raises:
        BenchError: no PostgreSQL answers.
    """
    try:
        psycopg.connect(POSTGRESQL, connect_timeout=_PATIENCE).close()
    except psycopg.OperationalError as error:
        raise BenchError(f"TEST_DATABASE_URL names no PostgreSQL that answers: {error}") from error
    with postgresql_database(POSTGRESQL) as address:
        yield address


@contextmanager
def broker() -> Iterator[Connection]:
    """Yield a connection to RabbitMQ.

    Raises:
        BenchError: none answers.
    """
    with closing(Connection(RABBITMQ, connect_timeout=_PATIENCE)) as connection:
        try:
            connection.connect()
        except (OSError, *connection.connection_errors) as error:
            raise BenchError(f"TEST_BROKER_URL names no RabbitMQ that answers: {error}") from error
        yield connection


def remove(connection: Connection, *, queues: list[str], exchanges: list[str]) -> None:
    """Remove queues and exchanges, whether or not they are there."""
    channel = connection.channel()
    for queue in queues:
        channel.queue_delete(queue)
    for exchange in exchanges:
        channel.exchange_delete(exchange)
