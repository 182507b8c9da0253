"""``/triggers``: set them up, publish, pause, resume, rotate."""

from apiflask import APIBlueprint

from engine.path import publish as publishing
from engine.path import setup, trigger_secrets
from engine.path.shown import show, shown
from engine.store import sealed
from engine.store import triggers as stored
from engine.words import Held
from web.api.fields import Given, PageQuery, slice_of
from web.api.trigger_shapes import (
    NewTrigger,
    ResumedTrigger,
    Rotation,
    TriggerChange,
    TriggerOut,
    TriggerPage,
    trigger_fields,
    trigger_out,
)
from web.context import the_engine

triggers = APIBlueprint("triggers", __name__, url_prefix="/api/v1/triggers")


class Resumption(Given):
    """What becomes of what a paused trigger held."""

    held: Held = Held.RUN


@triggers.post("")
@triggers.input(NewTrigger)
@triggers.output(TriggerOut, status_code=201)
def create(json_data: NewTrigger) -> TriggerOut:
    """Make a trigger.

    It is published unless the state says `draft`. Its secret is shown here, and never again.
    """
    given, draft = json_data.secrets or json_data.secret, json_data.state == "draft"
    return trigger_out(setup.create(the_engine(), json_data.spec(), secret=given, draft=draft))


@triggers.get("")
@triggers.input(PageQuery, location="query")
@triggers.output(TriggerPage)
def list_triggers(query_data: PageQuery) -> TriggerPage:
    """List triggers by name."""
    engine = the_engine()
    page, further = slice_of(engine.store.read(stored.all_of), lambda trigger: trigger.name, query_data)
    kept = engine.store.read(sealed.count_sealed, [trigger.id for trigger in page])
    items = [trigger_out(shown(engine, trigger, kept.get(trigger.id))) for trigger in page]
    return TriggerPage(items=items, next=further)


@triggers.get("/<name>")
@triggers.output(TriggerOut)
def get(name: str) -> TriggerOut:
    """Show a trigger, by its id or name."""
    return trigger_out(show(the_engine(), name))


@triggers.patch("/<name>")
@triggers.input(TriggerChange)
@triggers.output(TriggerOut)
def change(name: str, json_data: TriggerChange) -> TriggerOut:
    """Change a trigger; its address stays.

    A new way to authenticate that needs another secret gets one, which is shown here.
    """
    return trigger_out(setup.change(the_engine(), name, json_data.given()))


@triggers.delete("/<name>")
@triggers.output({}, status_code=204)
def delete(name: str) -> str:
    """Delete a trigger; the ledger keeps what it received."""
    setup.delete(the_engine(), name)
    return ""


@triggers.post("/<name>/rotate")
@triggers.input(Rotation)
@triggers.output(TriggerOut)
def rotate(name: str, json_data: Rotation) -> TriggerOut:
    """Give a trigger a new secret, which is shown here; the old one counts until the overlap is over.

    What the trigger keeps sealed is proved again: `late_proofs` says what came of it.
    """
    given = json_data.secrets or json_data.secret
    return trigger_out(trigger_secrets.rotate(the_engine(), name, overlap=json_data.overlap, given=given))


@triggers.post("/<name>/publish")
@triggers.output(TriggerOut)
def publish(name: str) -> TriggerOut:
    """Let a trigger start workflows."""
    return trigger_out(publishing.publish(the_engine(), name))


@triggers.post("/<name>/pause")
@triggers.output(TriggerOut)
def pause(name: str) -> TriggerOut:
    """Let a trigger go on receiving, and hold what would run."""
    return trigger_out(publishing.pause(the_engine(), name))


@triggers.post("/<name>/resume")
@triggers.input(Resumption)
@triggers.output(ResumedTrigger)
def resume(name: str, json_data: Resumption) -> ResumedTrigger:
    """Publish a paused trigger again, and run or skip what it held, in order."""
    resumed, runs = publishing.resume(the_engine(), name, json_data.held)
    return ResumedTrigger.model_validate({**trigger_fields(resumed), "runs": runs})
