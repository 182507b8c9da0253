"""``/deliveries``: every request at a trigger's address, also those that were refused, and why."""

from flask import Blueprint, Response

from engine.doctor.case import Diagnosis
from engine.path.again import again
from engine.path.captured import mistyped, recognise
from engine.path.diagnose import diagnose
from engine.store import show, triggers
from engine.words import FAILED_PROOFS, Finding, Reason, Verdict
from web.api.deliveries import DeliveryQuery, seals_of
from web.api.event_shapes import trigger_name
from web.context import the_engine
from web.pages.door import page
from web.pages.filters import is_part, listing, options
from web.pages.finding_view import takes_recipes
from web.pages.forms import sentence
from web.pages.lengths import in_words
from web.pages.payload import Payload
from web.pages.reason_words import SENTENCES, words_of

_FILTERS = ("trigger", "verdict", "reason", "sealed", "since", "until")

delivery_pages = Blueprint("delivery_pages", __name__)


@delivery_pages.get("/deliveries")
def show_list() -> Response:
    """List deliveries, newest first."""
    engine = the_engine()
    listed = listing(DeliveryQuery, _FILTERS, lambda query: query.page(engine))
    names = {each.id: each.name for each in engine.store.read(triggers.all_of)}
    return page(
        "deliveries/rows.html" if is_part("list") else "deliveries/list.html",
        listed.status,
        here="Events",
        listed=listed,
        names=names,
        triggers=options(names.values(), listed.typed["trigger"]),
        verdicts=options(Verdict, listed.typed["verdict"]),
        whys=options(Reason, listed.typed["reason"]),
        reasons=SENTENCES,
        seals=seals_of(engine, [each.id for each in listed.items]),
    )


@delivery_pages.get("/deliveries/<delivery_id>")
def show_delivery(delivery_id: str) -> Response:
    """Show a delivery with its body, and why its proof was refused; credentials are scrubbed from it."""
    engine = the_engine()
    found = engine.store.read(show.delivery, delivery_id)
    seals = seals_of(engine, [found.id])
    late = seals.proofs.get(found.id)
    live = engine.published.now().by_id.get(found.trigger_id)
    diagnosis = None if late else diagnose(engine, found)  # it needs no advice any more
    return page(
        "deliveries/delivery.html",
        here="Events",
        delivery=found,
        trigger=trigger_name(engine, found.trigger_id),
        reason=sentence(words_of(found.reason, live.way.kinds if live else ())),
        detail="" if _is_said(found.reason, diagnosis) else sentence(found.detail),
        events=engine.store.read(show.event_ids_of, found.id),
        mistyped=mistyped(found),
        recognition=recognise(engine, found),
        searchable=found.reason in FAILED_PROOFS and live is not None and takes_recipes(live.connector),
        payload=Payload.of_body(found.body),
        sealed_until=None if late else seals.until.get(found.id),
        late=late,
        late_words=words_of(late.reason) if late else "",
        diagnosis=diagnosis,
        again=again(engine, found),
        now=engine.clock.now(),
        in_words=in_words,
    )


def _is_said(reason: Reason, diagnosis: Diagnosis | None) -> bool:
    """Return whether a diagnosis says at least as much as the ledger's own words for the reason."""
    if diagnosis is None:
        return False
    return reason is Reason.WRONG_PROOF or diagnosis.findings[0].finding is not Finding.UNEXPLAINED
