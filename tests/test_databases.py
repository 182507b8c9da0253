"""A PostgreSQL database that several tests have, one after the other, is as new for each of them."""

import psycopg
import pytest

ROW = "INSERT INTO silences (trigger_id, since, seen_at) VALUES ('trg_1', 1, 1)"


def test_the_next_finds_no_row(databases):
    with databases.lend() as first, psycopg.connect(first) as connection:
        connection.execute(ROW)
        connection.commit()

    with databases.lend() as second, psycopg.connect(second) as connection:
        assert connection.execute("SELECT count(*) FROM silences").fetchone() == (0,)
    assert second == first


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE silences ADD COLUMN more text",
        "DROP INDEX events_by_type",
        "CREATE INDEX more ON silences (seen_at)",
    ],
)
def test_one_whose_tables_were_changed_is_lent_to_nobody_else(databases, change):
    with databases.lend() as first, psycopg.connect(first) as connection:
        connection.execute(change)
        connection.commit()

    with databases.lend() as second:
        assert second != first


def test_whoever_is_still_connected_is_cut_off(databases):
    with databases.lend() as first:
        left = psycopg.connect(first)
        left.execute(ROW)

    with databases.lend() as second, psycopg.connect(second) as connection:
        assert connection.execute("SELECT count(*) FROM silences").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    left.close()
