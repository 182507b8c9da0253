"""Write a judged delivery down, and only then answer its sender and ring for what comes after."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Any, NamedTuple

import structlog

from engine.authentication.request import Inbound
from engine.authentication.scheme import Proof
from engine.definitions.handshake import Answer
from engine.definitions.reply import Reply
from engine.errors import Rejected, StoreUnavailable
from engine.ids import new_id
from engine.path import answers
from engine.path.head import sealing
from engine.published import Live
from engine.redact import redact_headers, redact_query
from engine.runtime import Engine, Pending
from engine.store import ledger, refused, sealed
from engine.store.ledger import Arrival, NewEvent, Recorded, Tally
from engine.store.rows import Delivery, Event
from engine.words import Reason, Verdict

log = structlog.get_logger()

#: Verdicts of what goes on, or would: its signature must not count a second time.
_TAKEN = frozenset({Verdict.ACCEPTED, Verdict.QUARANTINED})


class Judged(NamedTuple):
    """What a delivery is found to be, before it is on disk.

    events: with the data of each; answer: to a handshake, instead of the usual one; is_counted: whether it is only
    counted.
    """

    verdict: Verdict
    reason: Reason
    detail: str = ""
    events: tuple[tuple[NewEvent, object], ...] = ()
    proof: Proof | None = None
    sample: bool = False
    answer: Answer | None = None
    is_counted: bool = False


def hour_of(moment: datetime) -> datetime:
    """Return the start of the moment's hour: refusals beyond the cap are counted by it."""
    return moment.replace(minute=0, second=0, microsecond=0)


class Receipt(NamedTuple):
    """A delivery on its way to the disk."""

    #: Ends when it is there, or when it cannot be.
    written: Future[Any]
    #: Makes the answer from what was written.
    conclude: Callable[[Any], Reply]

    def reply(self) -> Reply:
        """Wait until the delivery is on disk, and return the answer for its sender."""
        try:
            return self.conclude(self.written.result())
        except StoreUnavailable:
            return answers.try_again()


def keep(engine: Engine, live: Live, inbound: Inbound, judged: Judged) -> Receipt:
    """Write the delivery down; when it is on disk, ring for what runs it and answer."""
    reply = judged.answer.reply if judged.answer else live.reply
    delivery = new_delivery(live, inbound, judged, status=reply.status)

    def conclude(recorded: Recorded) -> Reply:
        engine.metrics.received(recorded.verdict, recorded.reason, engine.clock.now() - inbound.received_at)
        ring(engine, delivery, judged, recorded)
        return answers.accepted(reply, recorded.verdict, delivery.id, recorded.event_ids)

    return Receipt(engine.store.submit(ledger.record_arrivals, arrival_of(delivery, judged)), conclude)


def keep_refused(engine: Engine, live: Live, inbound: Inbound, rejected: Rejected, *, size: int) -> Receipt:
    """Write a refused delivery down, or count it when this hour has seen too many, and refuse.

    size: bytes of the body as sent, which is not kept when it was too large.
    """
    judged = Judged(verdict=Verdict.REJECTED, reason=rejected.reason, detail=rejected.detail)
    status = answers.status_of(rejected.reason)
    delivery = new_delivery(live, inbound, judged, status=status, size=size)
    written: Future[Any]
    kept = live.refusals.take(inbound.received_at) is None
    tally = Tally(delivery.trigger_id, hour_of(inbound.received_at), Verdict.REJECTED, rejected.reason)
    if kept:
        log.info("delivery.rejected", trigger=live.trigger.name, reason=rejected.reason.value, delivery=delivery.id)
    if live.seals and rejected.reason is Reason.WRONG_PROOF and size == len(inbound.body):
        written = engine.store.submit(sealed.seal, sealing(engine, inbound, delivery, None if kept else tally))
    elif kept:
        written = engine.store.submit(refused.record_refused, delivery)
    else:
        written = engine.store.submit(ledger.count, tally)

    def conclude(is_sealed: object) -> Reply:
        engine.metrics.received(Verdict.REJECTED, rejected.reason, engine.clock.now() - inbound.received_at)
        if is_sealed is True:
            engine.metrics.sealed.inc()
        return answers.refusal(rejected, delivery.id if kept else None, live.way.challenge, live.connector.refused)

    return Receipt(written, conclude)


def new_delivery(live: Live, inbound: Inbound, judged: Judged, *, status: int, size: int | None = None) -> Delivery:
    """Return what is kept of a request; size: bytes of its body where that is not kept."""
    return Delivery(
        id=new_id("dlv"),
        trigger_id=live.trigger.id,
        received_at=inbound.received_at,
        method=inbound.method,
        query=redact_query(inbound.query, live.secret_parameters) if inbound.query else "",
        headers=redact_headers(inbound.headers, live.secret_headers),
        address=inbound.address,
        body=inbound.body,
        size=len(inbound.body) if size is None else size,
        verdict=judged.verdict,
        reason=judged.reason,
        detail=judged.detail and _storable(judged.detail),
        status=status,
        event_count=len(judged.events),
    )


def _storable(text: str) -> str:
    """Return text that both databases take."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def arrival_of(delivery: Delivery, judged: Judged) -> Arrival:
    """Return what is recorded of a delivery that was not refused."""
    proof = judged.proof if judged.verdict in _TAKEN else None
    events = tuple([event for event, _ in judged.events])
    digest, expires_at = (proof.digest, proof.expires_at) if proof else (None, None)
    return Arrival(delivery, events, digest, expires_at, judged.sample)


def ring(engine: Engine, delivery: Delivery, judged: Judged, recorded: Recorded) -> None:
    """Hand the events of a delivery that is on disk to what matches them, but for those that came before."""
    fresh = {event.id for event in recorded.fresh if event.fate.asks}
    if fresh:
        engine.executor.accept([_pending(delivery, e, data) for e, data in judged.events if e.id in fresh])


def _pending(delivery: Delivery, new: NewEvent, data: object) -> Pending:
    event = Event(
        id=new.id,
        trigger_id=delivery.trigger_id,
        delivery_id=delivery.id,
        key=new.key,
        type=new.type,
        source=new.source,
        time=new.time,
        received_at=delivery.received_at,
        data=new.data or delivery.body,
        held=new.fate.held,
        matched_at=None,
    )
    return Pending(event, data)
