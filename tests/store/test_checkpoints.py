"""What SQLite's log holds gets into the database by itself."""

import shutil
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from itertools import pairwise
from pathlib import Path
from threading import current_thread

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from engine.store import bulk, checkpoints
from engine.store.checkpoints import Checkpoints
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from tests.serving import eventually


def _count(store) -> None:
    store.write(lambda connection: connection.execute(text("update tallies set count = count + 1")))


class Movers:
    """Notes which threads make checkpoints, and how long the log is; those of the writer can be made to fail."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.lengths: list[int] = []
        self.failing = False
        #: A file that somebody commits to, and reads, during each checkpoint of the thread, so that some is left.
        self.busy: Path | None = None

    def run(self, connection, statement):
        self.names.add(current_thread().name)
        if self.failing and current_thread().name == "wink-writer":
            raise OperationalError(statement, None, sqlite3.OperationalError("disk I/O error"))
        with ExitStack() as meanwhile:
            if self.busy and current_thread().name == "wink-checkpoints":
                meanwhile.enter_context(_reader(self.busy))
                _add(self.busy, 3)
            found = bulk.run(connection, statement)
        self.lengths.append(found[1])
        return found


@contextmanager
def _reader(file):
    """Keep what is committed from now on from being moved."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("begin")
        connection.execute("select count(*) from marks").fetchall()
        yield


def _add(file, pages: int) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("insert into marks values (hex(randomblob(8)), zeroblob(4096 * ?))", [pages])


@pytest.fixture
def movers(monkeypatch) -> Movers:
    movers = Movers()
    monkeypatch.setattr(checkpoints, "bulk", movers)
    monkeypatch.setattr(checkpoints, "PACE", 0.001)
    return movers


def test_the_database_gets_what_was_committed_while_the_log_is_far_from_full(tmp_path) -> None:
    file, copy = tmp_path / "wink.db", tmp_path / "copy.db"
    store = open_store(f"sqlite:///{file}", cipher_from("test"))
    store.write(lambda connection: connection.execute(text("insert into tallies values ('t', 0, 'v', 'r', 7)")))

    def is_there() -> bool:
        shutil.copy(file, copy)  # without its log
        reader = sqlite3.connect(copy)
        try:
            return reader.execute("select count from tallies").fetchall() == [(7,)]
        except sqlite3.DatabaseError:  # copied while it was written
            return False
        finally:
            reader.close()

    eventually(is_there)
    store.close()


def test_one_that_fails_is_told_and_the_next_is_tried(tmp_path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/missing/wink.db")
    made = Checkpoints(engine)

    with capture_logs() as lines:
        for tries in (1, 2):
            made.committed(None)
            eventually(lambda tries=tries: len(lines) >= tries)
    made.close()

    assert {line["event"] for line in lines} == {"store.checkpoint_failed"}


def test_it_ends_when_it_is_told_to_just_before_a_checkpoint(tmp_path, monkeypatch) -> None:
    made = Checkpoints(create_engine(f"sqlite:///{tmp_path}/wink.db"))

    def told_meanwhile(pace: float) -> bool:
        made._closed.set()
        made._due.set()
        return False

    monkeypatch.setattr(made._closed, "wait", told_meanwhile)
    made.committed(None)

    made._thread.join(5)
    assert not made._thread.is_alive()


def test_the_writer_moves_what_is_left_of_a_long_log(tmp_path, movers, monkeypatch) -> None:
    monkeypatch.setattr(checkpoints, "LONG", 1)
    store = open_store(f"sqlite:///{tmp_path}/wink.db", cipher_from("test"))

    def has_moved() -> bool:
        _count(store)
        return "wink-writer" in movers.names

    eventually(has_moved)
    store.close()


def test_the_writer_moves_nothing_while_the_log_is_short(tmp_path, movers) -> None:
    store = open_store(f"sqlite:///{tmp_path}/wink.db", cipher_from("test"))
    _count(store)
    eventually(lambda: movers.names)
    _count(store)
    store.close()

    assert movers.names == {"wink-checkpoints"}


def test_a_log_that_never_gets_empty_begins_anew(tmp_path, movers, monkeypatch) -> None:
    monkeypatch.setattr(checkpoints, "LONG", 100)
    store = open_store(f"sqlite:///{tmp_path}/wink.db", cipher_from("test"))
    movers.busy = tmp_path / "wink.db"

    def has_begun_anew_twice() -> bool:
        _count(store)
        lengths = movers.lengths.copy()
        return sum(later < before for before, later in pairwise(lengths)) >= 2

    eventually(has_begun_anew_twice)
    store.close()

    assert 100 <= max(movers.lengths) < 200


def test_the_writer_leaves_alone_what_a_reader_is_in_the_way_of(tmp_path, movers, monkeypatch) -> None:
    file = tmp_path / "wink.db"
    store = open_store(f"sqlite:///{file}", cipher_from("test"))

    def has_looked_often() -> bool:
        _count(store)
        return len(movers.lengths) >= 10

    def has_moved() -> bool:
        _count(store)
        return "wink-writer" in movers.names

    with _reader(file):
        _add(file, checkpoints.LITTLE + 100)
        monkeypatch.setattr(checkpoints, "LONG", checkpoints.LITTLE)
        eventually(has_looked_often)
        kept_off = movers.names.copy()
    eventually(has_moved)
    store.close()

    assert kept_off == {"wink-checkpoints"}


def test_the_writer_goes_on_after_a_checkpoint_that_fails(tmp_path, movers, monkeypatch) -> None:
    monkeypatch.setattr(checkpoints, "LONG", 1)
    movers.failing = True
    store = open_store(f"sqlite:///{tmp_path}/wink.db", cipher_from("test"))

    def is_told() -> bool:
        _count(store)
        return any(line["event"] == "store.checkpoint_failed" for line in lines)

    with capture_logs() as lines:
        eventually(is_told)
    _count(store)
    store.close()
