"""The migrations make what tables.py describes, once."""

import re
import shutil
from collections import defaultdict
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from engine.errors import SettingsError
from engine.store import people_tables, rows, sessions, tables
from engine.store.database import open_database
from engine.store.migrate import FOLDER, Tables, metadata, migrate, revisions, tables_of
from engine.store.upgrade import upgrade

#: The name of a partition: of the code, these are not tables.
PARTITION = re.compile(r"_(\d{4}_\d\d|default)$")

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "9998"
down_revision = "{last}"


def upgrade():
    op.create_table("more", sa.Column("id", sa.String()))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    address = f"sqlite:///{tmp_path}/empty.db"
    database = open_database(address if request.param == "sqlite" else request.getfixturevalue("postgresql_url"))
    yield database
    database.close()


def test_migrations_make_exactly_the_tables_of_a_new_database(tmp_path):
    made, migrated = (open_database(f"sqlite:///{tmp_path}/{name}.db") for name in ("made", "migrated"))
    migrate(made.writing)
    with migrated.writing.begin() as connection:
        upgrade(connection)

    described = [_described(database) for database in (made, migrated)]

    assert described[0] == described[1]
    assert "deliveries" in described[0]


def test_migrations_make_indexes_in_the_order_of_a_new_database(tmp_path):
    made, migrated = (open_database(f"sqlite:///{tmp_path}/{name}.db") for name in ("made", "migrated"))
    migrate(made.writing)
    with migrated.writing.begin() as connection:
        upgrade(connection)

    orders = [_indexes(database) for database in (made, migrated)]

    assert orders[0] == orders[1]
    assert orders[0]["events"].index("events_by_trigger") < orders[0]["events"].index("events_by_trigger_and_type")


def test_migrations_make_exactly_the_tables_of_the_code(empty):
    with empty.writing.begin() as connection:
        upgrade(connection)
        described = {"include_name": lambda name, kind, _: kind != "table" or not PARTITION.search(name)}
        differences = compare_metadata(MigrationContext.configure(connection, opts=described), metadata)

    assert differences == []


def test_migrations_are_known_by_the_names_of_their_files():
    written = ScriptDirectory(str(FOLDER)).walk_revisions()

    assert revisions() == tuple(reversed([revision.revision for revision in written]))


def test_migrating_again_changes_nothing(store, database_url):
    again = open_database(database_url)

    migrate(again.writing)

    with again.reading.connect() as connection:
        assert connection.scalar(text("select count(*) from alembic_version")) == 1
    again.close()


def test_a_database_of_an_older_wink_gets_what_it_lacks(store, tmp_path, monkeypatch):
    known = revisions()
    folder = shutil.copytree(FOLDER, tmp_path / "migrations")
    (folder / "versions" / "9998_more.py").write_text(LATER.format(last=known[-1]))
    for module in ("migrate", "upgrade"):
        monkeypatch.setattr(f"engine.store.{module}.FOLDER", folder)
    monkeypatch.setattr("engine.store.migrate.revisions", lambda: (*known, "9998"))

    migrate(store.database.writing)

    assert inspect(store.database.reading).has_table("more")
    assert store.read(tables_of) is Tables.OURS


def test_an_index_over_all_that_is_stored_is_not_sorted_in_memory(tmp_path):
    database, said = open_database(f"sqlite:///{tmp_path}/wink.db"), []
    with database.writing.connect() as connection:
        connection.connection.driver_connection.set_trace_callback(said.append)

    migrate(database.writing)
    database.close()

    assert said[:2] == ["PRAGMA temp_store=FILE", "BEGIN IMMEDIATE"]
    assert said[-2:] == ["COMMIT", "PRAGMA temp_store=MEMORY"]


def test_who_writes_after_the_start_waits_for_postgresql_no_longer_than_others(postgresql_url):
    with closing(open_database(postgresql_url)) as database:
        migrate(database.writing)

        with database.writing.connect() as connection:
            assert not connection.connection.driver_connection.waits_on


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
        (sessions.Session, people_tables.sessions),
    ],
)
def test_a_row_has_the_columns_of_its_table_in_their_order(row, table):
    assert row._fields == tuple(table.columns.keys())


def _indexes(database):
    """Return the names of each table's indexes, first made first: of those that are as good, SQLite chooses by that."""
    found = defaultdict(list)
    with database.reading.connect() as connection:
        wanted = "select tbl_name, name from sqlite_master where type = 'index' and sql is not null order by rowid"
        for table, name in connection.execute(text(wanted)):
            found[table].append(name)
    database.close()
    return found


def _described(database):
    """Return what SQLite keeps of each table and index, as one line of words."""
    with database.reading.connect() as connection:
        found = connection.execute(text("select name, sql from sqlite_master where sql is not null"))
        described = {name: sorted(sql.replace(",", " , ").replace(")", " ) ").split()) for name, sql in found}
    database.close()
    return described
