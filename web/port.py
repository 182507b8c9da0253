"""Whether an address is free to listen on, asked before the server takes it.

The server shares its port by SO_REUSEPORT, with no word to anybody: two Winks of one user would each get every second
delivery of the other.
"""

import asyncio
import errno
import os

from engine.errors import AddressTaken
from web.server import Address


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


def _cause(error: OSError) -> str:
    """Return the system's words: asyncio wraps them in its own, a resolver's have no number of the system."""
    number = error.errno or 0
    return os.strerror(number) if number in errno.errorcode else str(error.strerror)


async def _listen(address: Address) -> None:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, address.host, address.port)
    server.close()
