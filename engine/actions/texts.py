"""Fetch a text from an address: within bounds, because senders can make us do it before they have proven anything."""

import asyncio
from datetime import timedelta

from engine.actions.client import HttpClient
from engine.actions.exchange import Request
from engine.actions.guard import Guard
from engine.actions.url import read_url
from engine.errors import ActionFailed

WITHIN = timedelta(seconds=5)
#: Bytes of the largest text.
LARGEST = 256 * 1024


def get_text(guard: Guard, address: str) -> str:
    """Return the text at an address that the guard allows, without following a redirect.

    Raises:
        ActionFailed: there is none to be had.
    """
    return asyncio.run(_get(guard, address))


async def _get(guard: Guard, address: str) -> str:
    client = HttpClient(guard, max_body=LARGEST)
    response = await client.send(Request("GET", read_url(address), {"accept": "*/*"}), within=WITHIN)
    if response.status != 200:
        raise ActionFailed("failed", f"{address} answered {response.status}")
    return response.body.decode(errors="replace")
