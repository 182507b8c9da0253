"""``/deliveries``: every request at a trigger's address, also those that were refused, and why."""

from flask import Blueprint, Response

from engine.store import show, triggers
from engine.words import Reason, Verdict
from web.api.deliveries import DeliveryQuery
from web.api.event_shapes import trigger_name
from web.context import the_engine
from web.pages.door import page
from web.pages.filters import is_part, listing, options
from web.pages.forms import sentence
from web.pages.payload import Payload
from web.pages.reason_words import SENTENCES

_FILTERS = ("trigger", "verdict", "reason", "since", "until")

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
    )


@delivery_pages.get("/deliveries/<delivery_id>")
def show_delivery(delivery_id: str) -> Response:
    """Show a delivery with its body; credentials are scrubbed from its headers and its query."""
    engine = the_engine()
    found = engine.store.read(show.delivery, delivery_id)
    return page(
        "deliveries/delivery.html",
        here="Events",
        delivery=found,
        trigger=trigger_name(engine, found.trigger_id),
        reason=SENTENCES[found.reason],
        detail=sentence(found.detail),
        events=engine.store.read(show.event_ids_of, found.id),
        payload=Payload.of_body(found.body),
    )
