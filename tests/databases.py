"""Databases that tests have for themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg


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
