"""Serve the application with Granian, in this one process.

Granian starts a process per worker; its threaded server, made for free-threaded Python, serves from a thread of this
process instead. With one process there is one writer to the database, one thing to kill, and one thing to measure.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server.mt import MTServer

from web.rsgi import Front

if sys.platform != "win32":
    import resource

#: Connections at once. Granian accepts no further one, so they have to be many more than the requests that
#: :mod:`engine.intake` lets in: else whoever opens some, and says nothing, keeps everybody out.
CONNECTIONS = 8192

#: Files that are open beside connections: the database, calls of steps, logs.
OTHER_FILES = 256

#: Milliseconds in which the next request on a connection has to begin and its headers have to be here.
HEADERS_WITHIN = 15_000


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
        backpressure=_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN),
        websockets=False,
        log_enabled=False,
    )
    server.on_startup(ready)
    server.serve(
        target_loader=lambda *_: front,  # type: ignore[arg-type]  # RSGI takes an object too
        wrap_loader=False,
    )


def _connections() -> int:
    """Raise the limit of open files where it is too low for as many connections, and return for how many it is."""
    if sys.platform == "win32":
        return CONNECTIONS
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OTHER_FILES
    if limit != resource.RLIM_INFINITY and limit < wanted:
        limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
        return max(1, limit - OTHER_FILES)
    return CONNECTIONS
