"""A PostgreSQL of a stage's own, which can be killed, hung and filled without harm to any other."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import run
from tempfile import mkdtemp

import psycopg

from tests.crash.stage.disk import Disk, disk
from tests.crash.stage.processes import Program, is_root, tool
from tests.serving import SLOW, eventually, free_port

#: Where Debian has what is not in PATH.
DEBIAN = "/usr/lib/postgresql/*/bin"

#: Enough for the tables of a stage.
MEBIBYTES = 96


@dataclass
class PostgreSQL:
    """A server with an empty database; disk: what that is on, where it can be filled."""

    program: Program
    port: int
    disk: Disk | None

    @property
    def server(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/wink"

    def start(self) -> None:
        """Start it, and return when it answers: it may have to come back from a crash first."""
        self.program.start()
        eventually(self._answers, within=2 * SLOW)

    def _answers(self) -> bool:
        if not self.program.is_alive:  # what is left of the killed one may hold its memory for a moment
            self.program.start()
        try:
            psycopg.connect(self.server, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Make a server and a database, on a small disk where disks can be made.

    Raises:
        Missing: PostgreSQL is not installed.
    """
    initdb, postgres = tool("initdb", DEBIAN), tool("postgres", DEBIAN)
    user = "postgres" if is_root() else None  # PostgreSQL refuses to be root
    folder = Path(mkdtemp(prefix="wink-postgresql-"))
    port = free_port()
    options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder), "max_connections": "200"}
    words = [
        postgres,
        "-D",
        str(folder / "data"),
        "-p",
        str(port),
        *(f"--{key}={value}" for key, value in options.items()),
    ]
    program = Program(words, folder, user=user)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        small = stack.enter_context(disk(folder / "disk", MEBIBYTES, user))
        stack.callback(program.kill)
        if user is not None:
            shutil.chown(folder, user)
        making = [initdb, "-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8"]
        run(making, user=user, cwd=folder, check=True, capture_output=True, timeout=2 * SLOW)
        server = PostgreSQL(program, port, small)
        server.start()
        _make_database(server)
        yield server


def _make_database(server: PostgreSQL) -> None:
    with psycopg.connect(server.server, autocommit=True) as connection:
        if server.disk is not None:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{server.disk.folder}'")
        connection.execute(f"CREATE DATABASE wink {'TABLESPACE small' if server.disk else ''}")
