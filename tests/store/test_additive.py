"""A migration takes nothing from the Wink before it, which goes on with the new tables while it is replaced."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from sqlalchemy import Column, Engine, MetaData, Table, UniqueConstraint, text

from engine.store.database import open_database
from engine.store.migrate import revisions
from engine.store.upgrade import upgrade

#: The name of a partition: no statement names one.
PARTITION = re.compile(r"_(\d{4}_\d\d|default)$")

STEPS = tuple(pairwise(revisions()))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    address = f"sqlite:///{tmp_path}/empty.db"
    database = open_database(address if request.param == "sqlite" else request.getfixturevalue("postgresql_url"))
    yield database.writing
    database.close()


def _tables(engine: Engine, revision: str | None = None) -> MetaData:
    """Return what there is, brought up to that revision before."""
    found = MetaData()
    with engine.begin() as connection:
        if revision is not None:
            upgrade(connection, to=revision)
        found.reflect(connection)
    return found


def taken(before: MetaData, after: MetaData) -> Iterator[str]:
    """Yield what statements written for the tables before cannot do with those after."""
    for name, old in before.tables.items():
        if PARTITION.search(name):
            continue
        if name not in after.tables:
            yield f"{name} is gone"
        else:
            yield from _columns_taken(old, after.tables[name])
            yield from _rules_added(old, after.tables[name])


def _columns_taken(old: Table, new: Table) -> Iterator[str]:
    for column in old.columns:
        now = new.columns.get(column.name)
        if now is None:
            yield f"{column} is gone"
        elif str(now.type) != str(column.type):
            yield f"{column} is {now.type} and was {column.type}"
        elif column.nullable and not now.nullable:
            yield f"{column} has to be given and had not"
    yield from (
        f"{column} has to be given" for column in new.columns if column.name not in old.c and _is_wanted(column)
    )


def _is_wanted(column: Column) -> bool:
    return not column.nullable and column.server_default is None


def _rules_added(old: Table, new: Table) -> Iterator[str]:
    """Yield what refuses rows: keys, and what has to be there or to be the only one."""
    yield from (f"{old.name} refuses {rule}" for rule in sorted(_rules(new) - _rules(old)))


def _rules(table: Table) -> set[str]:
    alone = [sorted(index.columns.keys()) for index in table.indexes if index.unique]
    kept = [sorted(each.columns.keys()) for each in table.constraints if isinstance(each, UniqueConstraint)]
    others = [str(key.target_fullname) for key in table.foreign_keys]
    checks = [str(each.sqltext) for each in table.constraints if hasattr(each, "sqltext")]
    return {str(each) for each in (*alone, *kept, list(table.primary_key.columns.keys()), *others, *checks)}


@pytest.mark.parametrize(("before", "after"), STEPS, ids=[after for _, after in STEPS])
def test_a_migration_takes_nothing_away(empty, before, after):
    assert list(taken(_tables(empty, before), _tables(empty, after))) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DROP TABLE t", "t is gone"),
        ("ALTER TABLE t DROP COLUMN b", "t.b is gone"),
        ("ALTER TABLE t RENAME COLUMN b TO c", "t.b is gone"),
        ("ALTER TABLE t ADD COLUMN c INTEGER NOT NULL", "t.c has to be given"),
        ("ALTER TABLE t ALTER COLUMN b TYPE TEXT", "t.b is TEXT and was INTEGER"),
        ("ALTER TABLE t ALTER COLUMN b SET NOT NULL", "t.b has to be given and had not"),
        ("CREATE UNIQUE INDEX once ON t (b)", "t refuses ['b']"),
        ("ALTER TABLE t ADD CHECK (b > 0)", "t refuses b > 0"),
    ],
)
def test_one_that_does_is_noticed(postgresql_url, statement, words):
    engine = open_database(postgresql_url).writing
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)"))
    before = _tables(engine)

    with engine.begin() as connection:
        connection.execute(text(statement))

    assert words in list(taken(before, _tables(engine)))
    engine.dispose()


def test_what_the_one_before_need_not_know_is_allowed(postgresql_url):
    engine = open_database(postgresql_url).writing
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)"))
    before = _tables(engine)

    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE t ADD COLUMN c INTEGER, ADD COLUMN d INTEGER NOT NULL DEFAULT 0"))
        connection.execute(text("CREATE TABLE u (a INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE INDEX quick ON t (b)"))

    assert list(taken(before, _tables(engine))) == []
    engine.dispose()
