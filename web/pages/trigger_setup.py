"""``/triggers/<name>``: set a trigger up, from top to bottom on one page."""

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, Response, request

from engine.clock import parse_duration
from engine.errors import Conflict, Invalid, Mistakes
from engine.language.yaml12 import load
from engine.path import listen as listening_for
from engine.path import publish as publishing
from engine.path import setup, trigger_secrets
from engine.path.shown import Shown, show
from engine.runtime import Engine
from engine.store import triggers
from engine.words import Held, TriggerState
from web.context import the_engine
from web.pages.forms import go, sentence
from web.pages.issued import hand_over
from web.pages.setup_view import OWN_RECIPE, Said, decided, setup_page, values_of
from web.pages.triggers import LONGEST_TITLE
from web.pages.typed import Edit, edit, said_of

#: How many characters each field takes.
LONGEST: Mapping[str, int] = {"title": LONGEST_TITLE, "condition": 10_000, "rate": 40, "networks": 10_000}
_LONGEST_SECRET = 10_000
_LONGEST_CHOICE = 40

#: How long an old secret may go on to count.
_LONGEST_OVERLAP = timedelta(days=30)

_NO_CHOICE = "Choose one of the list."

trigger_setup = Blueprint("trigger_setup", __name__)


@trigger_setup.get("/triggers/<name>")
def look(name: str) -> Response:
    """Show the page."""
    return setup_page(the_engine(), name)


@trigger_setup.post("/triggers/<name>")
def apply(name: str) -> Response:
    """Take what was decided; a draft is published with it, unless it is to stay one."""
    engine = the_engine()
    trigger = engine.store.read(triggers.find, name)
    made = edit(request.form, values_of(trigger))
    if wrong := _wrong(made):
        return setup_page(engine, name, Said(422, wrong, made.typed, made.before))
    if made.clashes:
        return setup_page(engine, name, Said(409, typed=made.typed, before=made.now, clashes=made.clashes))
    try:
        changes = decided(made.changes)
        changed = setup.change(engine, name, changes) if changes else show(engine, name)
    except Invalid as error:
        return setup_page(engine, name, Said(422, {error.field: sentence(error)}, made.typed, made.before))
    if trigger.state is TriggerState.DRAFT and request.form.get("keep") != "draft":
        publishing.publish(engine, name)
        listening_for.stop_listening(engine, name)
        return _back(name, "published")
    return hand_over(engine, _back(name, "saved"), changed)


@trigger_setup.post("/triggers/<name>/method")
def choose_method(name: str) -> Response:
    """Let senders prove themselves in another way: the address stays."""
    engine, auth = the_engine(), request.form.get("auth", "")
    before = engine.store.read(triggers.find, name)
    recipe, text = request.form.get("recipe", ""), request.form.get("recipe_text", "")
    connector = engine.connectors.get(before.connector)
    takes = connector is not None and auth in connector.recipes
    if takes and recipe == OWN_RECIPE and "recipe_text" not in request.form:  # asks for where to write it
        return setup_page(engine, name, Said(auth=auth, recipe=recipe))
    try:
        changes = {"auth": auth, "recipe": _recipe(recipe, text) if takes else None}
        changed = setup.change(engine, name, changes)
    except (Invalid, Mistakes) as error:
        wrong = {error.field if isinstance(error, Invalid) else "recipe": sentence(error)}
        return setup_page(engine, name, Said(422, wrong, auth=auth, recipe=recipe, recipe_text=text))
    return hand_over(engine, _back(name, "method"), _with_key(engine, changed))


@trigger_setup.post("/triggers/<name>/secret")
def renew(name: str) -> Response:
    """Give the trigger a new secret, made by us or pasted; the old one counts for the time that was chosen."""
    engine = the_engine()
    pasted = {
        field.removeprefix("secret-"): text.strip()
        for field, text in request.form.items()
        if field.startswith("secret-") and text.strip()
    }
    given = pasted if any(field.startswith("secret-") for field in request.form) else None
    errors = {f"secret-{each}": wrong for each, text in pasted.items() if (wrong := said_of(text, _LONGEST_SECRET))}
    if given == {}:
        errors = dict.fromkeys((field for field in request.form if field.startswith("secret-")), "Paste the secret.")
    if errors:
        return setup_page(engine, name, Said(422, errors))
    try:
        overlap = _overlap(request.form.get("overlap", "0s"))
        changed = trigger_secrets.rotate(engine, name, overlap=overlap, given=given)
    except (Invalid, Conflict) as error:
        return setup_page(engine, name, Said(422, {"secret": sentence(error)}))
    return hand_over(engine, _back(name, "secret"), changed, list(pasted))


@trigger_setup.post("/triggers/<name>/secret/show")
def show_brought(name: str) -> Response:
    """Show the secret that the vendor brought, once more, to whoever has to paste it back there."""
    engine = the_engine()
    try:
        return hand_over(engine, _back(name, "brought"), trigger_secrets.brought(engine, name))
    except Conflict as error:
        return setup_page(engine, name, Said(409, problems={"state": sentence(error)}))


@trigger_setup.post("/triggers/<name>/pause")
def pause(name: str) -> Response:
    """Go on receiving, and hold what would run."""
    try:
        publishing.pause(the_engine(), name)
    except Conflict as error:
        return setup_page(the_engine(), name, Said(409, problems={"state": sentence(error)}))
    return _back(name, "paused")


@trigger_setup.post("/triggers/<name>/resume")
def resume(name: str) -> Response:
    """Go on, and run or skip what was held."""
    held = request.form.get("held", "")
    if held not in set(Held):
        return setup_page(the_engine(), name, Said(422, {"held": "Say what becomes of what is held."}))
    try:
        publishing.resume(the_engine(), name, Held(held))
    except Conflict as error:
        return setup_page(the_engine(), name, Said(409, problems={"state": sentence(error)}))
    return _back(name, "resumed")


@trigger_setup.post("/triggers/<name>/delete")
def delete(name: str) -> Response:
    """Delete the trigger, and go back to the others."""
    setup.delete(the_engine(), name)
    return go("/triggers")


def _with_key(engine: Engine, changed: Shown) -> Shown:
    """Show a draft that nobody sends to yet with a new key: the one before it was shown once, for another method."""
    connector, way = engine.connectors[changed.trigger.connector], changed.way
    used = changed.trigger.state is not TriggerState.DRAFT or listening_for.captured(engine, changed.trigger.id)
    if used or changed.issued or way is None or not any(map(connector.secret_made_by_us, way.secrets)):
        return changed
    return trigger_secrets.rotate(engine, changed.trigger.id, overlap=timedelta())


def _wrong(made: Edit) -> dict[str, str]:
    errors = {
        field: wrong
        for field, text in made.typed.items()
        if (wrong := said_of(text, LONGEST.get(field, _LONGEST_CHOICE)))
    }
    for field in ("on_mismatch", "on_unknown", "on_unproven"):
        try:
            decided({field: made.typed[field]})
        except ValueError:
            errors[field] = _NO_CHOICE
    return errors


def _recipe(name: str, text: str) -> object:
    """Return a recipe: its name, or what is written out; None for the default.

    Raises:
        Invalid: nothing is written.
        Mistakes: the text is no YAML.
    """
    if name != OWN_RECIPE:
        return name or None
    if wrong := said_of(text, LONGEST["condition"]):
        raise Invalid(wrong, "recipe")
    found = load(text).value if text.strip() else None
    if not isinstance(found, dict | list):
        raise Invalid("write the recipe out in YAML, as in `scheme: hmac`, or choose one that is there", "recipe")
    return found


def _overlap(text: str) -> timedelta:
    try:
        length = parse_duration(text)
    except ValueError as error:
        raise Invalid(str(error), "overlap") from error
    if length > _LONGEST_OVERLAP:
        raise Invalid("an old secret can count for 30 days more at most", "overlap")
    return length


def _back(name: str, done: str) -> Response:
    """Answer a form: the page is read anew, by the trigger's name."""
    known = show(the_engine(), name).trigger.name
    return go(f"/triggers/{known}?done={done}")
