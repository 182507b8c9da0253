"""Two hosts on one PostgreSQL database: an engine and its application each, with a data folder of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import NamedTuple, TypeVar

import pytest
from werkzeug.test import Client, TestResponse

from engine.path.access import local_token
from engine.runtime import Engine
from tests.engines import running
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


@pytest.fixture
def hosts(tmp_path: Path, postgresql_url: str) -> Iterator[Hosts]:
    common = {"database_url": postgresql_url, "secret_key": KEY}
    with running(tmp_path / "a", **common) as a, running(tmp_path / "b", **common) as b:
        yield Hosts(*(Host(engine, Client(create_application(engine))) for engine in (a, b)))


def at_once(*calls: Callable[[], T]) -> Sequence[T]:
    """Make all calls at the same moment, each on a thread of its own, and return what they return."""
    barrier = Barrier(len(calls))

    def call(one: Callable[[], T]) -> T:
        barrier.wait(10)
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))
