"""The migrations make what tables.py describes, once."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from engine.errors import SettingsError
from engine.store import rows, sessions, tables
from engine.store.database import open_database
from engine.store.migrate import migrate
from engine.store.tables import metadata


def test_migrations_make_exactly_the_tables_of_the_code(store):
    with store.database.reading.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []


def test_migrating_again_changes_nothing(store, database_url):
    again = open_database(database_url)

    migrate(again.writing)

    with again.reading.connect() as connection:
        assert connection.scalar(text("select count(*) from alembic_version")) == 1
    again.close()


def test_a_database_of_a_newer_wink_stops_the_start(store, database_url):
    with store.database.writing.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))

    with pytest.raises(SettingsError, match="newer Wink"):
        migrate(store.database.writing)


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (rows.Trigger, tables.triggers),
        (rows.Delivery, tables.deliveries),
        (rows.Match, tables.matches),
        (rows.Run, tables.runs),
        (rows.Entry, tables.journal),
        (sessions.Session, tables.sessions),
    ],
)
def test_a_row_has_the_columns_of_its_table_in_their_order(row, table):
    assert row._fields == tuple(table.columns.keys())
