"""Two hosts on one PostgreSQL database: an engine and its application each, with a data folder of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, Thread
from typing import NamedTuple, TypeVar

import pytest
from werkzeug.test import Client, TestResponse

from engine.app import build, build_worker
from engine.executors.worker import Worker
from engine.path.access import local_token
from engine.runtime import Engine
from engine.settings import Settings
from engine.store.deployment import deployment
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from tests.brokers import broker_of
from tests.engines import MovableClock
from tests.serving import Wink
from web.application import create_application

T = TypeVar("T")

#: What all hosts of a Wink have in common.
KEY = "the key of every host"


@dataclass(frozen=True)
class Host:
    """One of the hosts."""

    engine: Engine
    client: Client

    def call(self, method: str, path: str, value: object = None, **more: object) -> TestResponse:
        """Call the management API of this host; a refusal fails the test."""
        headers = {"Authorization": f"Bearer {local_token(self.engine.settings)}"}
        body = {} if value is None else {"json": value}
        response = self.client.open(f"/api/v1{path}", method=method, headers=headers, **body, **more)
        assert response.status_code < 400, (response.status_code, response.text)
        return response

    def deliver(self, url: str, value: object, **headers: str) -> TestResponse:
        """Post JSON to a trigger's address at this host."""
        return self.client.post("/webhooks/" + url.split("/webhooks/")[1], json=value, headers=headers)


class Hosts(NamedTuple):
    """Two of them."""

    a: Host
    b: Host


@contextmanager
def both_serve(folder: Path, common: Mapping[str, str]) -> Iterator[Sequence[Wink]]:
    """Start `wink serve` twice at once, each in a folder of its own; they are gone when the block ends."""
    settings = {f"WINK_{name.upper()}": value for name, value in common.items()}
    hosts = [Wink(folder / name, settings) for name in "ab"]
    with ExitStack() as stack:
        for host in hosts:
            stack.callback(host.kill)
        at_once(*(host.start for host in hosts))
        yield hosts


@pytest.fixture
def common(migrated_url: str, broker_url: str) -> Iterator[Mapping[str, str]]:
    """Return the settings that all processes have in common; their queues are deleted after them."""
    yield {"database_url": migrated_url, "broker_url": broker_url, "secret_key": KEY}
    with (
        closing(open_store(migrated_url, cipher_from(KEY))) as store,
        broker_of(broker_url, store.write(deployment)),
    ):
        pass


@pytest.fixture
def hosts(tmp_path: Path, common: Mapping[str, str]) -> Iterator[Hosts]:
    """Give two hosts, which receive and ring; see ``worker`` for what runs."""
    with ExitStack() as stack:
        engines = [stack.enter_context(build(Settings.load({}, tmp_path / name, **common))) for name in "ab"]
        yield Hosts(*(Host(engine, Client(create_application(engine))) for engine in engines))


@pytest.fixture
def worker(tmp_path: Path, common: Mapping[str, str]) -> Iterator[Worker]:
    """Run what the hosts ring for."""
    with build_worker(Settings.load({}, tmp_path / "worker", threads=2, **common), room=64) as worker:
        listening = Thread(target=worker.listen, name="worker")
        listening.start()
        try:
            yield worker
        finally:
            while listening.is_alive():  # one that has not begun yet would not have heard it
                worker.leave()
                listening.join(0.1)


@pytest.fixture
def clocks(tmp_path: Path, common: Mapping[str, str]) -> Iterator[Sequence[MovableClock]]:
    """Run two workers that look around and hear no messages, and give the clock of each."""
    clocks = MovableClock(), MovableClock()
    with ExitStack() as stack:
        for number, clock in enumerate(clocks):
            settings = Settings.load({}, tmp_path / f"worker-{number}", threads=2, **common)
            stack.enter_context(build_worker(settings, room=64, clock=clock))
        yield clocks


def at_once(*calls: Callable[[], T]) -> Sequence[T]:
    """Make all calls at the same moment, each on a thread of its own, and return what they return."""
    barrier = Barrier(len(calls))

    def call(one: Callable[[], T]) -> T:
        barrier.wait(10)
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))
