"""Write many rows in one statement.

A driver's executemany goes down to the database once for each row, and each time lets another thread take Python's
lock: under load the writer then waits for it after every row. One statement for many rows waits once.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError, OperationalError

#: So many rows, or fewer, go in one statement of just that size; of more, powers of two do. So there are few different
#: statements, and the driver keeps them prepared.
SMALL = 64
LARGEST = 128

Values = Sequence[object]
#: A returned row, as the driver gives it.
Found = tuple[Any, ...]
_Bind = Callable[[object], object]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Values], tail: str = "") -> list[Found]:
    """Insert rows, each with a value for every column of the table in its order.

    tail: SQL after the values, ``ON CONFLICT ..`` or ``RETURNING ..``; what it returns is returned.
    """
    columns = _names(table)
    head = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES "  # noqa: S608 - a table of ours
    return _execute(connection, table, columns, rows, (head, tail, _marks(connection.dialect, len(columns))))


def update_rows(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Values], tail: str = ""
) -> list[Found]:
    """Update rows: the first column says which, the others get the values.

    tail: SQL after that, ``AND ..`` or ``RETURNING ..``; what it returns is returned.
    """
    changes = ", ".join(f"{name} = v.column{number}" for number, name in enumerate(columns[1:], 2))
    head = f"UPDATE {table.name} SET {changes} FROM (VALUES "  # noqa: S608 - as above
    tail = f") AS v WHERE {table.name}.{columns[0]} = v.column1 {tail}"
    return _execute(connection, table, columns, rows, (head, tail, _typed_marks(connection.dialect, table, columns)))


def _execute(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Values], form: tuple[str, str, str]
) -> list[Found]:
    head, tail, marks = form
    found: list[Found] = []
    for part in _parts(rows):
        statement = _statement(head, tail, marks, len(part))
        found += _run(connection, statement, _bound(connection.dialect, table, columns, part))
    return found


def _run(connection: Connection, statement: str, values: tuple[object, ...]) -> Sequence[Found]:
    """Hand one statement to the driver itself: SQLAlchemy's own way to it costs more than the statement does.

    Raises:
        DBAPIError: as SQLAlchemy would raise it.
    """
    driver = connection.dialect.loaded_dbapi
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else ()
    except driver.Error as error:
        kind = OperationalError if isinstance(error, driver.OperationalError) else DBAPIError
        raise kind(statement, None, error) from error
    finally:
        cursor.close()


def _parts(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    start = 0
    while start < len(rows):
        left = len(rows) - start
        size = left if left <= SMALL else min(LARGEST, 1 << (left.bit_length() - 1))
        yield rows[start : start + size]
        start += size


@cache
def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


@cache
def _statement(head: str, tail: str, marks: str, count: int) -> str:
    return f"{head}{', '.join([marks] * count)} {tail}"


@cache
def _marks(dialect: Dialect, width: int) -> str:
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    return f"({', '.join([mark] * width)})"


@cache
def _typed_marks(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    """Return marks that say their type: a bare list of values has none."""
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    types = [table.c[name].type.compile(dialect) for name in columns]
    return f"({', '.join(f'CAST({mark} AS {type_})' for type_ in types)})"


@cache
def _binds(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[tuple[int, _Bind], ...]:
    """Return the columns, by position, whose values the driver does not take as they are."""
    binds = ((index, table.c[name].type.bind_processor(dialect)) for index, name in enumerate(columns))
    return tuple((index, bind) for index, bind in binds if bind is not None)


def _bound(dialect: Dialect, table: Table, columns: tuple[str, ...], rows: Sequence[Values]) -> tuple[object, ...]:
    """Return the values of all rows in one sequence, as the driver takes them."""
    binds = _binds(dialect, table, columns)
    flat: list[object] = []
    for row in rows:
        start = len(flat)
        flat.extend(row)
        for index, bind in binds:
            flat[start + index] = bind(flat[start + index])
    return tuple(flat)
