"""Whether an address is free to listen on, asked before the server takes it, and whether it answers by now.

The server shares its port by SO_REUSEPORT, with no word to anybody: two Winks of one user would each get every second
delivery of the other.
"""

import asyncio
import errno
import os
from datetime import timedelta
from time import monotonic, sleep

from engine.errors import AddressTaken
from web.server import Address

#: How long a server may take until it answers, and how often it is asked.
PATIENCE = timedelta(seconds=10)
PAUSE = timedelta(milliseconds=10)


def check_free(address: Address) -> None:
    """Make sure that nobody listens there, and that this machine has the address.

    Raises:
        AddressTaken: it cannot be listened on.
    """
    try:
        asyncio.run(_listen(address))
    except OSError as error:
        raise AddressTaken(
            f"{address.host}:{address.port} cannot be listened on ({_cause(error)}): "
            "stop what uses it, or choose another with --host and --port"
        ) from error


def await_answer(address: Address) -> None:
    """Wait until somebody takes connections there, or has had the time to."""
    deadline = monotonic() + PATIENCE.total_seconds()
    while monotonic() < deadline:
        try:
            asyncio.run(_connect(address))
        except OSError:
            sleep(PAUSE.total_seconds())
        else:
            return


def _cause(error: OSError) -> str:
    """Return the system's words: asyncio wraps them in its own, a resolver's have no number of the system."""
    number = error.errno or 0
    return os.strerror(number) if number in errno.errorcode else str(error.strerror)


async def _connect(address: Address) -> None:
    _, writer = await asyncio.open_connection(address.host, address.port)
    writer.close()
    await writer.wait_closed()


async def _listen(address: Address) -> None:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, address.host, address.port)
    server.close()
