"""SQLite's file gives back what it does not need, a little at a time."""

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.store import compaction, retention
from engine.store.database import open_database
from engine.store.ledger import record_arrivals

PAGE = 4096


@pytest.fixture
def database_url(tmp_path):
    """Return the address of a file: PostgreSQL makes room by itself."""
    return f"sqlite:///{tmp_path / 'wink.db'}"


@pytest.fixture
def holes(store, clock, arrival):
    """Leave holes of about a megabyte, and little else."""
    for _ in range(retention.PORTION):
        store.submit(record_arrivals, arrival(body=b"x" * 5 * PAGE)).result()
    assert store.write(retention.forget, clock.now() + timedelta(days=1)) == retention.PORTION
    return store


def _pages(store, name="page_count"):
    with store.reading() as connection:
        return connection.scalar(text(f"PRAGMA {name}"))


def test_holes_are_given_back_until_a_quarter_of_the_file_is_left_of_them(holes, clock):
    before = _pages(holes)

    while holes.write(retention.forget, clock.now()) == retention.PORTION:
        after = _pages(holes)
        assert before - after == compaction.PAGES
        before = after

    assert _pages(holes, "freelist_count") < max(compaction.PAGES, _pages(holes) * compaction.KEPT)


def test_a_file_that_is_full_keeps_its_pages(store, arrival):
    store.submit(record_arrivals, arrival()).result()

    assert not store.write(compaction.give_back)


@pytest.fixture
def old(tmp_path):
    """Return a database whose file was made when it could not give back pages, with holes."""
    made = sqlite3.connect(tmp_path / "old.db")
    made.executescript("PRAGMA journal_mode=WAL; CREATE TABLE filled (body BLOB)")
    made.execute("INSERT INTO filled VALUES (zeroblob(1000000))")
    made.commit()
    made.executescript("DELETE FROM filled")
    made.close()
    opened = open_database(f"sqlite:///{tmp_path}/old.db")
    yield opened
    opened.close()


def test_a_file_of_before_gives_back_nothing_until_it_is_compacted(old):
    with old.writing.begin() as connection:
        assert not compaction.give_back(connection)

    before, after = compaction.compact(old.writing)

    assert (before > 1_000_000, after < 100_000) == (True, True)
    with old.writing.begin() as connection:
        connection.execute(text("INSERT INTO filled VALUES (zeroblob(1000000))"))
        connection.execute(text("DELETE FROM filled"))
    with old.writing.begin() as connection:
        assert compaction.give_back(connection)


def test_a_file_that_is_compacted_is_not_copied_into_memory(old):
    said = []
    with old.writing.connect() as connection:
        connection.connection.driver_connection.set_trace_callback(said.append)

    compaction.compact(old.writing)

    aside = [each for each in said if each == "VACUUM" or "temp_store" in each]
    assert aside == ["PRAGMA temp_store=FILE", "VACUUM", "PRAGMA temp_store=MEMORY"]


def test_there_is_nothing_to_compact_on_postgresql(postgresql_url):
    database = open_database(postgresql_url)

    assert compaction.compact(database.writing) is None
    database.close()
