"""Below ``/triggers/<name>``: listen for a sample, make its schema the trigger's, send a test event."""

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from engine.errors import AddressUnreachable, Conflict, Invalid, NotFound, Rejected, TooMany
from engine.path import listen as listening_for
from engine.path.carry import Carry, within
from engine.path.send import Parcel, Sent, parcel_of, send
from engine.path.shown import show
from engine.runtime import Engine
from engine.store import show as stored
from engine.words import TriggerState
from web.api.problems import STATUSES
from web.context import the_carry, the_engine
from web.pages.door import page
from web.pages.forms import field, go, sentence
from web.pages.sample_view import sample_view, token_of
from web.pages.setup_view import Said, setup_page
from web.pages.trial_view import LAST, trial_view

#: How long somebody has to make the vendor send something.
LENGTH = timedelta(minutes=5)
#: The same for what we send ourselves.
_MOMENT = timedelta(seconds=30)

listening = Blueprint("listening", __name__)


@listening.get("/triggers/<name>/listening")
def look(name: str) -> Response:
    """Show the sample part of the page; nothing where it is as the one who asks has seen it."""
    engine = the_engine()
    shown = show(engine, name)
    if request.args.get("seen") == token_of(engine, shown.trigger.id):
        return Response(status=204)
    return page("triggers/listening.html", sample=sample_view(engine, shown, request.args.get("sample", "")))


@listening.post("/triggers/<name>/listening")
def start(name: str) -> Response:
    """Take what comes in from now on as samples."""
    listening_for.listen(the_engine(), name, LENGTH)
    return _back(name, "#sample-event")


@listening.post("/triggers/<name>/listening/stop")
def stop(name: str) -> Response:
    """Take no more samples."""
    listening_for.stop_listening(the_engine(), name)
    return _back(name, "#sample-event")


@listening.post("/triggers/<name>/sample")
def use_own(name: str) -> Response:
    """Take the connector's sample, sent as its vendor would, but from within: it needs no address that is reached."""
    engine = the_engine()
    try:
        _send(engine, name, Parcel(fresh=True), within)
    except (Conflict, NotFound, Rejected) as error:
        return _problem(engine, name, "sample", error)
    return _back(name, "#sample-event")


@listening.post("/triggers/<name>/schema")
def take_schema(name: str) -> Response:
    """Make what the samples that the person saw suggest the trigger's schema; newer ones wait."""
    engine, newest = the_engine(), field("newest").replace("\0", "")
    try:
        listening_for.apply(engine, name, newest)
    except (NotFound, Invalid) as error:
        return _problem(engine, name, "sample", error)
    return _back(name, "#sample-event", f"?{urlencode({'applied': newest})}" if newest else "")


@listening.post("/triggers/<name>/test")
def send_test(name: str) -> Response:
    """Send an event as the vendor would, and tell what becomes of it."""
    engine, what = the_engine(), field("what")
    try:
        sent = _send(engine, name, _parcel(engine, name, what), the_carry())
    except (AddressUnreachable, Conflict, NotFound, Rejected, TooMany) as error:
        return _problem(engine, name, "test", error)
    if sent.delivery is None:
        words = (
            f"it was answered {sent.reply.status}, and nothing of it is kept: too much is refused this hour, "
            "or something before this Wink refuses it"
        )
        return _problem(engine, name, "test", Conflict(words))
    return _back(name, "#test-event", f"?{urlencode({'sent': sent.delivery.id, 'what': what})}")


@listening.get("/triggers/<name>/test")
def look_at_test(name: str) -> Response:
    """Show what became of a test event so far."""
    engine = the_engine()
    shown = show(engine, name)
    return page(
        "triggers/test.html",
        view=trial_view(engine, shown, request.args, has_sample=False),
        name=shown.trigger.name,
    )


def _parcel(engine: Engine, name: str, what: str) -> Parcel:
    if what != LAST:
        return Parcel(what or None, fresh=True)
    samples = listening_for.captured(engine, name)
    if not samples:
        raise NotFound("there is no sample any more: choose another event")
    return parcel_of(engine.store.read(stored.delivery, samples[0][0].delivery_id))


def _send(engine: Engine, name: str, parcel: Parcel, carry: Carry) -> Sent:
    """Send; a trigger that takes nothing else yet listens for that moment."""
    if show(engine, name).state is not TriggerState.DRAFT:
        return send(engine, name, parcel, carry)
    listening_for.listen(engine, name, _MOMENT)
    try:
        return send(engine, name, parcel, carry)
    finally:
        listening_for.stop_listening(engine, name)


def _problem(engine: Engine, name: str, part: str, error: Exception) -> Response:
    status = STATUSES[AddressUnreachable] if isinstance(error, AddressUnreachable) else 422
    status = 409 if isinstance(error, Conflict) else status
    return setup_page(engine, name, Said(status, problems={part: sentence(error)}))


def _back(name: str, anchor: str, query: str = "") -> Response:
    """Answer a form: the page is read anew, by the trigger's name."""
    known = show(the_engine(), name).trigger.name
    return go(f"/triggers/{known}{query}{anchor}")
