"""Documents with vendors' public keys: fetched away from the threads that take deliveries, and kept for a while.

Senders can make us fetch, before they have proven anything: so what is fetched is bounded in number, time and size.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

import structlog

from engine.clock import Clock
from engine.errors import ActionFailed

#: How long a document is used.
FRESH_FOR = timedelta(hours=1)
#: How long an address is left alone after it was asked, whatever it said.
AGAIN_AFTER = timedelta(minutes=1)
#: How long it is left alone after it failed.
AGAIN_AFTER_FAILURE = timedelta(seconds=10)
#: Addresses that are remembered; those without a document, and asked longest ago, are forgotten first.
MOST = 256
#: Documents that are fetched at once, and that wait for their turn beside these.
AT_ONCE, WAITING = 4, 32

#: Returns the text at an address, or raises ActionFailed.
Get = Callable[[str], str]

log = structlog.get_logger()


class _Fetched(NamedTuple):
    """What came of fetching a document."""

    at: datetime
    #: Empty where it did not fail.
    failure: str
    #: The last that was fetched, and when; None: nothing yet.
    text: str | None
    read_at: datetime

    def is_left_alone(self, now: datetime) -> bool:
        """Tell whether it is too early to ask again."""
        return abs(now - self.at) < (AGAIN_AFTER_FAILURE if self.failure else AGAIN_AFTER)


class Documents:
    """The documents that were fetched, by address. Threads may share it."""

    def __init__(self, get: Get, clock: Clock) -> None:
        self._get = get
        self._clock = clock
        self._lock = Lock()
        self._fetched: dict[str, _Fetched] = {}
        self._under_way: dict[str, Future[None]] = {}
        self._threads = ThreadPoolExecutor(AT_ONCE, "wink-documents")

    def beside(self, secrets: Mapping[str, Sequence[str]], now: datetime) -> Mapping[str, Sequence[str]]:
        """Return the secrets, and beside them the documents that are fresh: {address: [text]}."""
        with self._lock:
            fresh = {
                address: (found.text,)
                for address, found in self._fetched.items()
                if found.text is not None and abs(now - found.read_at) < FRESH_FOR
            }
        return {**fresh, **secrets}

    def fetch(self, address: str, now: datetime) -> Future[None] | None:
        """Fetch a document, and return what ends when it is here or failed; None: not now.

        address: https, at a host that a manifest names. Whoever asks for one that is under way waits for that one.
        """
        with self._lock:
            if address in self._under_way:
                return self._under_way[address]
            found = self._fetched.get(address)
            if len(self._under_way) >= AT_ONCE + WAITING or (found and found.is_left_alone(now)):
                return None
            self._under_way[address] = self._threads.submit(self._ask, address)
            return self._under_way[address]

    def has(self, address: str) -> bool:
        """Tell whether there was a document at an address, however old it is: it is none that somebody made up."""
        with self._lock:
            found = self._fetched.get(address)
        return found is not None and found.text is not None

    def failure(self, address: str) -> str:
        """Return in words why the last attempt failed; empty when it did not, or when there was none."""
        with self._lock:
            found = self._fetched.get(address)
        return found.failure if found else ""

    def close(self) -> None:
        """Fetch nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, address: str) -> None:
        now = self._clock.now()
        try:
            self._keep(address, _Fetched(now, "", self._get(address), now))
        except ActionFailed as error:
            log.warning("documents.failed", address=address, error=str(error))
            self._keep_failure(address, str(error), now)
        finally:
            with self._lock:
                del self._under_way[address]

    def _keep_failure(self, address: str, words: str, now: datetime) -> None:
        """Remember that an address failed; what was fetched from it before counts on, or a forger could end that."""
        with self._lock:
            before = self._fetched.get(address)
        text, read_at = (before.text, before.read_at) if before else (None, now)
        self._keep(address, _Fetched(now, words, text, read_at))

    def _keep(self, address: str, found: _Fetched) -> None:
        with self._lock:
            self._fetched.pop(address, None)
            if len(self._fetched) >= MOST:
                empty = (known for known, each in self._fetched.items() if each.text is None)
                del self._fetched[next(empty, next(iter(self._fetched)))]
            self._fetched[address] = found
