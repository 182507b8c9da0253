"""Databases that tests have for themselves."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg

from engine.store.migrate import metadata
from tests.serving import eventually

#: Where PostgreSQL is looked for when TEST_DATABASE_URL does not say.
POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"

#: Every column of every table and index, and the version of them all.
SHAPE = """
SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), version_num
FROM pg_attribute, alembic_version
WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) AND NOT attisdropped
ORDER BY attrelid::regclass::text, attnum
"""

#: Takes every row away, those first that name others.
EMPTY = "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))  # noqa: S608

#: Ends whoever is connected to a database, and names them.
HANG_UP = """
SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'
"""

Shape = list[tuple[str, ...]]


@contextmanager
def postgresql_database(server: str, template: str = "template1") -> Iterator[str]:
    """Make a PostgreSQL database, empty unless a template is given, and drop it when the block ends.

    template: the address of another that nobody is connected to, or its name.
    """
    name, template = f"wink_test_{uuid4().hex}", template.rpartition("/")[2]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgresql_databases(server: str, template: str) -> Iterator["Databases"]:
    """Give copies of a database that has tables and no row, and drop them when the block ends."""
    with ExitStack() as copies, psycopg.connect(server, autocommit=True) as connection:
        yield Databases(connection, server, template, copies, _shape_of(template))


@dataclass
class Databases:
    """Each is lent to one test after the other: to empty it costs a tenth of another copy."""

    connection: psycopg.Connection
    server: str
    template: str
    copies: ExitStack
    shape: Shape
    _free: list[str] = field(default_factory=list)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """Give one that is as new; one whose tables were changed is lent to nobody else."""
        address = self._free.pop() if self._free else self._copy()
        yield address
        self._hang_up(address)
        if _shape_of(address) == self.shape:
            with psycopg.connect(address) as connection:
                connection.execute(EMPTY)
            self._free.append(address)

    def _copy(self) -> str:
        return self.copies.enter_context(postgresql_database(self.server, self.template))

    def _hang_up(self, address: str) -> None:
        name = address.rpartition("/")[2]
        eventually(lambda: not self.connection.execute(HANG_UP, [name]).fetchall())


def _shape_of(address: str) -> Shape:
    with psycopg.connect(address) as connection:
        return connection.execute(SHAPE).fetchall()
