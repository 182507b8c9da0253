"""What SQLite's log holds gets into the database by itself."""

import shutil
import sqlite3

from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from engine.store.checkpoints import Checkpoints
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from tests.serving import eventually


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
    checkpoints = Checkpoints(engine)

    with capture_logs() as lines:
        for tries in (1, 2):
            checkpoints.committed()
            eventually(lambda tries=tries: len(lines) >= tries)
    checkpoints.close()

    assert {line["event"] for line in lines} == {"store.checkpoint_failed"}


def test_it_ends_when_it_is_told_to_just_before_a_checkpoint(tmp_path, monkeypatch) -> None:
    checkpoints = Checkpoints(create_engine(f"sqlite:///{tmp_path}/wink.db"))

    def told_meanwhile(pace: float) -> bool:
        checkpoints._closed.set()
        checkpoints._due.set()
        return False

    monkeypatch.setattr(checkpoints._closed, "wait", told_meanwhile)
    checkpoints.committed()

    checkpoints._thread.join(5)
    assert not checkpoints._thread.is_alive()
