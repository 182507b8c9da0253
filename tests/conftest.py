"""What every test can ask for: a clock that stands still, a fresh database of each kind, a sink, a tester."""

import os
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import psycopg
import pytest
import structlog

from engine import passwords
from engine.actions.client import HttpClient
from engine.actions.guard import Guard
from engine.actions.registry import build_actions
from engine.app import CONNECTORS
from engine.definitions.catalog import read_connectors
from engine.executors import embedded
from engine.store.database import open_database
from engine.store.migrate import migrate
from engine.testing.suite import Runner
from tests import brokers
from tests.databases import POSTGRESQL, Databases, postgresql_database, postgresql_databases
from tests.sink import Sink, open_sink

TESTS = Path(__file__).parent

#: Files of few tests that take a minute, the longest first: whoever gets one of them last works on alone at the end.
LONG = (
    "crash/test_faults_cluster.py",
    "browser/test_every_page.py",
    "crash/test_faults_postgresql.py",
    "cluster/test_cluster.py",
    "crash/test_every_commit.py",
    "crash/test_faults_sqlite.py",
    "cli/test_serve.py",
    "deploy/test_upgrade.py",
    "deploy/test_backup.py",
    "browser/test_seed_004.py",
    "bench/test_sixty.py",
    "crash/test_kill.py",
)

# How long an example takes says more about a busy machine than about the code. In CI the examples are the same each
# time, so that it judges the change and not the draw; everywhere else they are drawn anew: decision 0071.
hypothesis.settings.register_profile("wink", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("wink")


# By default an unexpected error is logged with every local of every frame, the whole catalogue among them: that takes
# minutes to write.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


class FakeClock:
    """A clock that moves when a test says so."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, length: timedelta) -> None:
        self._now += length


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Keep passwords at less cost: the usual one takes the processor 0.1 s each time, and hundreds of tests sign in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def quick_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often for what nobody rings for, where it is the sweep that a test waits for: usually it takes 2 s."""
    monkeypatch.setattr(embedded, "SWEEP", timedelta(milliseconds=100))


@pytest.fixture(scope="session")
def sink() -> Iterator[Sink]:
    """Return a server that keeps what steps send to it."""
    with open_sink() as sink:
        yield sink


@pytest.fixture(scope="session")
def tester() -> Runner:
    """Return a runner of workflows' tests that knows every action and every connector."""
    connectors = read_connectors(CONNECTORS)
    return Runner(build_actions(lambda: HttpClient(Guard()), connectors), connectors)


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """Serve HTTP for tests on this address, whichever test asks for the server first."""
    return ("127.0.0.1", 0)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database that holds nothing; a test that takes it runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/wink.db"
    return str(request.getfixturevalue("migrated_url"))


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Return the address of an empty PostgreSQL database, which is dropped after the test."""
    with postgresql_database(postgresql_server) as address:
        yield address


@pytest.fixture
def migrated_url(databases: Databases) -> Iterator[str]:
    """Return the address of one that has the tables and no row; others had it before, and will have it."""
    with databases.lend() as address:
        yield address


@pytest.fixture(scope="session")
def databases(postgresql_server: str) -> Iterator[Databases]:
    """Return those PostgreSQL databases, which are copies of one: to copy tables costs a tenth of making them."""
    with postgresql_database(postgresql_server) as template:
        with closing(open_database(template)) as database:
            migrate(database.writing)
        with postgresql_databases(postgresql_server, template) as databases:
            yield databases


@pytest.fixture(scope="session")
def postgresql_server() -> str:
    """Return the address of a PostgreSQL server that may make databases."""
    if address := os.environ.get("TEST_DATABASE_URL"):
        return address
    try:
        psycopg.connect(POSTGRESQL, connect_timeout=3).close()
    except psycopg.OperationalError:
        pytest.skip("PostgreSQL: nothing answers on 127.0.0.1:5432; start one, or set TEST_DATABASE_URL")
    return POSTGRESQL


@pytest.fixture(scope="session")
def broker_url() -> str:
    """Return the address of a RabbitMQ server."""
    if address := os.environ.get("TEST_BROKER_URL"):
        return address
    if not brokers.answers(brokers.RABBITMQ):
        pytest.skip("RabbitMQ: nothing answers on 127.0.0.1:5672; start one, or set TEST_BROKER_URL")
    return brokers.RABBITMQ


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long; all else stays in its random order."""
    places = {file: place for place, file in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.relative_to(TESTS).as_posix(), len(LONG)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what would be skipped where ``dev.py test --strict`` says that nothing may be missing."""
    report = yield
    if report.skipped and "TEST_STRICT" in os.environ and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which --strict does not allow: {call.excinfo.value if call.excinfo else ''}"
    return report
