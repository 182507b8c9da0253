"""Vendors that are played, in virtual time, with a real engine on the same clock to receive what they send."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from engine.app import CONNECTORS, build
from engine.authentication.request import Inbound
from engine.definitions.catalog import read_connectors
from engine.definitions.connector import Connector
from engine.emulation.agenda import Agenda, VirtualClock
from engine.emulation.attempt import Heard, Receiver
from engine.emulation.receivers import Outage, says, with_outages
from engine.emulation.sender import Sender, Terms
from engine.path.receive import Request, receive
from engine.path.shown import Shown
from engine.runtime import Engine
from engine.settings import Settings
from engine.store import search, show
from engine.store.check import LedgerCheck, check_ledger
from engine.store.search import EventFilter, RunFilter, Span
from engine.words import UNFINISHED, Verdict
from tests.engines import trigger, workflow
from tests.serving import eventually

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
URL = "https://hooks.example.com/webhooks/4k1s2v6d"
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))

LOG = "name: Log\non: {trigger: t}\nsteps:\n  - {id: done, uses: core.log, with: {message: '${{ event.type }}'}}\n"


@cache
def connectors() -> Mapping[str, Connector]:
    return read_connectors(CONNECTORS)


def vendor(name: str, receive: Receiver | None = None, **terms: object) -> Sender:
    """Return a vendor that begins at :data:`START`; without a receiver, everything is answered with 200."""
    agenda = Agenda(VirtualClock(START))
    return Sender(connectors()[name], agenda, receive or says(200), Terms(**terms))  # type: ignore[arg-type]


class Script:
    """A receiver that answers what it is told to, and keeps what it was sent."""

    def __init__(self, *answers: int | Heard) -> None:
        self.answers, self.requests = list(answers), list[Inbound]()

    def __call__(self, request: Inbound) -> Heard:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, Heard) else Heard(answer, "" if answer < 300 else f"HTTP {answer}")


@dataclass
class Stage:
    """A vendor, and a Wink with one trigger and one workflow that it sends to."""

    engine: Engine
    sender: Sender
    shown: Shown
    #: Names and secrets with which the vendor signs.
    secrets: Mapping[str, str]

    def after(self, length: timedelta, action: Callable[[], object]) -> None:
        """Let something happen so long after the beginning."""
        self.sender.agenda.put(START + length, action)

    def verdicts(self) -> Mapping[Verdict, int]:
        """Return how many deliveries got which verdict, when all of them are accounted for."""

        def adds_up() -> LedgerCheck | None:
            # Virtual time runs ahead of the threads that ask the workflows, so for a moment events look forgotten.
            numbers = self.engine.store.read(check_ledger, self.engine.clock.now())
            return None if numbers.unaccounted else numbers

        numbers = eventually(adds_up)
        return {verdict: number for verdict, number in numbers.verdicts.items() if number}

    def events(self) -> list[str]:
        """Return the vendor's ids of all events that came in."""
        found = self.engine.store.read(search.list_events, EventFilter(), Span(limit=5000)).items
        return [str(self.engine.store.read(show.event_history, each.id).event.key) for each in found]

    def runs(self) -> int:
        """Return how many runs there are, when each event was asked about and each of them has ended."""

        def ended() -> bool:
            runs = self.engine.store.read(search.list_runs, RunFilter(), Span(limit=5000)).items
            return len(runs) >= len(self.events()) and all(run.outcome not in UNFINISHED for run in runs)

        eventually(ended)
        return len(self.engine.store.read(search.list_runs, RunFilter(), Span(limit=5000)).items)


@contextmanager
def stage(folder: Path, name: str, *outages: tuple[timedelta, timedelta], **fields: object) -> Iterator[Stage]:
    """Play a vendor against a real engine on a virtual clock.

    outages: from when to when, since the beginning, the engine does not answer. fields: of the trigger.
    """
    clock = VirtualClock(START)
    with build(Settings.load({}, folder, threads=2), clock=clock) as engine:
        way = connectors()[name].way(str(fields["auth"]) if "auth" in fields else None)
        secrets = {each: spec.generate() for each, spec in way.secrets.items()}
        shown = trigger(engine, connector=name, secret=secrets, **fields)
        workflow(engine, LOG)
        down = [Outage(START + begins, START + ends) for begins, ends in outages]
        reached = with_outages(to_trigger(engine, shown), clock, down)
        yield Stage(engine, Sender(connectors()[name], Agenda(clock), reached), shown, secrets)


def to_trigger(engine: Engine, shown: Shown) -> Receiver:
    """Return a receiver that is a trigger of the engine."""

    def carry(request: Inbound) -> Heard:
        size = len(request.body)
        came = Request(request.method, request.query, request.headers, request.body, size, request.address)
        reply = receive(engine, shown.trigger.path, came)
        return Heard(reply.status, (reply.body or b"").decode())

    return carry
