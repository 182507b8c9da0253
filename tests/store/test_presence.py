"""A lone Wink and a cluster keep each other from a database, and all of a cluster have its time."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import AlreadyRunning, SettingsError
from engine.store import presence
from engine.store.deployment import deployment
from engine.store.presence import Company, SharedClock
from engine.store.secrets import cipher_from
from engine.store.store import open_store

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


def test_whoever_has_another_key_does_not_belong(postgresql_url):
    with _open(postgresql_url, Company.SHARED) as one, _open(postgresql_url, Company.SHARED, "other") as other:
        made = one.write(deployment, one.cipher)

        assert one.write(deployment, one.cipher) == made
        with pytest.raises(SettingsError, match="WINK_SECRET_KEY"):
            other.write(deployment, other.cipher)


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
