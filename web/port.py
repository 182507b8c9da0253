"""Whether an address is free to listen on, asked before the server takes it.

The server shares its port by SO_REUSEPORT, with no word to anybody: two Winks of one user would each get every second
delivery of the other.
"""

import asyncio

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
            f"{address.host}:{address.port} cannot be listened on ({error.strerror}): "
            "stop what uses it, or choose another with --host and --port"
        ) from error


async def _listen(address: Address) -> None:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, address.host, address.port)
    server.close()
