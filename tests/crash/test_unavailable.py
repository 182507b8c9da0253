"""A database that cannot take a write: 503, nothing is acknowledged, and it goes on as soon as it can."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit

import pytest

from engine.app import build
from engine.path.receive import Request, receive
from engine.path.setup import create
from engine.path.trigger_spec import TriggerSpec
from engine.runtime import Engine
from engine.settings import Settings
from tests.serving import Trigger, Wink
from tests.wire import JSON, Answer, Header, send

#: What is written in these tests, so that a disk fills soon.
LARGE = b'"' + b"x" * 100_000 + b'"'


@pytest.fixture
def trigger(wink: Wink) -> Trigger:
    return wink.trigger()


@contextmanager
def locked(wink: Wink) -> Iterator[None]:
    """Hold the database's write lock, as a backup or a curious person does."""
    with closing(sqlite3.connect(wink.data / "wink.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def full(wink: Wink) -> Iterator[None]:
    """Let no file of the server's grow, as on a full disk."""
    assert wink.process is not None
    prlimit(wink.process.pid, RLIMIT_FSIZE, (4096, RLIM_INFINITY))
    yield
    prlimit(wink.process.pid, RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))



def received(wink: Wink, trigger: Trigger) -> int:
    return len(wink.get(f"/deliveries?trigger={trigger.name}")["items"])


def is_not_now(answer: Answer) -> bool:
    return (answer.status, answer.json()) == (503, {"error": "try_again"}) and int(answer.header("retry-after") or 0) > 0


@pytest.mark.parametrize("fault", [locked, full], ids=["locked", "full"])
@pytest.mark.parametrize("proof", [True, False], ids=["accepted", "refused"])
def test_503_and_when_to_come_again_and_nothing_is_kept(wink: Wink, trigger: Trigger, fault, proof: bool) -> None:  # noqa: FBT001
    key: Header = ("X-Api-Key", trigger.api_key or "" if proof else "wrong")

    with fault(wink):
        answers = [send(trigger.base_url, LARGE, [JSON, key]) for _ in range(2)]

    assert [is_not_now(answer) for answer in answers] == [True, True], answers
    assert received(wink, trigger) == 0


@pytest.mark.parametrize("fault", [locked, full], ids=["locked", "full"])
def test_it_goes_on_as_soon_as_the_database_can(wink: Wink, trigger: Trigger, fault) -> None:
    with fault(wink):
        send(trigger.full_url or "", LARGE)

    answer = send(trigger.full_url or "", LARGE)

    assert answer.status == 202
    assert wink.event(*answer.json()["events"])["data"] == "x" * 100_000
    wink.ledger()


@pytest.mark.parametrize("fault", [locked, full], ids=["locked", "full"])
def test_the_api_says_the_same(wink: Wink, fault) -> None:
    with fault(wink):
        answer = wink.call("POST", "/triggers", {"name": "x" * 60})

    assert (answer.status, answer.header("content-type")) == (503, "application/problem+json")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with build(Settings.load({}, tmp_path)) as engine:
        yield engine


def test_a_database_that_reached_its_size_takes_nothing_until_it_may_grow(engine: Engine) -> None:
    """SQLite itself says here that there is no room, as it does where the disk is full."""
    made = create(engine, TriggerSpec(name="crash"))
    delivery = Request("POST", "", {"x-api-key": (made.api_key or "",)}, LARGE, len(LARGE), "127.0.0.1")

    limit_pages(engine, 1)
    refused = [receive(engine, made.trigger.path, delivery).status for _ in range(3)]
    limit_pages(engine, 1_000_000)

    assert refused == [503, 503, 503]
    assert receive(engine, made.trigger.path, delivery).status == 202


def limit_pages(engine: Engine, number: int) -> None:
    """Let the database have that many pages, or as many as it has where that is more."""
    engine.store.write(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={number}").close())
