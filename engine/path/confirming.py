"""Fetch the address by which a vendor has a subscription confirmed."""

import asyncio
from datetime import timedelta
from threading import BoundedSemaphore

import structlog

from engine.actions.client import HttpClient
from engine.actions.exchange import Request
from engine.actions.url import read_url
from engine.errors import ActionFailed
from engine.runtime import Engine

#: How long a vendor's own address may take to answer.
PATIENCE = timedelta(seconds=20)

#: Addresses that are fetched at the same time.
_CONFIRMING = BoundedSemaphore(4)

log = structlog.get_logger()


def confirm(engine: Engine, trigger: str, address: str) -> None:
    """Fetch a vendor's address once, on a thread of its own; what comes back is not looked at."""
    if not _CONFIRMING.acquire(blocking=False):
        log.warning("handshake.not_confirmed", trigger=trigger, error="too many at once: let the vendor ask again")
        return
    try:
        fetched = HttpClient(engine.guard).send(Request("GET", read_url(address), {}), within=PATIENCE)
        status = asyncio.run(fetched).status
    except ActionFailed as error:
        log.warning("handshake.not_confirmed", trigger=trigger, error=str(error))
    else:
        confirmed = 200 <= status < 300
        log.info("handshake.confirmed" if confirmed else "handshake.not_confirmed", trigger=trigger, status=status)
    finally:
        _CONFIRMING.release()
