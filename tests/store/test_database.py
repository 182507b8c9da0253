"""SQLite is opened so that what was committed is on disk, and readers never wait for the writer."""

import pytest

from engine.store.database import open_database


@pytest.mark.parametrize(("setting", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("query_only", 0)])
def test_the_writing_connection_writes_ahead_and_waits_for_the_disk(tmp_path, setting: str, value: object) -> None:
    database = open_database(f"sqlite:///{tmp_path}/wink.db")

    with database.writing.connect() as connection:
        found = connection.exec_driver_sql(f"PRAGMA {setting}").scalar()
    database.close()

    assert found == value


def test_a_reading_connection_cannot_write(tmp_path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/wink.db")

    with database.reading.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA query_only").scalar()
    database.close()

    assert found == 1
