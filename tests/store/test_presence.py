"""A lone Wink and a cluster keep each other from a database, and all of a cluster have its time."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine.errors import AlreadyRunning, SettingsError, StoreUnavailable
from engine.store import patient, presence
from engine.store.database import open_database
from engine.store.deployment import deployment
from engine.store.presence import Company, Presence, SharedClock
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from tests.serving import eventually

#: Whether somebody holds the lock of a database.
HELD = "SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory' AND datname = %s"

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(presence, "PATIENCE", 0.0)


def _open(url, company, key="k"):
    return closing(open_store(url, cipher_from(key), company))


def test_two_of_a_cluster_work_on_one_database(postgresql_url):
    with _open(postgresql_url, Company.SHARED) as one, _open(postgresql_url, Company.SHARED) as other:
        assert abs(one.clock.now() - other.clock.now()) < timedelta(milliseconds=500)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (Company.SHARED, Company.ALONE, "set WINK_BROKER_URL"),
        (Company.ALONE, Company.SHARED, "a Wink without WINK_BROKER_URL"),
        (Company.ALONE, Company.ALONE, "stop them first"),
    ],
)
def test_a_lone_one_shares_with_nobody(postgresql_url, first, second, words):
    with _open(postgresql_url, first), pytest.raises(AlreadyRunning, match=words):
        _open(postgresql_url, second)


def test_the_next_may_come_when_the_last_has_gone(postgresql_url):
    _open(postgresql_url, Company.ALONE).__exit__()

    with _open(postgresql_url, Company.SHARED) as store:
        assert store.presence is not None


def test_the_lock_is_taken_again_when_the_database_was_away_for_several_looks(
    postgresql_url, postgresql_server, monkeypatch
):
    name, tries = urlsplit(postgresql_url).path[1:], []
    enter = Presence._enter
    monkeypatch.setattr(presence, "PACE", 0.02)
    monkeypatch.setattr(Presence, "_enter", lambda self: tries.append(name) or enter(self))

    with _open(postgresql_url, Company.SHARED), psycopg.connect(postgresql_server, autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        eventually(lambda: len(tries) >= 3)
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

        eventually(lambda: server.execute(HELD, [name]).fetchone())


def test_a_try_that_fails_half_way_leaves_no_connection_and_no_lock(postgresql_url, monkeypatch):
    monkeypatch.setattr(presence, "WORKERS", 2**63)  # the second lock: there is none of that number
    with closing(open_database(postgresql_url)) as database:
        with pytest.raises(DBAPIError):
            Presence(database.reading, Company.ALONE, works=True)

        assert database.reading.pool.checkedout() == 0
        with _open(postgresql_url, Company.SHARED) as other:
            assert other.trouble is None


def test_whoever_has_another_key_does_not_belong(postgresql_url):
    with _open(postgresql_url, Company.SHARED), pytest.raises(SettingsError, match="WINK_SECRET_KEY"):
        _open(postgresql_url, Company.SHARED, "other")


def test_the_shared_clock_says_what_the_database_says():
    clock = SharedClock(lambda: NOON)

    assert timedelta() <= clock.now() - NOON < timedelta(seconds=1)


def test_a_small_correction_lets_the_time_stand_still_and_a_large_one_sets_it_back():
    times = iter([NOON, NOON - timedelta(milliseconds=900), NOON - timedelta(hours=1)])
    clock = SharedClock(lambda: next(times))
    before = clock.now()

    clock.follow()
    assert clock.now() == before

    clock.follow()
    assert clock.now() < before - timedelta(minutes=59)


def test_a_server_that_says_nothing_is_not_waited_for(postgresql_url, monkeypatch):
    with _open(postgresql_url, Company.SHARED) as store:
        monkeypatch.setattr(patient, "PATIENCE", 0.3)

        with pytest.raises(StoreUnavailable):
            store.read(lambda connection: connection.execute(text("SELECT pg_sleep(10)")))

        monkeypatch.undo()
        assert store.read(lambda connection: connection.scalar(text("SELECT 1"))) == 1


def test_processes_that_start_at_once_make_one_set_of_tables_and_one_id(postgresql_url):
    def start(_):
        with _open(postgresql_url, Company.SHARED) as store:
            return store.write(deployment)

    with ThreadPoolExecutor() as threads:
        made = set(threads.map(start, range(4)))

    assert len(made) == 1
