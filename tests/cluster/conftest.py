"""A cluster of real processes on a database of its own: one `wink serve`, and workers as a test starts them."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import STDOUT, Popen
from tempfile import NamedTemporaryFile

import pytest
from sqlalchemy import text

from engine.errors import StoreUnavailable
from engine.executors.celery import Broker
from engine.store.deployment import deployment
from engine.store.secrets import cipher_from
from engine.store.store import Store, open_store
from tests.brokers import broker_of
from tests.databases import postgresql_database
from tests.serving import SLOW, WINK, Trigger, Wink, eventually
from tests.wire import Answer, exchange, request

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
        return self.process.wait(timeout=SLOW)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text(errors="replace")
        return "worker.ready" in self.log.read_text(errors="replace")


def start_worker(serve: Wink, *words: str) -> Hand:
    """Start a worker with the settings of a server, and a log of its own."""
    with NamedTemporaryFile(prefix="worker-", suffix=".log", dir=serve.folder, delete=False) as file:
        command, environ = [*WINK, "worker", *words], serve._environ()
        process = Popen(command, env=environ, cwd=serve.folder, stdout=file, stderr=STDOUT, process_group=0)
    return Hand(Path(file.name), process)


@dataclass
class Cluster:
    """What processes of one cluster share."""

    serve: Wink
    store: Store
    lines: Broker

    @contextmanager
    def workers(self, count: int, *words: str) -> Iterator[list[Hand]]:
        """Start workers, give them when they work, and end them with the block."""
        started = [start_worker(self.serve, *words) for _ in range(count)]
        try:
            for hand in started:
                eventually(hand.is_ready, within=SLOW)
            yield started
        finally:
            for hand in started:
                hand.kill()

    def deliver(self, trigger: Trigger, **data: object) -> Answer:
        headers = [("Content-Type", "application/json"), ("X-Api-Key", trigger.api_key or "")]
        return exchange(self.serve.port, request("POST", trigger.target, headers, json.dumps(data).encode()))

    def end_leases(self) -> None:
        """Let half a minute pass for those whose workers renew nothing."""
        eventually(self._end_leases, within=SLOW)

    def _end_leases(self) -> bool:
        """Tell whether they ended: one frozen amid a write keeps its row until the database ends its session."""
        with suppress(StoreUnavailable):
            self.store.write(lambda connection: connection.execute(text("UPDATE runs SET lease_until = 0")))
            return True
        return False


@contextmanager
def open_cluster(folder: Path, server: str, broker: str, *, rings: str | None = None) -> Iterator[Cluster]:
    """Make a cluster whose `wink serve` is there, and whose workers are not; rings: the broker as they are told."""
    with ExitStack() as stack:
        database = stack.enter_context(postgresql_database(server))
        settings = {"DATABASE_URL": database, "BROKER_URL": rings or broker, "SECRET_KEY": KEY}
        serve = Wink(folder, {f"WINK_{name}": value for name, value in settings.items()})
        stack.callback(serve.kill)
        serve.start()
        store = open_store(database, cipher_from(KEY))
        stack.callback(store.close)
        lines = stack.enter_context(broker_of(broker, store.write(deployment)))
        yield Cluster(serve, store, lines)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, postgresql_server, broker_url) -> Iterator[Cluster]:
    with open_cluster(tmp_path_factory.mktemp("cluster"), postgresql_server, broker_url) as cluster:
        yield cluster
