"""``/deliveries``: what came in, and what became of it."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from apiflask import APIBlueprint
from pydantic import BaseModel

from engine.path.again import again
from engine.path.captured import recognise
from engine.path.diagnose import diagnose
from engine.runtime import Engine
from engine.store import sealed, search, show
from engine.store.rows import Delivery, LateProof
from engine.store.search import DeliveryFilter, DeliveryLine, Page
from engine.words import Finding, Reason, Verdict
from web.api.event_shapes import trigger_name
from web.api.fields import Moment, Name, SpanQuery
from web.api.named import trigger_id
from web.api.recipes import LooksLikeOut, looks_like_out
from web.context import the_engine

deliveries = APIBlueprint("deliveries", __name__, url_prefix="/api/v1/deliveries")


class DeliveryQuery(SpanQuery):
    """Which deliveries."""

    trigger: Name | None = None
    verdict: Verdict | None = None
    reason: Reason | None = None
    #: Those alone that are sealed now; false and left out: all of them.
    sealed: bool = False

    def page(self, engine: Engine) -> Page[DeliveryLine]:
        """Return the page of deliveries that fit."""
        which = DeliveryFilter(
            trigger_id=trigger_id(engine, self.trigger), verdict=self.verdict, reason=self.reason, sealed=self.sealed
        )
        return engine.store.read(search.list_deliveries, which, self.span())


class LateProofOut(BaseModel):
    """What became of a delivery that was sealed, beside its first verdict."""

    #: `rejected` for `wrong_proof`: nothing proved it in time.
    verdict: Verdict
    reason: Reason
    detail: str
    duplicate_of: str | None
    event_count: int
    judged_at: Moment


class DeliveryLineOut(BaseModel):
    """A delivery in a list."""

    id: str
    #: The trigger's name, or its id where it was deleted.
    trigger: str
    received_at: Moment
    method: str
    address: str
    #: Bytes of the body as it was sent.
    size: int
    verdict: Verdict
    reason: Reason
    #: HTTP status of the answer.
    status: int
    #: The delivery that brought the same first.
    duplicate_of: str | None
    event_count: int
    #: It is sealed, and can be proved until then.
    sealed_until: Moment | None
    late_proof: LateProofOut | None


class FoundOut(BaseModel):
    """One thing that is wrong with a proof, and what to do about it."""

    finding: Finding
    words: str
    advice: str


class DiagnosisOut(BaseModel):
    """Why a proof was refused, what weighs most first; it holds no secret and no right signature."""

    findings: list[FoundOut]
    #: What was gone through in search of it, and what was left out because it would have been too much work.
    tried: list[str]
    left_out: list[str]
    #: What the request looks like, in sentences; only where nothing explains it.
    looks: list[str]


class AgainOut(BaseModel):
    """What the vendor does about a delivery that was refused, as far as its connector says."""

    vendor: str
    #: Which attempt this was, as far as the ledger shows, counted from 1; and how many the vendor makes.
    attempt: int
    attempts: int | None
    #: About when the next one comes: never, or not known, where there is none.
    due_at: Moment | None
    #: What becomes of it in the end, in words.
    gives_up: str | None


class DeliveryOut(DeliveryLineOut):
    """A delivery: one of ``body`` and ``body_base64`` is there, depending on whether it is text."""

    detail: str
    query: str
    headers: Mapping[str, Sequence[str]]
    body: str | None
    body_base64: str | None
    events: list[str]
    #: Only where the delivery was refused for its proof, its body is kept, and its trigger is still there.
    diagnosis: DiagnosisOut | None
    #: Which connectors it looks like, where that is not its trigger's own.
    looks_like: LooksLikeOut | None
    #: Only where the delivery was refused, and something is known.
    again: AgainOut | None


class DeliveryPage(BaseModel):
    """Deliveries, newest first."""

    items: list[DeliveryLineOut]
    next: str | None


@deliveries.get("")
@deliveries.input(DeliveryQuery, location="query")
@deliveries.output(DeliveryPage)
def list_deliveries(query_data: DeliveryQuery) -> DeliveryPage:
    """List deliveries, newest first, without their bodies."""
    engine = the_engine()
    page = query_data.page(engine)
    seals = seals_of(engine, [one.id for one in page.items])
    items = [DeliveryLineOut.model_validate(_line(engine, one, seals)) for one in page.items]
    return DeliveryPage(items=items, next=page.next)


@deliveries.get("/<delivery_id>")
@deliveries.output(DeliveryOut)
def get(delivery_id: str) -> DeliveryOut:
    """Show a delivery with its body, and why its proof was refused; credentials are scrubbed from it."""
    engine = the_engine()
    found = engine.store.read(show.delivery, delivery_id)
    seals = seals_of(engine, [found.id])
    return DeliveryOut.model_validate(
        {
            **_line(engine, found, seals),
            "detail": found.detail,
            "query": found.query,
            "headers": found.headers,
            "events": engine.store.read(show.event_ids_of, found.id),
            "diagnosis": None if found.id in seals.proofs else _diagnosis(engine, found),
            "looks_like": looks_like_out(recognise(engine, found)),
            "again": _again(engine, found),
            **_body(found.body),
        }
    )


class Seals(NamedTuple):
    """Of some deliveries, by their ids: until when they are sealed, and what became of those that were."""

    until: Mapping[str, datetime]
    proofs: Mapping[str, LateProof]


def seals_of(engine: Engine, delivery_ids: Sequence[str]) -> Seals:
    """Return what is sealed of the deliveries, and what was; one that is proved meanwhile may be both."""
    return Seals(engine.store.read(sealed.until, delivery_ids), engine.store.read(sealed.proofs_of, delivery_ids))


def _line(engine: Engine, found: Delivery | DeliveryLine, seals: Seals) -> dict[str, object]:
    own = {name: getattr(found, name) for name in DeliveryLineOut.model_fields if hasattr(found, name)}
    proof = seals.proofs.get(found.id)
    return {
        **own,
        "trigger": trigger_name(engine, found.trigger_id),
        "sealed_until": None if proof else seals.until.get(found.id),
        "late_proof": proof and proof._asdict(),
    }


def _again(engine: Engine, found: Delivery) -> dict[str, object] | None:
    known = again(engine, found)
    return None if known is None else asdict(known)


def _diagnosis(engine: Engine, found: Delivery) -> dict[str, object] | None:
    diagnosis = diagnose(engine, found)
    return None if diagnosis is None else asdict(diagnosis)


def _body(body: bytes) -> dict[str, str | None]:
    try:
        return {"body": body.decode(), "body_base64": None}
    except UnicodeDecodeError:
        return {"body": None, "body_base64": b64encode(body).decode()}
