"""A cluster of real processes on a database of its own: one `wink serve`, and workers as a test starts them."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import STDOUT, Popen

import pytest

from engine.executors.celery import Broker
from engine.store.deployment import deployment
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from tests.brokers import broker_of
from tests.serving import PATIENCE, WINK, Wink, eventually

KEY = "the secret key of the tests"


@dataclass
class Hand:
    """One worker."""

    log: Path
    process: Popen[bytes]

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask it to stop, as an operator does, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)


@dataclass
class Cluster:
    """What processes of one cluster share, and those that a test has started."""

    folder: Path
    database: str
    broker: str
    serve: Wink = field(init=False)
    workers: list[Hand] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = {"WINK_DATABASE_URL": self.database, "WINK_BROKER_URL": self.broker, "WINK_SECRET_KEY": KEY}
        self.serve = Wink(self.folder, settings)

    def worker(self, *words: str) -> Hand:
        """Start a worker, and return when it works."""
        log = self.folder / f"worker-{len(self.workers)}.log"
        with log.open("ab") as file:
            process = Popen(
                [*WINK, "worker", *words],
                env=self.serve._environ(),
                cwd=self.folder,
                stdout=file,
                stderr=STDOUT,
                process_group=0,
            )
        hand = Hand(log, process)
        self.workers.append(hand)
        eventually(lambda: "worker.ready" in log.read_text(errors="replace"))
        return hand

    def lines(self) -> Broker:
        """Return the way to the queues."""
        store = open_store(self.database, cipher_from(KEY))
        try:
            return Broker(self.broker, store.write(deployment, store.cipher))
        finally:
            store.close()


@pytest.fixture
def cluster(tmp_path, postgresql_url, broker_url) -> Iterator[Cluster]:
    """Give a cluster whose `wink serve` is there, and whose workers are not."""
    with ExitStack() as stack:
        cluster = Cluster(tmp_path, postgresql_url, broker_url)
        stack.enter_context(broker_of(broker_url, cluster.lines().deployment))
        stack.callback(cluster.serve.kill)
        cluster.serve.start()
        yield cluster
        for hand in cluster.workers:
            hand.kill()
