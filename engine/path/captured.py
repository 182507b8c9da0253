"""What a delivery in the ledger tells: how it is signed, and which connector it looks like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from engine.definitions.bodies import is_json_as_form
from engine.definitions.connector import Connector
from engine.errors import Conflict, Invalid, Rejected, WinkError
from engine.finder.explained import nothing_found
from engine.finder.recogniser import Recognition
from engine.finder.search import Recipe, Search, find_recipes
from engine.path.addresses import as_received
from engine.path.receive import prove
from engine.published import Live
from engine.redact import REDACTED
from engine.runtime import Engine
from engine.store import search, show
from engine.store.rows import Delivery
from engine.store.search import DeliveryFilter, Span

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FoundRecipes:
    """What the search over a delivery came to, for its trigger."""

    delivery: Delivery
    #: The trigger's name.
    trigger: str
    #: The way of the trigger's connector that takes a recipe; None where none does.
    way: str | None
    search: Search
    #: Those that the trigger can be given.
    usable: Sequence[Recipe]
    #: Empty when something was found.
    words: str


def find_recipes_of(engine: Engine, delivery_id: str, secret: str | None = None) -> FoundRecipes:
    """Search a delivery for its recipe, with a secret or with those that its trigger has.

    Raises:
        NotFound: there is no such delivery (404).
        Conflict: its trigger is gone, has no secret, or its body is not kept (409).
        Invalid: the secret is empty (422).
    """
    delivery = engine.store.read(show.delivery, delivery_id)
    live = engine.published.now().by_id.get(delivery.trigger_id)
    if live is None:
        raise Conflict("the trigger of this delivery is gone, or cannot be used")
    if delivery.size > len(delivery.body):
        raise Conflict("the body of this delivery is not kept, so nothing can be compared with its signature")
    way = recipe_way(live.connector, live.way.name)
    name = next(iter(live.connector.ways[way or live.way.name].secrets), "secret")
    request, tried = as_received(engine.settings, live.trigger, delivery), _secrets(engine, live, name, secret)
    searches = [find_recipes(request, value, name=name) for value in tried]
    best = next((each for each in searches if each.recipes), searches[0])
    log.info("recipe.searched", trigger=live.trigger.name, delivery=delivery.id, found=len(best.recipes))
    words = "" if best.recipes else _nothing(best, delivery)
    usable = [each for each in best.recipes if takes(live.connector, way, each)]
    return FoundRecipes(delivery, live.trigger.name, way, best, usable, words)


def takes(connector: Connector, way: str | None, recipe: Recipe) -> bool:
    """Return whether a trigger of the connector can be given a recipe."""
    try:
        return way is not None and bool(connector.way(way, [recipe]))
    except WinkError:
        return False


def proves(engine: Engine, delivery: Delivery) -> bool:
    """Return whether the delivery would pass its trigger's proof now, as at the time at which it came in."""
    live = engine.published.now().by_id.get(delivery.trigger_id)
    if live is None:
        return False
    try:
        prove(engine, live, as_received(engine.settings, live.trigger, delivery), live.secrets_at(engine.clock.now()))
    except Rejected:
        return False
    return True


def recognise(engine: Engine, delivery: Delivery) -> Recognition | None:
    """Return what a delivery looks like; None where nothing is to be said, as when it is what its trigger takes."""
    live = engine.published.now().by_id.get(delivery.trigger_id)
    if live is None:
        return None
    found = engine.recogniser.recognise(as_received(engine.settings, live.trigger, delivery))
    names = [candidate.connector for candidate in found.candidates]
    return None if not names or live.connector.name in names else found


def mistyped(delivery: Delivery) -> str:
    """Return what a sender did wrong who sends JSON as a form, in words; empty where nobody did."""
    if not is_json_as_form(delivery.body, next(iter(delivery.headers.get("content-type", ())), "")):
        return ""
    return "It came as a form, and looks like JSON: send it with the header `content-type: application/json`."


def newest_of(engine: Engine, trigger_id: str) -> Delivery | None:
    """Return the newest delivery of a trigger; None where there is none."""
    lines = engine.store.read(search.list_deliveries, DeliveryFilter(trigger_id=trigger_id), Span(limit=1)).items
    return engine.store.read(show.delivery, lines[0].id) if lines else None


def recipe_way(connector: Connector, auth: str) -> str | None:
    """Return the way that takes a recipe: the trigger's own, ``auth``, or else the connector's first."""
    return auth if auth in connector.recipes else next(iter(connector.recipes), None)


def _secrets(engine: Engine, live: Live, name: str, given: str | None) -> Sequence[str]:
    if given is not None:
        if not given.strip():
            raise Invalid("the secret is empty: paste it again, or leave it out", "secret")
        return [given.strip()]
    held: Mapping[str, Sequence[str]] = live.secrets_at(engine.clock.now())
    values = held.get(name) or next(iter(held.values()), ())
    if not values:
        raise Conflict("the trigger has no secret yet: paste the one that the sender signs with")
    return values[:2]


def _nothing(found: Search, delivery: Delivery) -> str:
    hidden = [name for name, values in delivery.headers.items() if any(REDACTED in each for each in values)]
    if not hidden:
        return nothing_found(found)
    return f"{nothing_found(found)} Of {', '.join(hidden)} the value is not kept, as it can hold a key."
