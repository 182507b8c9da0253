"""Senders that keep a Wink busy, and remember what it acknowledged."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Thread
from urllib.parse import urlsplit

from tests.serving import Trigger
from tests.wire import JSON

SENDERS = 8

_numbers = count()


@dataclass
class Load:
    """What was sent and acknowledged: the number in each event's data by the event's id."""

    trigger: Trigger
    acknowledged: dict[str, int] = field(default_factory=dict)
    _over: Event = field(default_factory=Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send until the block ends."""
        self._over.clear()
        senders = [Thread(target=self._send, daemon=True) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            yield
        finally:
            self._over.set()
            for sender in senders:
                sender.join()

    def _send(self) -> None:
        url = urlsplit(self.trigger.full_url or "")
        with closing(HTTPConnection("127.0.0.1", url.port or 80, timeout=10)) as connection:
            while not self._over.is_set():
                number = next(_numbers)
                try:
                    connection.request("POST", f"{url.path}?{url.query}", json.dumps({"n": number}), dict([JSON]))
                    answer = connection.getresponse()
                    body = answer.read()
                except (HTTPException, OSError):
                    return
                assert answer.status == 202, body
                (event_id,) = json.loads(body)["events"]
                self.acknowledged[event_id] = number
