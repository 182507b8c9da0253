"""What a page says of a delivery that nobody understands yet: what it looks like, and how it may be signed."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.definitions.connector import Connector
from engine.errors import NotFound
from engine.finder.explained import as_yaml, explain
from engine.finder.recogniser import ANYBODY, Recognition
from engine.path.captured import FoundRecipes, newest_of, recipe_way, recognise
from engine.runtime import Engine
from engine.store import show
from engine.store.rows import Delivery, Trigger
from engine.words import FAILED_PROOFS


@dataclass(frozen=True, slots=True)
class Offer:
    """A recipe that was found."""

    text: str
    words: str
    #: Whether the trigger can be given it.
    usable: bool


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to."""

    offers: Sequence[Offer]
    #: What was tried, when nothing was found.
    words: str
    #: Whether the secret was pasted, so that the trigger does not have it yet.
    pasted: bool


@dataclass(frozen=True, slots=True)
class FindingView:
    """What the set-up page says of the delivery in question."""

    #: None when the one in question is not there.
    delivery: Delivery | None
    recognition: Recognition | None
    #: The way that takes a recipe; empty where none does.
    way: str
    #: Whether the trigger can be given a recipe, and the delivery failed its proof.
    searchable: bool
    search: Search | None
    problem: str


def finding_view(
    engine: Engine, trigger: Trigger, wanted: str, *, search: Search | None, problem: str
) -> FindingView | None:
    """Return what is to be said; None when there is nothing.

    wanted: the id of the delivery in question; empty for the newest.
    """
    connector, delivery = engine.connectors.get(trigger.connector), _delivery(engine, trigger, wanted)
    if connector is None or delivery is None:
        return FindingView(None, None, "", searchable=False, search=None, problem=problem) if problem else None
    refused = delivery.reason in FAILED_PROOFS
    recognition = recognise(engine, delivery) if refused or connector.name == ANYBODY else None
    searchable = refused and takes_recipes(connector)
    if recognition is None and not searchable:
        return None
    return FindingView(delivery, recognition, recipe_way(connector, trigger.auth) or "", searchable, search, problem)


def takes_recipes(connector: Connector | None) -> bool:
    """Return whether a trigger of the connector can be told how its sender signs."""
    return connector is not None and bool(connector.recipes)


def search_of(found: FoundRecipes, *, pasted: bool) -> Search:
    """Return what a search came to, for the page: without any secret."""
    offers = [Offer(as_yaml(each), explain(each), each in found.usable) for each in found.search.recipes]
    return Search(offers, found.words, pasted)


def _delivery(engine: Engine, trigger: Trigger, wanted: str) -> Delivery | None:
    if not wanted:
        return newest_of(engine, trigger.id)
    try:
        found = engine.store.read(show.delivery, wanted.replace("\0", ""))
    except NotFound:
        return None
    return found if found.trigger_id == trigger.id else None
