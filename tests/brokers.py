"""The RabbitMQ that tests share, and how they leave nothing of theirs in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from kombu import Connection

from engine.executors.bell import Lane
from engine.executors.celery import Broker

#: Where RabbitMQ is looked for when TEST_BROKER_URL does not say.
RABBITMQ = "amqp://guest:guest@127.0.0.1:5672"


@contextmanager
def broker_of(url: str, deployment: str) -> Iterator[Broker]:
    """Give the way to a deployment's queues, and delete them when the block ends."""
    broker = Broker(url, deployment)
    try:
        yield broker
    finally:
        broker.close()
        with Connection(url) as connection:
            for lane in Lane:
                broker._queues[lane](connection.default_channel).delete()
            broker._queues[Lane.NEW].exchange(connection.default_channel).delete()


def answers(url: str) -> bool:
    """Tell whether a broker is there."""
    try:
        with Connection(url, connect_timeout=3) as connection:
            connection.connect()
    except OSError:
        return False
    return True
