"""A bucket in the database is refilled as time passes; on SQLite by the caller's clock."""

from datetime import timedelta

import pytest

from engine.rate import Rate
from engine.store import rates
from engine.store.rates import Wanted
from engine.store.secrets import cipher_from
from engine.store.store import open_store


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path}/wink.db", cipher_from("test"))
    yield opened
    opened.close()


def test_time_refills_what_hosts_share_but_never_beyond_the_count(store, clock):
    def taken(number):
        wanted = [Wanted("k", Rate.read("60/m"), 1, clock.now())] * number
        return sum(portion.number for portion in (store.submit(rates.take, one).result() for one in wanted))

    assert taken(61) == 60
    clock.advance(timedelta(seconds=2))
    assert taken(3) == 2
    clock.advance(timedelta(hours=1))
    assert taken(61) == 60


def test_a_bucket_that_is_full_is_forgotten(store, clock):
    store.submit(rates.take, Wanted("k", Rate.read("60/m"), 1, clock.now())).result()
    clock.advance(timedelta(seconds=2))

    store.write(rates.forget, clock.now())

    with store.reading() as connection:
        assert connection.execute(rates.rates.select()).all() == []


def test_a_bucket_that_was_emptied_by_another_rate_is_no_emptier_than_empty(store, clock):
    slow, quick = (Wanted("k", Rate.read(rate), 10, clock.now()) for rate in ("10/h", "10/s"))
    store.submit(rates.take, slow).result()

    assert store.submit(rates.take, quick).result().wait == timedelta(seconds=1)
