"""Call out while a person waits: a few at once, since each holds one of the threads that answer people and monitors."""

import asyncio
from collections.abc import Coroutine
from contextlib import closing
from datetime import timedelta
from threading import BoundedSemaphore
from typing import TypeVar

from engine.errors import TooMany

#: How many may be under way; more would leave too few threads for pages, the API and ``/readyz``.
AT_ONCE = 2

#: After how long another try is worth it.
BUSY = timedelta(seconds=5)

_PLACES = BoundedSemaphore(AT_ONCE)

Found = TypeVar("Found")


def call_out(calling: Coroutine[object, object, Found]) -> Found:
    """Wait for it, and no longer than it says itself: ``asyncio.run`` would wait for a resolver that hangs, too.

    Raises:
        TooMany: as many as may be are under way (429).
    """
    if not _PLACES.acquire(blocking=False):
        calling.close()
        raise TooMany(BUSY)
    try:
        with closing(asyncio.new_event_loop()) as loop:
            return loop.run_until_complete(calling)
    finally:
        _PLACES.release()
