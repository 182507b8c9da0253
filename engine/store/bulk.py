"""Write many rows in one statement.

A driver's executemany goes down to the database once for each row, and each time lets another thread take Python's
lock: under load the writer then waits for it after every row. One statement for many rows waits once. The same holds
for rows that are read, so what a write has to know first comes back as one row too.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain
from itertools import count as counting
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, LargeBinary, Table
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.types import TypeEngine

from engine.store.columns import Bulk

#: So many rows, or fewer, go in one statement of just that size; of more, powers of two do. So there are few different
#: statements, and the driver keeps them prepared.
SMALL = 64
LARGEST = 128

_DOLLAR = re.compile(r"\$")

Values = Sequence[object]
Row = TypeVar("Row")
_Bind = Callable[[Sequence[Any]], Sequence[object]]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Values], tail: str = "") -> int:
    """Insert rows, each with a value for every column of the table in its order; return how many were written.

    tail: SQL after the values, ``ON CONFLICT ..``.
    """
    columns = _names(table)
    head = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES "  # noqa: S608 - a table of ours
    form = (head, tail, _marks(connection.dialect, len(columns)))
    return sum(number for (number,) in _execute(connection, table, columns, rows, form))


def update_rows(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Values]) -> int:
    """Update rows: the first column says which, the others get the values; return how many there were."""
    changes = ", ".join(f"{name} = v.column{number}" for number, name in enumerate(columns[1:], 2))
    head = f"UPDATE {table.name} SET {changes} FROM (VALUES "  # noqa: S608 - as above
    tail = f") AS v WHERE {table.name}.{columns[0]} = v.column1"
    form = (head, tail, _typed_marks(connection.dialect, table, columns))
    return sum(number for (number,) in _execute(connection, table, columns, rows, form))


def ids_of(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Values], tail: str
) -> frozenset[str]:
    """Return the ids of the table's rows that have these values in these columns, in one row.

    tail: SQL that they must satisfy too, with ``FOR UPDATE`` where others may write.
    """
    together = "group_concat" if connection.dialect.name == "sqlite" else "string_agg"
    equal = " AND ".join(f"{table.name}.{name} = v.column{number}" for number, name in enumerate(columns, 1))
    head = f"SELECT {together}(id, ' ') FROM (SELECT {table.name}.id FROM (VALUES "  # noqa: S608 - as above
    tail = f") AS v JOIN {table.name} ON {equal} WHERE {tail}) AS found"
    form = (head, tail, _typed_marks(connection.dialect, table, columns))
    return frozenset(" ".join(found for (found,) in _execute(connection, table, columns, rows, form) if found).split())


def run(connection: Connection, statement: str, values: tuple[object, ...] = ()) -> tuple[Any, ...]:
    """Hand one statement to the driver itself: SQLAlchemy's own way to it costs more than the statement does.

    Return the first row of what it finds; of a change, how many rows it changed. PostgreSQL numbers its values: ``$1``.

    Raises:
        OperationalError: the database cannot take the statement now.
        DBAPIError: anything else that the driver says; SQLAlchemy's finer kinds are not told apart.
    """
    driver = connection.dialect.loaded_dbapi
    cursor = _cursor(connection)
    try:
        cursor.execute(statement, values)
        return tuple(cursor.fetchone() or ()) if cursor.description else (cursor.rowcount,)
    except driver.Error as error:
        kind = OperationalError if isinstance(error, driver.OperationalError) else DBAPIError
        raise kind(statement, None, error) from error
    finally:
        cursor.close()


def _cursor(connection: Connection) -> Any:  # noqa: ANN401 - of either driver
    """Return a cursor that takes statements as the database does: psycopg's own rewrites each ``%s``, every time."""
    if connection.dialect.name == "sqlite":
        return connection.connection.cursor()
    driver: Any = connection.dialect.loaded_dbapi
    return driver.RawCursor(connection.connection.driver_connection)


def _execute(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Values], form: tuple[str, str, str]
) -> Iterator[tuple[Any, ...]]:
    head, tail, marks = form
    for part in parts(rows):
        statement = _statement(head, tail, marks, len(part))
        yield run(connection, statement, _bound(connection.dialect, table, columns, part))


def parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield the rows in parts of which each goes in one statement."""
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
    numbers = counting(1)
    numbered = _DOLLAR.sub(lambda _: f"${next(numbers)}", ", ".join([marks] * count))
    return f"{head}{numbered} {tail}"


@cache
def _marks(dialect: Dialect, width: int) -> str:
    return f"({', '.join([_mark(dialect)] * width)})"


def _mark(dialect: Dialect) -> str:
    """Return what stands for a value; PostgreSQL's gets its number with the others."""
    return "?" if dialect.name == "sqlite" else "$"


@cache
def _typed_marks(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    """Return marks that say their type: a bare list of values has none."""
    mark = _mark(dialect)
    types = [table.c[name].type.compile(dialect) for name in columns]
    return f"({', '.join(f'CAST({mark} AS {type_})' for type_ in types)})"


@cache
def _binds(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[tuple[int, _Bind], ...]:
    """Return the columns, by position, whose values the driver does not take as they are."""
    binds = ((index, _bind(table.c[name].type, dialect)) for index, name in enumerate(columns))
    return tuple((index, bind) for index, bind in binds if bind is not None)


def _bind(kind: TypeEngine[Any], dialect: Dialect) -> _Bind | None:
    """Return what turns a column's values into the driver's; bytes are bytes to both drivers."""
    if isinstance(kind, Bulk):
        return kind.bind_all
    single = None if isinstance(kind, LargeBinary) else kind.bind_processor(dialect)
    return None if single is None else lambda values: [single(value) for value in values]


def _bound(dialect: Dialect, table: Table, columns: tuple[str, ...], rows: Sequence[Values]) -> tuple[object, ...]:
    """Return the values of all rows in one sequence, as the driver takes them."""
    by_column: list[Sequence[object]] = list(zip(*rows, strict=True))
    for index, bind in _binds(dialect, table, columns):
        by_column[index] = bind(by_column[index])
    return tuple(chain.from_iterable(zip(*by_column, strict=True)))
