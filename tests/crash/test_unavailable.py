"""A database that cannot take a write: 503, nothing is acknowledged, and it goes on as soon as it can."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit
from urllib.parse import urlsplit

import psycopg
import pytest
from structlog.testing import capture_logs

from engine.app import build
from engine.path.receive import Request, receive
from engine.path.setup import create
from engine.path.start import start
from engine.path.trigger_spec import TriggerSpec
from engine.path.workflows import put
from engine.runtime import Engine
from engine.settings import Settings
from engine.store import show
from engine.store.journal import LEASE
from tests.serving import Trigger, Wink, eventually, serving
from tests.sink import Sink
from tests.wire import JSON, Answer, send

#: What is written in these tests, so that a disk fills soon.
LARGE = b'"' + b"x" * 100_000 + b'"'
LARGE_WORKFLOW = (
    f"name: Large\non: {{manual: true}}\nsteps:\n  - {{uses: core.log, with: {{message: {'x' * 100_000}}}}}\n"
)


@pytest.fixture
def trigger(wink: Wink) -> Trigger:
    return wink.trigger()


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the database's write lock, as a backup or a curious person does."""
    with closing(sqlite3.connect(data / "wink.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def full(process: int) -> Iterator[None]:
    """Let no file of a process grow, as on a full disk."""
    prlimit(process, RLIMIT_FSIZE, (4096, RLIM_INFINITY))
    yield
    prlimit(process, RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))


@pytest.fixture(params=["locked", "full"])
def fault(request: pytest.FixtureRequest, wink: Wink) -> AbstractContextManager[None]:
    """Return what keeps the server's database from taking a write."""
    assert wink.process is not None
    return locked(wink.data) if request.param == "locked" else full(wink.process.pid)


def is_not_now(answer: Answer) -> bool:
    return (answer.status, answer.json()) == (503, {"error": "try_again"}) and int(
        answer.header("retry-after") or 0
    ) > 0


def test_503_and_when_to_come_again_and_nothing_is_kept(wink: Wink, trigger: Trigger, fault) -> None:
    keys = [trigger.api_key or "", "wrong"]

    with fault, ThreadPoolExecutor(2) as senders:
        answers = list(senders.map(lambda key: send(trigger.base_url, LARGE, [JSON, ("X-Api-Key", key)]), keys))

    assert [is_not_now(answer) for answer in answers] == [True, True], answers
    assert wink.get(f"/deliveries?trigger={trigger.name}")["items"] == []


def test_the_api_says_so_too_and_all_goes_on_as_soon_as_the_database_can(wink: Wink, trigger: Trigger, fault) -> None:
    with fault:
        refused = wink.call("PUT", "/workflows/large", text=LARGE_WORKFLOW)

    answer = send(trigger.full_url or "", LARGE)

    assert (refused.status, refused.header("content-type")) == (503, "application/problem+json")
    assert wink.call("GET", "/workflows/large").status == 404
    assert wink.event(*answer.json()["events"])["data"] == "x" * 100_000
    wink.ledger()


def test_503_while_postgresql_is_away_and_it_goes_on_when_it_is_back(
    tmp_path: Path, postgresql_url: str, postgresql_server: str
) -> None:
    name = urlsplit(postgresql_url).path[1:]
    with (
        serving(tmp_path, database_url=postgresql_url) as wink,
        psycopg.connect(postgresql_server, autocommit=True) as server,
    ):
        trigger = wink.trigger()
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        away = [send(trigger.full_url or "", b"{}") for _ in range(3)]
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

        back = eventually(lambda: [answer for answer in [send(trigger.full_url or "", b"{}")] if answer.status == 202])

        assert [is_not_now(answer) for answer in away] == [True, True, True], away
        assert wink.event(*back[0].json()["events"])["matched_at"]
        assert "internal_error" not in wink.log()


class ShiftedClock:
    """The real time, and as much more as a test says."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift


@pytest.fixture
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: ShiftedClock) -> Iterator[Engine]:
    settings = Settings.load({}, tmp_path, data=tmp_path, allow_private_addresses="127.0.0.1/32")
    with build(settings, clock=clock) as engine:
        yield engine


def test_a_step_whose_result_could_not_be_written_is_repeated_when_its_lease_is_over(
    engine: Engine, clock: ShiftedClock, sink: Sink
) -> None:
    put(engine, "lost", f"name: Lost\non: {{manual: true}}\nsteps:\n{sink.step('/lost', 'run.id')}")

    with capture_logs() as logs, sink.closed():
        run = start(engine, "lost", {})
        eventually(lambda: sink.at("/lost"))
        with locked(engine.settings.data):
            sink.door.set()
            eventually(lambda: [line for line in logs if line["event"] == "store.unavailable"])
    clock.shift = LEASE

    eventually(lambda: engine.store.read(show.run, run.id).outcome == "succeeded")
    assert len(sink.at("/lost")) == 2
    assert len({call.key for call in sink.at("/lost")}) == 1


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
