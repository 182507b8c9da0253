"""A database is opened so that what was committed is on disk, and readers change nothing."""

from contextlib import ExitStack, closing, suppress

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import InternalError
from sqlalchemy.exc import TimeoutError as NoneFree

from engine.errors import StoreUnavailable
from engine.store.database import open_database, place_of
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from tests.serving import eventually


@pytest.mark.parametrize(("setting", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("query_only", 0)])
def test_the_writing_connection_writes_ahead_and_waits_for_the_disk(tmp_path, setting: str, value: object) -> None:
    database = open_database(f"sqlite:///{tmp_path}/wink.db")

    with database.writing.connect() as connection:
        found = connection.exec_driver_sql(f"PRAGMA {setting}").scalar()
    database.close()

    assert found == value


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("postgresql://wink:se/cr?et@db.example.com:5433/wink?sslpassword=s@cret", "db.example.com:5433/wink"),
        ("postgresql://wink@db/wink", "db/wink"),
        ("postgresql:///wink?host=/run/postgresql", "/run/postgresql/wink"),
        ("postgresql:///wink", "localhost/wink"),
    ],
)
def test_a_place_of_a_database_lets_nobody_in(address, place) -> None:
    assert place_of(address) == place


def test_a_database_can_be_a_key(tmp_path) -> None:
    with closing(open_database(f"sqlite:///{tmp_path}/wink.db")) as database:
        assert {database: "found"}[database] == "found"


def test_a_reading_connection_cannot_write(tmp_path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/wink.db")

    with database.reading.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA query_only").scalar()
    database.close()

    assert found == 1


def test_a_reading_connection_cannot_write_to_postgresql(postgresql_url) -> None:
    with (
        closing(open_database(postgresql_url)) as database,
        database.reading.connect() as connection,
        pytest.raises(InternalError, match="read-only"),
    ):
        connection.execute(text("CREATE TABLE something (id text)"))


@pytest.mark.parametrize("way", ["reading", "writing"])
def test_a_connection_that_postgresql_has_ended_is_not_used_again(postgresql_url, way) -> None:
    with closing(open_database(postgresql_url)) as database, psycopg.connect(postgresql_url, autocommit=True) as server:
        before = _process_of(getattr(database, way))
        server.execute("SELECT pg_terminate_backend(%s)", [before])
        eventually(lambda: not server.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [before]).fetchone())

        assert _process_of(getattr(database, way)) != before


def _process_of(engine) -> int:
    """Return which process of the server answers."""
    with engine.connect() as connection:
        return connection.scalar(text("SELECT pg_backend_pid()"))


def test_whoever_finds_no_connection_free_is_told_to_try_again(postgresql_url) -> None:
    with closing(open_store(postgresql_url, cipher_from("test"))) as store, ExitStack() as taken:
        for engine, deed in ((store.database.reading, store.read), (store.database.writing, store.apart)):
            engine.pool._timeout = 0.01
            _take_all(engine, taken)

            with pytest.raises(StoreUnavailable):
                deed(lambda connection: connection.execute(text("SELECT 1")))


def _take_all(engine: Engine, taken: ExitStack) -> None:
    with suppress(NoneFree):
        while True:
            taken.enter_context(engine.connect())
