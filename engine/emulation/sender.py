"""The vendor: endpoints that are made, edited and deleted there, and deliveries that it tries until it gives up.

Where a vendor does not say what happens, the one that is harder on its receiver is played: what happens while an
endpoint is paused or disabled is not sent later. What was pending by then goes on when the endpoint does.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from types import MappingProxyType
from urllib.parse import urlsplit

from engine.authentication.request import Inbound
from engine.authentication.way import Way
from engine.clock import Clock
from engine.definitions.connector import Connector
from engine.definitions.sender import Ability, SenderSpec
from engine.emulation.agenda import Agenda
from engine.emulation.attempt import Attempt, Receiver, Status
from engine.emulation.endpoint import Endpoint
from engine.emulation.occurrences import Occurrence, Occurrences
from engine.errors import Conflict, Invalid, NotFound, Rejected, nearest


@dataclass(slots=True)
class _Delivery:
    """One event on its way to one endpoint."""

    occurrence: Occurrence
    endpoint: Endpoint
    attempts: int = 0
    status: Status = Status.PENDING
    #: When the next attempt is due; what the agenda holds for another moment no longer counts.
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """An endpoint, with its secrets: some vendors show them this once."""

    endpoint: Endpoint
    secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Terms:
    """How the emulator may differ from the vendor that it plays."""

    #: Which way to authenticate; None: the connector's default.
    auth: str | None = None
    #: Also send to addresses that the vendor refuses: plain HTTP, localhost, private networks.
    allow_local: bool = False
    #: What signatures tell the time by, where the receiver's clock is not the virtual one.
    stamps: Clock | None = None


class Sender:
    """One vendor, as one of its customers sees it."""

    def __init__(self, connector: Connector, agenda: Agenda, receive: Receiver, terms: Terms = Terms()) -> None:
        self.connector = connector
        self.schedule = connector.schedule
        self.spec = connector.sender or SenderSpec(source="nothing is known")
        self.agenda = agenda
        self.endpoints: dict[str, Endpoint] = {}
        #: Takes what is sent.
        self.receive = receive
        #: Is told of every attempt.
        self.watch: Callable[[Attempt], None] = _look_away
        self._terms = terms
        self._stamps = terms.stamps or agenda.clock
        self._way: Way = connector.way(terms.auth)
        self._occurrences = Occurrences(connector)
        self._deliveries: list[_Delivery] = []
        self._numbers = count(1)
        #: By the addresses of the documents that the vendor publishes: private keys that stand in for its own.
        self._keys: dict[str, str] = {}

    def types(self) -> list[str]:
        """Return the types of events that there is a sample of."""
        return [name for name, kind in self.connector.manifest.types.items() if kind.sample]

    def create(
        self,
        url: str,
        *,
        events: Iterable[str] = (),
        description: str = "",
        creator: str = "",
        secrets: Mapping[str, str] = MappingProxyType({}),
    ) -> Created:
        """Make an endpoint.

        events: types, with or without the connector's name; none: all. secrets: by name; what is not given is made.

        Raises:
            Invalid: the vendor refuses the address, or there is no such event.
        """
        self._check_url(url)
        endpoint = Endpoint(
            id=f"we_{next(self._numbers)}",
            url=url,
            description=description,
            creator=creator,
            events=self._chosen(events),
            created_at=self.agenda.now(),
            secrets={name: secrets.get(name) or spec.generate() for name, spec in self._way.secrets.items()},
            attempts=deque(maxlen=self.spec.lists),
        )
        self.endpoints[endpoint.id] = endpoint
        self._keys = {**self._way.made_up_documents(endpoint.secrets), **self._keys}
        return Created(endpoint, endpoint.secrets)

    def edit(
        self, endpoint: Endpoint, *, url: str = "", description: str | None = None, events: Iterable[str] | None = None
    ) -> None:
        """Change what is given.

        Raises:
            Invalid: as for :meth:`create`; nothing was changed then.
        """
        if url:
            self._check_url(url)
        chosen = endpoint.events if events is None else self._chosen(events)
        endpoint.url, endpoint.events = url or endpoint.url, chosen
        endpoint.description = endpoint.description if description is None else description

    def turn(self, endpoint: Endpoint, *, on: bool) -> None:
        """Pause an endpoint, or let it go on: with what is pending, and as if it had never been given up."""
        endpoint.turn(on=on)
        for delivery in self._deliveries if on else ():
            if delivery.endpoint is endpoint and delivery.next_at is not None:
                self._plan(delivery, max(delivery.next_at, self.agenda.now()))

    def delete(self, endpoint: Endpoint) -> None:
        """Remove an endpoint, and cancel what is pending for it."""
        self.endpoints.pop(endpoint.id, None)
        self._deliveries = [delivery for delivery in self._deliveries if delivery.endpoint is not endpoint]
        endpoint.active = False

    def find(self, endpoint_id: str) -> Endpoint:
        """Return an endpoint.

        Raises:
            NotFound: there is none with that id.
        """
        if endpoint_id not in self.endpoints:
            raise NotFound(f"there is no endpoint {endpoint_id!r}")
        return self.endpoints[endpoint_id]

    def reveal(self, endpoint: Endpoint) -> Mapping[str, str]:
        """Return the secrets again.

        Raises:
            Conflict: the vendor shows them when they are made, and never again.
        """
        self._demand("reveal")
        return endpoint.secrets

    def regenerate(self, endpoint: Endpoint) -> Mapping[str, str]:
        """Make new secrets; from now on everything is signed with them, and the old ones count nowhere.

        Raises:
            Conflict: the vendor does not describe it.
        """
        self._demand("regenerate")
        endpoint.secrets = {name: spec.generate() for name, spec in self._way.secrets.items()}
        return endpoint.secrets

    def happen(self, event_type: str) -> Occurrence:
        """Let an event happen now: it goes to every active endpoint that wants its type.

        Raises:
            Invalid: there is no such event.
        """
        (name,) = self._chosen([event_type])
        occurrence = self._occurrences.make(name, self.agenda.now())
        for endpoint in self.endpoints.values():
            if endpoint.active and name in endpoint.events:
                self._enter(occurrence, endpoint)
        return occurrence

    def test(self, endpoint: Endpoint) -> Occurrence:
        """Send the endpoint a sample.

        Raises:
            Conflict: the vendor has no such button.
        """
        self._demand("test")
        occurrence = self._occurrences.make(self.types()[0], self.agenda.now())
        self._enter(occurrence, endpoint)
        return occurrence

    def retry(self, endpoint: Endpoint, event_id: str) -> None:
        """Send an event that failed once more, now.

        Raises:
            Conflict: the vendor has no such button, or the event did not fail.
        """
        self._demand("retry")
        for delivery in self._deliveries:
            if delivery.endpoint is endpoint and delivery.occurrence.id == event_id and delivery.attempts:
                if delivery.status is Status.DELIVERED:
                    break
                self._plan(delivery, self.agenda.now())
                return
        raise Conflict(f"{event_id} did not fail at this endpoint")

    def listed(self, endpoint: Endpoint) -> list[Attempt]:
        """Return what the vendor's page lists of an endpoint, newest first: what is pending, and attempts."""
        new = [each for each in self._deliveries if each.endpoint is endpoint and not each.attempts]
        lines = [_line(each, None, "") for each in reversed(new)]
        return [*lines, *reversed(endpoint.attempts)][: self.spec.lists]

    def count(self, status: Status) -> int:
        """Return how many deliveries stand so."""
        return sum(delivery.status is status for delivery in self._deliveries)

    def _enter(self, occurrence: Occurrence, endpoint: Endpoint) -> None:
        delivery = _Delivery(occurrence, endpoint)
        self._deliveries.append(delivery)
        self._plan(delivery, self.agenda.now())

    def _plan(self, delivery: _Delivery, moment: datetime) -> None:
        delivery.next_at = moment
        self.agenda.put(moment, lambda: self._try(delivery, moment))

    def _try(self, delivery: _Delivery, planned: datetime) -> None:
        """Make an attempt, unless it was cancelled, put off or already made since it was planned."""
        endpoint = delivery.endpoint
        if delivery.next_at != planned or not endpoint.active or endpoint.id not in self.endpoints:
            return
        heard = self.receive(self._signed(delivery)).within(self.schedule.answer_within)
        delivery.attempts += 1
        wait = None if heard.is_good else self.schedule.wait_after(delivery.attempts)
        delivery.next_at = None
        if wait is not None:
            self._plan(delivery, self.agenda.now() + heard.took + wait)
        failed = Status.EXHAUSTED if wait is None else Status.FAILED
        delivery.status = Status.DELIVERED if heard.is_good else failed
        attempt = replace(_line(delivery, heard.status, heard.error), attempted_at=self.agenda.now())
        endpoint.note(attempt)
        if attempt.status is Status.EXHAUSTED and self.schedule.disables:
            endpoint.active = False
        self.watch(attempt)

    def _signed(self, delivery: _Delivery) -> Inbound:
        endpoint, bare = delivery.endpoint, delivery.occurrence.request
        query = "&".join(filter(None, (urlsplit(endpoint.url).query, bare.query)))
        base = endpoint.url.partition("?")[0]
        request = bare._replace(
            url=f"{base}?{query}" if query else base,
            path=urlsplit(base).path,
            query=query,
            received_at=self._stamps.now(),
        )
        try:
            return self._way.sign(request, {**self._keys, **endpoint.secrets})
        except Rejected as rejected:
            raise Conflict(f"cannot sign as {self.connector.manifest.title} does: {rejected.detail}") from rejected

    def _check_url(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Invalid(f"{url!r} is no address: write https://, a host and a path", "url")
        if not self._terms.allow_local and (words := self.connector.url_warning(url)):
            raise Invalid(words, "url")

    def _chosen(self, events: Iterable[str]) -> frozenset[str]:
        prefix, known = f"{self.connector.name}.", self.types()
        named = [name if name.startswith(prefix) else prefix + name for name in events]
        for name in named:
            if name not in known:
                words = f"{self.connector.name} has no sample of {name!r}{nearest(name, known)}"
                raise Invalid(f"{words}; there are {', '.join(known) or 'none'}", "events")
        return frozenset(named or known)

    def _demand(self, ability: Ability) -> None:
        if ability not in self.spec.can:
            raise Conflict(f"{self.connector.manifest.title} is not known to {_ABILITIES[ability]}")


#: What each ability is, behind ``is not known to``.
_ABILITIES: Mapping[Ability, str] = {
    "regenerate": "make a new secret for an endpoint that is there",
    "reveal": "show a secret again: it is shown when it is made, or was made elsewhere",
    "retry": "send an event again by hand",
    "test": "send a test event",
}


def _look_away(attempt: Attempt) -> None:
    pass


def _line(delivery: _Delivery, code: int | None, error: str) -> Attempt:
    return Attempt(
        event_id=delivery.occurrence.id,
        event_type=delivery.occurrence.type,
        status=delivery.status,
        attempts=delivery.attempts,
        code=code,
        error=error,
        happened_at=delivery.occurrence.happened_at,
        attempted_at=None,
        next_at=delivery.next_at,
    )
