"""What the vendor does about a delivery that was refused: when it tries again, as far as its manifest says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.path.send import HEADER
from engine.runtime import Engine
from engine.store import search, show
from engine.store.rows import Delivery
from engine.store.search import DeliveryFilter, Span
from engine.words import Verdict

#: How much later than it should a retry may come, and still be counted as one.
_LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Again:
    """When a vendor tries again; without attempts nothing but its own words is known."""

    #: What it is called.
    vendor: str
    #: Which attempt this was, as far as the ledger shows, counted from 1.
    attempt: int
    #: How many it makes; None: not known.
    attempts: int | None
    #: About when the next one comes; None: never, or not known.
    due_at: datetime | None
    #: What becomes of it in the end, in words.
    gives_up: str | None


@dataclass(frozen=True, slots=True)
class Retry:
    """A retry that is to come: of which delivery, what is told of it, and in how long."""

    delivery_id: str
    told: Again
    due_in: timedelta


def next_retry(engine: Engine, trigger_id: str) -> Retry | None:
    """Return when the vendor tries the trigger's last refused delivery again; None where it does not, or did."""
    refused = DeliveryFilter(trigger_id=trigger_id, verdict=Verdict.REJECTED)
    for line in engine.store.read(search.list_deliveries, refused, Span(limit=1)).items:
        told = again(engine, engine.store.read(show.delivery, line.id))
        now = engine.clock.now()
        if told is not None and told.due_at is not None and told.due_at > now:
            return Retry(line.id, told, told.due_at - now)
    return None


def again(engine: Engine, delivery: Delivery) -> Again | None:
    """Return what the vendor does about a delivery; None where it was not refused, or nothing is known.

    Earlier attempts are those with the same body. One that did not reach Wink, or that it could not write down, is not
    among them: the vendor may be further than this says.
    """
    live = engine.published.now().by_id.get(delivery.trigger_id)
    if live is None or delivery.verdict is not Verdict.REJECTED or HEADER in delivery.headers:
        return None
    schedule, manifest = live.connector.schedule, live.connector.manifest
    if not schedule.published:
        words = manifest.limits.gives_up
        return Again(manifest.title, 1, None, None, words) if words else None
    since = delivery.received_at - schedule.lasts - _LATE
    attempt = min(engine.store.read(show.refusals_alike, delivery, since), schedule.attempts)
    wait = None if schedule.is_supposed(attempt) else schedule.wait_after(attempt)
    due_at = None if wait is None else delivery.received_at + wait
    return Again(manifest.title, attempt, schedule.attempts, due_at, manifest.limits.gives_up)
