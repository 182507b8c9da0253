"""When the clock is set back, what waits is moved once, however many processes notice it."""

from contextlib import closing
from datetime import timedelta

from sqlalchemy import insert, select

from engine.store.secrets import cipher_from
from engine.store.set_back import set_back
from engine.store.store import open_store
from engine.store.tables import callbacks

HOUR = timedelta(hours=1)


def _callback(store, next_at):
    row = {"run_id": "run_1", "origin": "", "sealed": b"", "attempts": 0, "next_at": next_at, "delivered": False}
    store.write(lambda connection: connection.execute(insert(callbacks), row) and None)


def _next_at(store):
    return store.read(lambda connection: connection.scalar(select(callbacks.c.next_at)))


def test_two_processes_that_share_a_database_move_it_once(migrated_url, clock):
    now = clock.now()
    with closing(open_store(migrated_url, cipher_from("k"))) as store:
        _callback(store, now + 3 * HOUR)

        store.write(set_back, HOUR, now)
        store.write(set_back, HOUR, now + timedelta(seconds=5))

        assert _next_at(store) == now + 2 * HOUR


def test_a_clock_that_is_set_back_again_takes_it_along_again(migrated_url, clock):
    now = clock.now()
    with closing(open_store(migrated_url, cipher_from("k"))) as store:
        _callback(store, now + 3 * HOUR)

        store.write(set_back, HOUR, now)
        store.write(set_back, HOUR, now - HOUR)

        assert _next_at(store) == now + HOUR
