"""Writes share a commit; one bad row fails alone; a database that cannot write says so to everybody."""

import sqlite3
import sys
from threading import Event, Thread

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from structlog.testing import capture_logs

from engine.errors import Conflict, SettingsError, StoreUnavailable
from engine.store import tables
from engine.store.secrets import KEY_CHECK, cipher_from
from engine.store.store import open_store
from engine.store.writer import Writer
from tests.serving import eventually


def _keep(connection, items):
    for name in items:
        connection.execute(insert(tables.marks).values(name=name, value=b""))
    return list(items)


def _names(store):
    with store.reading() as connection:
        return set(connection.scalars(select(tables.marks.c.name))) - {KEY_CHECK}


def _gathered(store, names):
    """Hand in all names while the writer is held up, so that they make one batch."""
    gate = Event()
    held = store.submit(lambda connection, items: [gate.wait(5) for _ in items], None)
    futures = [store.submit(_keep, name) for name in names]
    gate.set()
    held.result()
    return futures


def test_each_caller_gets_its_own_result(store):
    assert [future.result() for future in _gathered(store, ["a", "b", "c"])] == ["a", "b", "c"]


def test_one_bad_row_fails_alone(store):
    good, first, twin, last = _gathered(store, ["good", "same", "same", "last"])

    assert isinstance(twin.exception(), IntegrityError)
    assert [good.result(), first.result(), last.result()] == ["good", "same", "last"]
    assert {"good", "same", "last"} <= _names(store)


def test_a_mistake_before_a_row_that_the_database_refuses_keeps_no_other_from_being_written(store):
    def refuse(connection, items):
        raise OperationalError("INSERT", None, sqlite3.OperationalError("string or blob too big"))

    def fail(connection, items):
        raise Conflict("taken")

    gate = Event()
    held = store.submit(lambda connection, items: [gate.wait(5) for _ in items], None)
    mistaken, refused, good = (store.submit(*each) for each in ((fail, 1), (refuse, 2), (_keep, "good")))
    gate.set()
    held.result()

    assert good.result() == "good"
    assert (type(mistaken.exception()), type(refused.exception())) == (Conflict, StoreUnavailable)


def test_a_write_that_a_deadlock_broke_is_done_again(migrated_url):
    store = open_store(migrated_url, cipher_from("test"))
    for name in ("a", "b"):
        store.submit(_keep, name).result()
    holds, tries = Event(), []

    def both(connection, items):
        tries.append(len(tries))
        connection.execute(text("SELECT name FROM marks WHERE name = 'a' FOR UPDATE"))
        holds.set()
        return [connection.scalar(text("SELECT name FROM marks WHERE name = 'b' FOR UPDATE")) for _ in items]

    with store.database.writing.begin() as other:
        other.execute(text("SET LOCAL deadlock_timeout = '30s'"))  # so that it is not this one which is broken
        other.execute(text("SELECT name FROM marks WHERE name = 'b' FOR UPDATE"))
        written = store.submit(both, None)
        assert holds.wait(5)
        other.execute(text("SELECT name FROM marks WHERE name = 'a' FOR UPDATE"))

    assert (written.result(), tries) == ("b", [0, 1])
    store.close()


def test_what_was_handed_in_before_closing_is_written(database_url):
    store = open_store(database_url, cipher_from("test"))
    futures = [store.submit(_keep, str(number)) for number in range(50)]

    store.close()

    assert [future.result(0) for future in futures] == [str(number) for number in range(50)]


def test_what_is_handed_in_after_closing_is_refused_and_not_waited_for(database_url):
    store = open_store(database_url, cipher_from("test"))
    store.close()

    assert isinstance(store.submit(_keep, "late").exception(1), StoreUnavailable)


def test_a_locked_database_refuses_and_acknowledges_nothing(tmp_path):
    file = tmp_path / "wink.db"
    store = open_store(f"sqlite:///{file}", cipher_from("test"))
    intruder = sqlite3.connect(file, isolation_level=None)
    intruder.execute("BEGIN EXCLUSIVE")

    failures = [future.exception() for future in [store.submit(_keep, "a"), store.submit(_keep, "b")]]
    intruder.execute("ROLLBACK")

    assert [type(failure) for failure in failures] == [StoreUnavailable, StoreUnavailable]
    assert store.submit(_keep, "c").result() == "c"
    assert _names(store) & {"a", "b"} == set()
    intruder.close()
    store.close()


def test_a_full_disk_refuses_and_acknowledges_nothing(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/wink.db", cipher_from("test"))
    with store.database.writing.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    with pytest.raises(StoreUnavailable):
        store.submit(_keep, "x" * 100_000).result()

    assert "x" * 100_000 not in _names(store)
    store.close()


def test_readers_of_a_sqlite_file_cannot_write(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/wink.db", cipher_from("test"))

    with store.reading() as connection, pytest.raises(OperationalError, match="readonly"):
        _keep(connection, ["a"])

    store.close()


def test_a_database_that_cannot_be_read_says_so_and_tells_the_log_why(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/wink.db", cipher_from("test"))

    with capture_logs() as logs, pytest.raises(StoreUnavailable, match="does not answer"):
        store.read(lambda connection: connection.execute(text("select * from nowhere")))

    assert logs == [{"event": "store.unreadable", "log_level": "error", "error": "no such table: nowhere"}]
    store.close()


def test_writers_on_many_threads_lose_nothing(store):
    def write(thread):
        for number in range(20):
            store.submit(_keep, f"{thread}-{number}").result()

    threads = [Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(_names(store)) == 160


def test_a_database_that_cannot_be_opened_stops_the_start_in_words(tmp_path):
    (tmp_path / "wink.db").mkdir()

    with pytest.raises(SettingsError) as stopped:
        open_store(f"sqlite:///{tmp_path}/wink.db", cipher_from("test"))

    assert "WINK_DATABASE_URL" in str(stopped.value)


@pytest.mark.parametrize("address", ["nonsense", "sqlite://", "mysql://wink:hunter2@127.0.0.1:1/wink"])
def test_an_address_of_no_database_that_wink_can_use_stops_the_start_in_words(address):
    with pytest.raises(SettingsError, match=r"WINK_DATABASE_URL.*sqlite:///.*postgresql://") as stopped:
        open_store(address, cipher_from("test"))

    assert "hunter2" not in str(stopped.value)


def test_a_postgresql_without_its_driver_stops_the_start_in_words(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(SettingsError, match="cluster"):
        open_store("postgresql://wink@127.0.0.1:1/wink", cipher_from("test"))


def test_a_postgresql_that_does_not_answer_stops_the_start_without_its_password():
    with pytest.raises(SettingsError) as stopped:
        open_store("postgresql://wink:hunter2@127.0.0.1:1/wink", cipher_from("test"))

    assert "WINK_DATABASE_URL" in str(stopped.value)
    assert "hunter2" not in str(stopped.value)


def test_a_sqlite_file_is_readable_for_its_owner_alone(tmp_path):
    open_store(f"sqlite:///{tmp_path}/wink.db", cipher_from("test")).close()

    assert (tmp_path / "wink.db").stat().st_mode & 0o777 == 0o600


def test_it_says_how_long_a_write_would_wait(store):
    gate = Event()
    idle = store.writer.delay()
    held = store.submit(lambda connection, items: [gate.wait(5) for _ in items], None)

    eventually(lambda: store.writer.delay() > 0.05)
    gate.set()
    held.result()

    assert idle == 0
    eventually(lambda: store.writer.delay() == 0)


def test_what_is_committed_of_a_batch_that_fails_at_its_end_is_told_of(store):
    def gone(connection, items):
        raise OperationalError("INSERT", None, sqlite3.OperationalError("string or blob too big"))

    told, gate = [], Event()
    writer = Writer(store.database.writing, told.append)
    held = writer.submit(lambda connection, items: [gate.wait(5) for _ in items], None)
    futures = [writer.submit(*each) for each in ((_keep, "a"), (_keep, "b"), (gone, "c"))]
    gate.set()
    failures = [future.exception() for future in (held, *futures)]
    writer.close()

    assert [type(failure) for failure in failures] == [type(None), type(None), type(None), StoreUnavailable]
    assert told[-1:] == [None]


def test_a_batch_of_which_nothing_is_committed_is_not_told_of(store):
    def fail(connection, items):
        raise Conflict("taken")

    told = []
    writer = Writer(store.database.writing, told.append)
    failure = writer.submit(fail, "a").exception()
    writer.close()

    assert (type(failure), told) == (Conflict, [])


def test_where_no_connection_comes_free_a_whole_batch_is_refused_at_once(store, monkeypatch):
    tries = []

    def connect():
        tries.append(len(tries))
        raise NoneFree("QueuePool limit of size 1 overflow 2 reached")

    gate = Event()
    writer = Writer(store.database.writing, lambda _: gate.wait(5))
    writer.submit(_keep, "first").result()
    fail = OperationalError("INSERT", None, sqlite3.OperationalError("disk I/O error"))
    futures = [writer.submit(_raise, fail), writer.submit(_keep, "a"), writer.submit(_keep, "b")]
    monkeypatch.setattr(store.database.writing, "connect", connect)
    gate.set()
    failures = [type(future.exception()) for future in futures]
    writer.close()

    assert (failures, tries) == ([StoreUnavailable] * 3, [0])


def _raise(connection, items):
    raise items[0]


def test_whoever_waits_for_a_batch_waits_for_nothing_that_follows_it(store):
    gate = Event()
    writer = Writer(store.database.writing, lambda _: gate.wait(5))
    written = writer.submit(_keep, "first").result(5)
    later = writer.submit(_keep, "second")

    assert written == "first"
    assert not later.done()
    gate.set()
    assert later.result(5) == "second"
    writer.close()
