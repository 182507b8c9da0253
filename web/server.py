"""Serve the application with Granian, in this one process.

Granian starts a process per worker; its threaded server, made for free-threaded Python, serves from a thread of this
process instead. With one process there is one writer to the database, one thing to kill, and one thing to measure.
"""

from collections.abc import Callable
from dataclasses import dataclass

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server.mt import MTServer

from web.rsgi import Front


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int


class _Server(MTServer):
    """Granian's threaded server, which runs as well under the GIL: its check only saves others from slow code."""

    def _check_gil(self) -> None:
        return None


def serve(front: Front, address: Address, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; return when the last request is answered.

    ready: called when the address is ours; what comes in from then on is answered some milliseconds later.
    """
    server = _Server(
        "wink",
        address=address.host,
        port=address.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        loop=Loops.auto,
        workers=1,
        backpressure=1024,
        http1_settings=HTTP1Settings(),
        websockets=False,
        log_enabled=False,
    )
    server.on_startup(ready)
    server.serve(
        target_loader=lambda *_: front,  # type: ignore[arg-type]  # RSGI takes an object too
        wrap_loader=False,
    )
