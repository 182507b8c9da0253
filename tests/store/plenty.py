"""So many rows that a plan which walks through a table would show."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, Table, text
from sqlalchemy import event as hooks

from engine.store.secrets import cipher_from
from engine.store.store import Store, open_store

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"


def plenty_of(folder: Path, tables: Mapping[Table, Mapping[str, str]]) -> Store:
    """Return a SQLite store with 100,000 rows in each table: values as SQL over the number i, else null or nought.

    Without statistics of them, because nobody gathers any where Wink serves.
    """
    opened = open_store(f"sqlite:///{folder}/plenty.db", cipher_from("test"))
    with opened.database.writing.begin() as connection:
        for table, values in tables.items():
            fill(connection, table, values)
    return opened


def fill(connection: Connection, table: Table, values: Mapping[str, str]) -> None:
    """Write 100,000 rows."""
    names = ", ".join(column.name for column in table.c)
    chosen = ", ".join(values.get(column.name, "NULL" if column.nullable else "0") for column in table.c)
    filling = f"{NUMBERS} INSERT INTO {table.name} ({names}) SELECT {chosen} FROM n"  # noqa: S608 - words of ours
    connection.execute(text(filling))


def walked(connection: Connection, query, *given) -> list[str]:
    """Return what SQLite does for the statements of a query or change that is a walk."""
    asked: list[tuple[str, tuple[object, ...]]] = []
    hooks.listen(connection, "before_cursor_execute", lambda *args: asked.append(args[2:4]))
    query(connection, *given)
    explained = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values) for sql, values in list(asked)]
    return [row.detail for rows in explained for row in rows if row.detail.startswith("SCAN")]
