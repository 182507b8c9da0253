"""``/events``: find them, see why each led to what it led to, replay them, decide about what is held."""

from typing import Any

from flask import Blueprint, Response, request

from engine.path import explain as explaining
from engine.path import release, replay
from engine.path.explain import Explained
from engine.runtime import Engine
from engine.store import event_waits, held, show, triggers
from engine.words import UNFINISHED, Held
from web.api.event_shapes import match_fields, trigger_name
from web.api.events import EventQuery
from web.context import the_engine
from web.pages.door import page
from web.pages.filters import is_part, listing, options
from web.pages.forms import field, go
from web.pages.lengths import in_words
from web.pages.payload import Payload
from web.pages.reason_words import SENTENCES

_FILTERS = ("trigger", "type", "matched", "q", "since", "until")

#: What was just done, in the address after a form.
_DONE = ("replayed", "released", "skipped")

event_pages = Blueprint("event_pages", __name__)


@event_pages.get("/events")
def show_list() -> Response:
    """List events, newest first."""
    engine = the_engine()
    listed = listing(EventQuery, _FILTERS, lambda query: query.page(engine))
    names = {each.id: each.name for each in engine.store.read(triggers.all_of)}
    ids = [line.id for line in listed.items]
    return page(
        "events/rows.html" if is_part("list") else "events/list.html",
        listed.status,
        here="Events",
        listed=listed,
        outcomes=engine.store.read(show.outcomes_of, ids),
        held=engine.store.read(held.among, ids),
        ended_waits=engine.store.read(event_waits.ended_among, ids),
        names=names,
        triggers=options(names.values(), listed.typed["trigger"]),
    )


@event_pages.get("/events/<event_id>")
def show_event(event_id: str) -> Response:
    """Show an event, how it came, what was answered about it, and what it started."""
    engine = the_engine()
    explained = explaining.explain(engine, event_id)
    template = "events/outcome.html" if is_part("outcome") else "events/event.html"
    return page(template, **_values(engine, explained))


@event_pages.post("/events/<event_id>/replay")
def replay_event(event_id: str) -> Response:
    """Ask the present workflows again, and start new runs."""
    started = replay.replay(the_engine(), event_id).runs
    return go(f"/events/{event_id}?replayed={len(started)}")


@event_pages.post("/events/<event_id>/release")
def release_event(event_id: str) -> Response:
    """Run or skip what is held."""
    given = field("held")
    if given not in set(Held):
        return page("events/event.html", 422, **_values(the_engine(), explaining.explain(the_engine(), event_id)))
    started = release.release_event(the_engine(), event_id, Held(given))
    return go(f"/events/{event_id}?{'released' if given == Held.RUN else 'skipped'}={len(started)}")


def _values(engine: Engine, explained: Explained) -> dict[str, Any]:
    history = explained.history
    matches = [{**match_fields(each, history), "explanation": each.explanation} for each in history.matches]
    return {
        "here": "Events",
        "event": history.event,
        "delivery": history.delivery,
        "reason": SENTENCES[history.delivery.reason],
        "trigger": trigger_name(engine, history.event.trigger_id),
        "stages": explained.stages,
        "matches": matches,
        "held": [each["workflow"] for each in matches if each["held"] and not each["decision"]],
        "runs": history.runs,
        "ended_waits": history.ended_waits,
        "in_words": in_words,
        "payload": Payload.of_body(history.event.data),
        "live": history.event.matched_at is None
        or history.asks_waits
        or any(run.outcome in UNFINISHED for run in history.runs),
        "done": {name: request.args.get(name, type=int) for name in _DONE if name in request.args},
    }
