"""A vendor that sends one delivery after the other, and each again until it is taken, as vendors do."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Event

from tests.serving import eventually
from tests.wire import JSON, exchange, request


@dataclass
class Sender:
    """What a vendor knows of its deliveries."""

    port: int
    target: str
    #: The event of each that was taken, in order.
    events: list[str] = field(default_factory=list)
    #: How often it was told something else than 202, or could not be told.
    again: list[object] = field(default_factory=list)
    _over: Event = field(default_factory=Event)

    def send(self) -> None:
        """Send until the block below ends."""
        number = 0
        while not self._over.is_set():
            if self._try(number):
                number += 1
            else:
                self._over.wait(0.05)

    def goes_on(self, by: int = 10) -> None:
        """Wait until so many more were taken."""
        enough = len(self.events) + by
        eventually(lambda: len(self.events) >= enough)

    def _try(self, number: int) -> bool:
        body = b'{"id": "%d"}' % number
        try:
            answer = exchange(self.port, request("POST", self.target, [JSON], body))
        except (OSError, HTTPException) as error:
            self.again.append(error)
            return False
        if answer.status != 202:
            self.again.append((answer.status, answer.body))
            return False
        self.events.extend(answer.json()["events"])
        return True


@contextmanager
def sending(port: int, target: str) -> Iterator[Sender]:
    """Send until the block ends."""
    sender = Sender(port, target)
    with ThreadPoolExecutor(1) as thread:
        sent = thread.submit(sender.send)
        try:
            yield sender
        finally:
            sender._over.set()
        sent.result()
