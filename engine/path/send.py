"""Send a trigger what its vendor would send, signed as the vendor does, on the way that real deliveries take."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_hex

from engine.authentication.request import Inbound
from engine.definitions.reply import Reply
from engine.definitions.sample import Sample
from engine.errors import Conflict, Rejected
from engine.path.addresses import base_url
from engine.path.carry import OF_THE_WAY, Carry, unreachable, within
from engine.path.freshen import freshen
from engine.published import Live
from engine.redact import REDACTED
from engine.runtime import Engine
from engine.store import search, show, triggers
from engine.store.rows import Delivery, Trigger
from engine.store.search import DeliveryFilter, Span

#: Marks what was sent by us; it stays in the ledger.
HEADER = "wink-sent"

#: What Wink refuses with; of too many refusals an hour, none is kept but counted.
_REFUSED = frozenset({400, 401, 405, 409, 413, 415, 422, 429, 503})

#: Deliveries among which ours is looked for: so many may have come in meanwhile.
_LATEST = 50


@dataclass(frozen=True, slots=True)
class Parcel:
    """What to send: the connector's sample of an event type, or parts of it replaced."""

    #: None: the connector's first type that has a sample.
    event_type: str | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Whether it gets an event id of its own: what was sent before would be a duplicate.
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What the sender was told, and what is in the ledger; delivery is None where it was only counted."""

    reply: Reply
    delivery: Delivery | None
    event_ids: list[str]


def parcel_of(delivery: Delivery) -> Parcel:
    """Return a delivery to send again as a new one; its proof is made anew, and what was a secret in it is not sent."""
    kept = {
        name: values[0] for name, values in delivery.headers.items() if name not in OF_THE_WAY | {HEADER} and values
    }
    return Parcel(
        body=delivery.body,
        headers={name: value for name, value in kept.items() if REDACTED not in value},
        fresh=True,
    )


def send(engine: Engine, name: str, parcel: Parcel, carry: Carry = within) -> Sent:
    """Send a delivery to a trigger, and return the answer and what became of it.

    Raises:
        NotFound: there is no such trigger, or no sample of that type (404).
        Conflict: the trigger has no secret to sign with, or cannot be used (409).
        AddressUnreachable: its address cannot be reached from here, or leads elsewhere (424).
    """
    trigger = engine.store.read(triggers.find, name)
    live = engine.published.now().by_id.get(trigger.id)
    if live is None:
        raise Conflict(f"{trigger.name} cannot be used: {engine.published.now().broken.get(trigger.path, '')}")
    mark = token_hex(8)
    sample = live.connector.sample(parcel.event_type)
    reply = carry(engine, live, _signed(engine, live, _dressed(sample, parcel, mark), fresh=parcel.fresh))
    found = _delivery(engine, trigger, mark)
    if found is None and reply.status not in _REFUSED:
        raise unreachable(engine, live, f"answered {reply.status}, and nothing came in here: it leads elsewhere")
    return Sent(reply, found, engine.store.read(show.event_ids_of, found.id) if found else [])


def _dressed(sample: Sample, parcel: Parcel, mark: str) -> Sample:
    headers = {name.lower(): value for name, value in {**sample.headers, **parcel.headers}.items()}
    body = sample.body if parcel.body is None else parcel.body
    return replace(sample, headers={**headers, HEADER: mark}, body=body)


def delivery_of(sample: Sample, trigger: Trigger, url: str, now: datetime) -> Inbound:
    """Return a sample as a delivery to the trigger at its base URL, not signed yet."""
    return Inbound(
        method=sample.method,
        url=f"{url}?{sample.query}" if sample.query else url,
        path=f"/webhooks/{trigger.path}",
        query=sample.query,
        headers={name.lower(): (value,) for name, value in sample.headers.items()},
        body=sample.body,
        address="127.0.0.1",
        received_at=now,
    )


def _signed(engine: Engine, live: Live, sample: Sample, *, fresh: bool) -> Inbound:
    now = engine.clock.now()
    request = delivery_of(sample, live.trigger, base_url(engine.settings, live.trigger), now)
    if fresh:
        request = freshen(live.connector, request)
    secrets = {name: values[0] for name, values in live.secrets_at(now).items() if values}
    try:
        return live.way.sign(request, secrets)
    except Rejected as rejected:
        raise Conflict(f"{live.trigger.name} cannot be sent to: {rejected.detail}") from rejected


def _delivery(engine: Engine, trigger: Trigger, mark: str) -> Delivery | None:
    latest = engine.store.read(search.list_deliveries, DeliveryFilter(trigger_id=trigger.id), Span(limit=_LATEST))
    for line in latest.items:
        found = engine.store.read(show.delivery, line.id)
        if found.headers.get(HEADER) == [mark]:
            return found
    return None
