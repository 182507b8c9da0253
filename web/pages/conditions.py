"""``/triggers/<name>/condition``: a trigger's condition, written as rows or as text, and tried before it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask import Blueprint, Response, request, url_for

from engine.definitions.inference import infer
from engine.errors import ExpressionError, Invalid
from engine.language.condition import compile_condition
from engine.path.evaluate import Comparison, ask, compare, example_of
from engine.path.scope import event_scope, parsed
from engine.path.setup import change
from engine.runtime import Engine
from engine.store import triggers
from engine.store.rows import Event, Trigger
from engine.words import Role
from web.context import the_engine
from web.pages.condition_draft import Draft, draft_of, read_draft
from web.pages.condition_fields import Field, fields_of
from web.pages.condition_form import Known
from web.pages.condition_parts import GroupShown, shown_parts
from web.pages.door import inside, page
from web.pages.forms import go
from web.people import the_people

#: How many events a backtest asks about, and how many of those with another answer are listed.
LAST: Final = 500
LISTED: Final = 50

condition = Blueprint("condition", __name__, url_prefix="/triggers/<name>/condition")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the editor shows."""

    trigger: Trigger
    draft: Draft
    #: The draft's rows, None where rows cannot say it.
    parts: GroupShown | None
    fields: Sequence[Field]
    #: The text of the condition in force, empty where every event matches.
    in_force: str
    #: Where to go when it was applied; empty: back to the editor's own page.
    target: str
    #: Of the headings within the editor.
    level: int
    may_change: bool
    #: The event that the answer is about, None while the trigger has none.
    event: Event | None = None
    #: The tree of the answer, None where there is no condition or no event.
    explanation: Mapping[str, object] | None = None
    comparison: Comparison | None = None
    #: The condition in force is not the one that the reader saw.
    moved: bool = False
    applied: bool = False
    last: int = LAST
    listed: int = LISTED

    @property
    def changed(self) -> bool:
        """Whether what is shown is not what is in force."""
        return self.draft.text != self.in_force


@condition.get("")
def show(name: str) -> Response:
    """Show the editor with the condition in force."""
    setting = _Setting.of(the_engine(), name)
    return _page(replace(setting.view(), applied="applied" in request.args))


@condition.post("/draft")
def draft(name: str) -> Response:
    """Show what was typed so far, and what it says about the sample; nothing is kept."""
    setting = _Setting.of(the_engine(), name)
    return _page(setting.view(setting.read()))


@condition.post("/backtest")
def backtest(name: str) -> Response:
    """Show what the condition would have said about the last events; nothing runs and nothing is kept."""
    setting = _Setting.of(the_engine(), name)
    typed = setting.read()
    if typed.mistakes:
        return _page(setting.view(typed))
    found = compare(setting.engine, setting.trigger, typed.condition, LAST)
    return _page(replace(setting.view(typed), comparison=found))


@condition.post("")
def apply(name: str) -> Response:
    """Make it the trigger's condition, unless somebody else changed that meanwhile."""
    setting = _Setting.of(the_engine(), name)
    typed = setting.read()
    if typed.mistakes:
        return _page(setting.view(typed), 422)
    if request.form.get("in_force", "").replace("\r\n", "\n") != text_of(setting.trigger.condition):
        return _page(replace(setting.view(typed), moved=True), 409)
    try:
        change(setting.engine, setting.trigger.id, {"condition": typed.text.strip() or None})
    except Invalid as error:
        return _page(setting.view(typed.with_mistake(error.field, str(error))), 422)
    target = inside(request.form["next"]) if request.form.get("next") else url_for(".show", name=name, applied="yes")
    return go(target)


def condition_view(engine: Engine, name: str, target: str, text: str) -> View:
    """Return the editor of a trigger's condition for a page that holds it, and whose form ``apply`` takes it too.

    target: that page, where one comes back to; text: what was typed there, or the condition in force.

    Raises:
        NotFound: there is no such trigger (404).
    """
    setting = _Setting.of(engine, name)
    return replace(setting.view(draft_of(text or None, setting.known)), target=target, level=3)


def text_of(spec: object) -> str:
    """Return a trigger's condition as text; empty: there is none."""
    try:
        return "" if spec is None else compile_condition(spec).text
    except ExpressionError:
        return str(spec)


@dataclass(frozen=True, slots=True)
class _Setting:
    """A trigger whose condition is written, and what is known of its events."""

    engine: Engine
    trigger: Trigger
    event: Event | None
    fields: Mapping[str, Field]

    @classmethod
    def of(cls, engine: Engine, name: str) -> "_Setting":
        trigger = engine.store.read(triggers.find, name)
        event = example_of(engine, trigger)
        live = engine.published.now().by_id.get(trigger.id)
        schemas = [schema for schema, _ in live.schemas.values()] if live else []
        if event is None:
            return cls(engine, trigger, None, fields_of(schemas, None))
        data = parsed(event)
        return cls(engine, trigger, event, fields_of([*schemas, infer([data])], event_scope(event, trigger, data)))

    @property
    def known(self) -> Known:
        """What is known of each field."""
        return {path: each.kinds for path, each in self.fields.items()}

    def read(self) -> Draft:
        """Return what the form of the request holds."""
        return read_draft(request.form, self.known)

    def view(self, draft: Draft | None = None) -> View:
        """Return the editor with a draft, or with the condition in force."""
        shown = draft or draft_of(self.trigger.condition, self.known)
        person = the_people().present()
        asked = None
        if shown.condition is not None and self.event is not None:
            asked = ask(self.engine, shown.condition, self.trigger, self.event).explanation.to_json()
        return View(
            trigger=self.trigger,
            draft=shown,
            parts=None if shown.group is None else shown_parts(shown, self.fields),
            fields=tuple(self.fields.values()),
            in_force=text_of(self.trigger.condition),
            target=request.form.get("next", ""),
            level=3 if request.form.get("level") == "3" else 2,
            may_change=person is not None and person.role.covers(Role.EDITOR),
            event=self.event,
            explanation=asked,
        )


def _page(view: View, status: int = 200) -> Response:
    """Return the editor's page, or the editor alone where a script asks for it."""
    template = "condition_part.html" if "HX-Request" in request.headers else "condition_page.html"
    return page(template, status, view=view)
