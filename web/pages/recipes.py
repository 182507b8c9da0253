"""Below ``/triggers/<name>/recipe``: find out how a refused delivery is signed, and let the trigger take it so."""

from datetime import timedelta

from flask import Blueprint, Response, request

from engine.errors import Conflict, Invalid, Mistakes, NotFound
from engine.language.yaml12 import load
from engine.path import setup, trigger_secrets
from engine.path.captured import find_recipes_of, proves
from engine.path.shown import Shown, show
from engine.runtime import Engine
from engine.store import show as stored
from web.context import the_engine
from web.pages.finding_view import search_of
from web.pages.forms import field, go, sentence
from web.pages.issued import hand_over
from web.pages.setup_view import Said, setup_page
from web.pages.typed import said_of

_LONGEST = 10_000
#: How long the secret counts that the trigger had before.
_OVERLAP = timedelta(hours=24)

recipe_pages = Blueprint("recipe_pages", __name__)


@recipe_pages.post("/triggers/<name>/recipe")
def find(name: str) -> Response:
    """Search a delivery for its recipe, and show it; a pasted secret is neither kept nor shown."""
    engine, delivery, pasted = the_engine(), field("delivery"), field("sender_secret").strip()
    if wrong := said_of(pasted, _LONGEST) or said_of(delivery, _LONGEST):
        return _page(engine, name, delivery, wrong)
    try:
        found = find_recipes_of(engine, delivery, pasted or None)
    except (Conflict, Invalid, NotFound) as error:
        return _page(engine, name, delivery, sentence(error))
    if found.trigger != show(engine, name).trigger.name:
        return _page(engine, name, delivery, "This delivery came in at another trigger.")
    search = search_of(found, pasted=bool(pasted))
    return setup_page(engine, name, Said(delivery=delivery, search=search))


@recipe_pages.post("/triggers/<name>/recipe/use")
def use(name: str) -> Response:
    """Set the recipe, and the secret where it was pasted for the search; the trigger's address stays."""
    engine, delivery, pasted = the_engine(), field("delivery"), field("sender_secret").strip()
    wrong = next(filter(None, (said_of(text, _LONGEST) for text in (pasted, delivery, field("recipe_text")))), "")
    if wrong or ("sender_secret" in request.form and not pasted):
        return _page(engine, name, delivery, wrong or "Paste the secret once more: it is kept nowhere until now.")
    try:
        changed = _set(engine, name, pasted)
    except (Conflict, Invalid, Mistakes) as error:
        return _page(engine, name, delivery, sentence(error))
    done = "recipe" if _proved(engine, delivery) else "method"
    back = go(f"/triggers/{changed.trigger.name}?done={done}#method")
    return hand_over(engine, back, changed, list(changed.issued) if pasted else [])


def _set(engine: Engine, name: str, pasted: str) -> Shown:
    """Change the way and the recipe, then the secret."""
    recipe = load(field("recipe_text")).value
    if not isinstance(recipe, dict | list):
        raise Invalid("there is no recipe to use: find one first", "recipe")
    changed = setup.change(engine, name, {"auth": field("auth"), "recipe": recipe})
    return trigger_secrets.rotate(engine, name, overlap=_OVERLAP, given=pasted) if pasted else changed


def _proved(engine: Engine, delivery_id: str) -> bool:
    try:
        return proves(engine, engine.store.read(stored.delivery, delivery_id))
    except NotFound:
        return False


def _page(engine: Engine, name: str, delivery: str, problem: str) -> Response:
    return setup_page(engine, name, Said(422, delivery=delivery, problems={"finding": problem}))
