"""What happens at the vendor: its own samples, each with an id and a time of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.authentication.request import Inbound
from engine.clock import parse_time
from engine.definitions.asking import scope_of
from engine.definitions.connector import Connector
from engine.definitions.sample import Sample
from engine.errors import Conflict
from engine.path.freshen import freshen

#: How often another id is tried before the sample is found to have too few.
_TRIES = 1000


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event: however often it is sent, its body and its id stay."""

    type: str
    #: The vendor's id as Wink reads it, or a number where there is none.
    id: str
    happened_at: datetime
    #: The request before it has an address and a signature.
    request: Inbound


class Occurrences:
    """Makes events of a connector's samples, no two of them the same."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._seen: set[str] = set()
        self._made = 0

    def make(self, event_type: str, now: datetime) -> Occurrence:
        """Return a new event of a type, as the vendor sends it.

        Raises:
            NotFound: there is no sample of that type.
            Conflict: the sample's ids are used up.
        """
        request = self._at(_request(self._connector.sample(event_type), now))
        self._made += 1
        for _ in range(_TRIES):
            # Also the first time: who plays twice against one receiver would send duplicates.
            request = freshen(self._connector, request)
            key = self._key(request)
            if key is None:
                return Occurrence(event_type, f"event {self._made}", now, request)
            if key not in self._seen:
                self._seen.add(key)
                return Occurrence(event_type, key, now, request)
        raise Conflict(f"the sample of {event_type} has no more ids than the {len(self._seen)} that were sent")

    def _key(self, request: Inbound) -> str | None:
        drafts = self._connector.events(request, self._connector.read(request))
        return drafts[0].key if drafts else None

    def _at(self, request: Inbound) -> Inbound:
        """Return the request with the present time in place of the sample's, as far as it is in the body."""
        rules, now = self._connector.rules, request.received_at
        if rules.time is None or rules.each is not None:
            return request
        scope: Mapping[str, object] = scope_of(request, self._connector.read(request), rules.names)
        old = rules.time.evaluate(scope, now)
        new = _written_as(old, now)
        return request._replace(body=request.body.replace(str(old).encode(), new.encode())) if new else request


def _request(sample: Sample, now: datetime) -> Inbound:
    return Inbound(
        method=sample.method,
        url="",
        path="",
        query=sample.query,
        headers={name.lower(): (value,) for name, value in sample.headers.items()},
        body=sample.body,
        address="127.0.0.1",
        received_at=now,
    )


def _written_as(old: object, now: datetime) -> str | None:
    """Return the present moment as the sample writes its own; None where it is neither ISO 8601 nor whole seconds."""
    if type(old) is int:  # `True` is an int, and no time
        return str(int(now.timestamp()))
    if not isinstance(old, str):
        return None
    try:
        parse_time(old)
    except ValueError:
        return None
    return now.isoformat(timespec="milliseconds" if "." in old else "seconds").replace("+00:00", "Z")
