"""A RabbitMQ node of a stage's own, behind a cable that can be cut."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import run
from tempfile import mkdtemp

from amqp import Channel, Connection

from tests.crash.stage.cable import Cable, cable
from tests.crash.stage.processes import Program, tool
from tests.serving import SLOW, eventually, free_port

#: Where Debian has scripts that run for anybody, unlike those of the same names in PATH.
DEBIAN = "/usr/lib/rabbitmq/bin"

#: Puts every message of every queue away.
PURGE = "lists:sum([begin {ok, N} = rabbit_amqqueue:purge(Q), N end || Q <- rabbit_amqqueue:list()])."


@dataclass
class RabbitMQ:
    """A node; cable: what leads to it, where such a thing can be made."""

    program: Program
    control: list[str]
    host: str
    port: int
    cable: Cable | None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{self.host}:{self.port}"

    def start(self) -> None:
        """Start it, and return when it takes connections."""
        self.program.start()
        eventually(self._answers, within=2 * SLOW)

    def _answers(self) -> bool:
        assert self.program.is_alive, (self.program.folder / "rabbitmq-server.log").read_text()
        try:
            with self.channel():
                return True
        except OSError:
            return False

    @contextmanager
    def channel(self) -> Iterator[Channel]:
        """Be a client of it until the block ends.

        Raises:
            OSError: it does not answer.
        """
        address = f"{self.host}:{self.port}"
        with closing(Connection(address, "guest", "guest", connect_timeout=5, read_timeout=SLOW)) as connection:
            connection.connect()
            yield connection.channel()

    def queues(self) -> list[str]:
        """Return the names of the queues that survive its restart."""
        lines = self._run("list_queues", "--quiet", "--no-table-headers", "name", "durable").splitlines()
        return [name for name, durable in map(str.split, lines) if durable == "true"]

    def purge(self) -> int:
        """Put every message of every queue away, and return how many there were."""
        return int(self._run("eval", PURGE))

    def _run(self, *command: str) -> str:
        words, environ = [*self.control, *command], {**os.environ, **self.program.environ}
        return run(words, env=environ, capture_output=True, check=True, text=True, timeout=2 * SLOW).stdout


@contextmanager
def rabbitmq() -> Iterator[RabbitMQ]:
    """Make a node, in a network of its own where networks can be made.

    Raises:
        Missing: RabbitMQ is not installed.
    """
    server, control, epmd = (tool(name, DEBIAN) for name in ("rabbitmq-server", "rabbitmqctl", "epmd"))
    folder = Path(mkdtemp(prefix="wink-rabbitmq-"))
    with cable() as line:
        host, inside = (line.far, line.inside) if line else ("127.0.0.1", [])
        environ = _environ(folder, free_port())
        node = Program([*inside, server], folder, environ)
        names = Program([*inside, epmd], folder, environ)
        ours = RabbitMQ(node, [*inside, control], host, int(environ["RABBITMQ_NODE_PORT"]), line)
        try:
            names.start()
            ours.start()
            yield ours
        finally:
            node.kill()
            names.kill()
            shutil.rmtree(folder, ignore_errors=True)


def _environ(folder: Path, port: int) -> Mapping[str, str]:
    (folder / "rabbitmq.conf").write_text("loopback_users = none\nlog.console = false\n")
    (folder / "plugins").write_text("[].\n")
    local = "-kernel inet_dist_use_interface {127,0,0,1}"
    return {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"wink{port}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "ERL_EPMD_PORT": str(free_port()),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": local,
        "RABBITMQ_CTL_ERL_ARGS": local,
    }
