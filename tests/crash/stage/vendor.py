"""A vendor that sends at a steady pace, tries again until it is answered, and writes down what was acknowledged."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from urllib.parse import urlsplit

from tests.serving import Trigger, Wink
from tests.wire import JSON

#: Seconds without an answer after which it tries again, between two events or attempts, and until it gives up.
TIMEOUT, PACE, PATIENCE = 5.0, 0.3, 240.0

SENDERS = 2

#: What makes an event as large as most are.
PADDING = "x" * 1000


@dataclass
class Vendor:
    """It sends to each of the hosts in turn; folder: where it keeps what was acknowledged."""

    webs: Sequence[Wink]
    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)
    _lock: Lock = field(default_factory=Lock)

    def acknowledged(self) -> dict[str, str]:
        """Return what is on its disk: the ledger's id of each acknowledged event by the vendor's own."""
        lines = (self.folder / "acknowledged").read_text().splitlines()
        return dict(line.split() for line in lines)

    def send(self, trigger: Trigger, load: "Load", **more: object) -> str:
        """Send one event until it is acknowledged, and return the vendor's id of it; more: of its data.

        Raises:
            TimeoutError: it never was.
        """
        number, deadline, pause = next(self._numbers), monotonic() + PATIENCE, Event()
        ours = f"{load.name.replace(' ', '-')}.{trigger.name}.{number}"
        body = json.dumps({"id": ours, "padding": PADDING, **more})
        for attempt in count():
            host = self.webs[(number + attempt) % len(self.webs)]
            if event_id := self._try(host, trigger, body, load):
                self._keep(ours, event_id)
                load.acknowledged.append(ours)
                return ours
            if load.abandoned or monotonic() > deadline:
                raise TimeoutError(f"{ours} was never acknowledged: {load.refused}")
            pause.wait(PACE)
        raise AssertionError

    def _try(self, host: Wink, trigger: Trigger, body: str, load: "Load") -> str | None:
        url = urlsplit(trigger.full_url or "")
        with closing(HTTPConnection("127.0.0.1", host.port, timeout=TIMEOUT)) as connection:
            try:
                connection.request("POST", f"{url.path}?{url.query}", body, dict([JSON]))
                answer = connection.getresponse()
                said = answer.read()
            except (HTTPException, OSError) as error:
                load.refused[type(error).__name__] += 1
                return None
        if answer.status != 202:
            load.refused[str(answer.status)] += 1
            return None
        (event_id,) = json.loads(said)["events"]
        return event_id

    def _keep(self, ours: str, event_id: str) -> None:
        with self._lock, (self.folder / "acknowledged").open("a") as file:
            file.write(f"{ours} {event_id}\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def sending(self, trigger: Trigger, load: "Load") -> Iterator[None]:
        """Send until the block ends, and what is under way then until it is acknowledged."""
        load.over.clear()
        senders = [Thread(target=self._send_on, args=(trigger, load), daemon=True) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            yield
        except BaseException:
            load.abandoned = True
            raise
        finally:
            load.over.set()
            for sender in senders:
                sender.join()
        assert not load.given_up, load.given_up

    def _send_on(self, trigger: Trigger, load: "Load") -> None:
        try:
            while not load.over.wait(PACE):
                self.send(trigger, load)
        except TimeoutError as error:
            load.given_up.append(str(error))


@dataclass
class Load:
    """What the vendor sends during one fault; refused: how often, by what it was told, or what it felt."""

    name: str
    acknowledged: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    given_up: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    #: Whether nobody wants to know any more.
    abandoned: bool = False
