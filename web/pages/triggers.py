"""``/triggers`` and ``/triggers/new``: every trigger at a glance, and a new one with one choice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from engine.definitions.connector import Connector
from engine.errors import Conflict, Invalid
from engine.path.draft import draft
from engine.path.shown import Shown, shown
from engine.runtime import Engine
from engine.store.trigger_lines import TriggerLine, list_triggers
from engine.words import TriggerState
from web.context import the_engine
from web.pages.door import page
from web.pages.forms import Errors, cursor, field, go, sentence
from web.pages.issued import hand_over
from web.pages.reason_words import words_of
from web.pages.typed import said_of

#: A title is read in lists.
LONGEST_TITLE = 200

#: The connector for senders that no other one knows.
CUSTOM = "custom"

trigger_pages = Blueprint("trigger_pages", __name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """A trigger as the list shows it; attention: tone and words, or None."""

    line: TriggerLine
    shown: Shown
    connector: str
    method: str
    attention: tuple[str, str] | None

    @property
    def total(self) -> int:
        """How many deliveries came in during the last hour."""
        return sum(map(sum, self.line.received))


@dataclass(frozen=True, slots=True)
class Chooser:
    """The connectors to make a trigger of, what is wrong with the choice, and what was typed beside it."""

    connectors: Sequence[Connector]
    errors: Errors
    title: str = ""
    search: str = ""


@trigger_pages.get("/triggers")
def show_list() -> Response:
    """Show the triggers; ``part``: the list alone, for the page that looks again."""
    engine, after = the_engine(), cursor("after")
    found = engine.store.read(list_triggers, engine.clock.now(), after=after)
    listed = [_listed(engine, line) for line in found.items]
    template = "triggers/rows.html" if "part" in request.args else "triggers/list.html"
    choices = Chooser(_ordered(engine, ""), {})
    return page(template, here="Triggers", triggers=listed, after=after, next=found.next, chooser=choices)


@trigger_pages.get("/triggers/new")
def choose() -> Response:
    """Ask for the connector; ``connector`` comes first, ``q`` leaves out what does not hold it."""
    return _chooser("", request.args.get("connector", ""), {}, search=request.args.get("q", ""))


@trigger_pages.post("/triggers/new")
def begin() -> Response:
    """Make a draft of the chosen connector, and go on to its set-up."""
    engine, title, connector = the_engine(), field("title"), field("connector")
    if wrong := said_of(title, LONGEST_TITLE):
        return _chooser(title, connector, {"title": wrong}, 422)
    try:
        made = draft(engine, connector, title)
    except (Invalid, Conflict) as error:
        return _chooser(title, "", {"connector": sentence(error)}, 422)
    return hand_over(engine, go(f"/triggers/{made.trigger.name}"), made)


def _chooser(title: str, first: str, errors: Errors, status: int = 200, *, search: str = "") -> Response:
    found = [each for each in _ordered(the_engine(), first) if _holds(each, search)]
    return page("triggers/new.html", status, here="Triggers", chooser=Chooser(found, errors, title, search))


def _ordered(engine: Engine, first: str) -> Sequence[Connector]:
    """Return the connectors by title, but for the wanted one and the one for everything else, which come first."""
    known = sorted(engine.connectors.values(), key=lambda each: each.manifest.title.casefold())
    return sorted(known, key=lambda each: (each.name != first, each.name != CUSTOM))


def _holds(connector: Connector, search: str) -> bool:
    manifest = connector.manifest
    return search.strip().casefold() in f"{connector.name} {manifest.title} {manifest.category}".casefold()


def _listed(engine: Engine, line: TriggerLine) -> Listed:
    seen = shown(engine, line.trigger)
    connector = engine.connectors.get(line.trigger.connector)
    return Listed(
        line=line,
        shown=seen,
        connector=connector.manifest.title if connector else line.trigger.connector,
        method=method_title(line.trigger.auth),
        attention=next(_attention(line, seen, connector), None),
    )


def _attention(line: TriggerLine, seen: Shown, connector: Connector | None) -> Iterator[tuple[str, str]]:
    """Yield what a person should look at, the most pressing first: tone and words."""
    if seen.way is None or connector is None:
        yield "bad", f"cannot be used: {seen.warnings[0] if seen.warnings else 'its connector is gone'}"
    elif seen.state is TriggerState.NEEDS_SECRET:
        yield "attention", f"needs the secret that {connector.manifest.title} made"
    if line.refused:
        reason, _ = max(line.refused.items(), key=lambda pair: pair[1])
        kinds = seen.way.kinds if seen.way else ()
        yield "bad", f"{sum(line.refused.values())} refused lately, mostly: {words_of(reason, kinds)}"
    if line.samples_wait:
        yield "attention", "samples wait for Apply"
    if seen.state is TriggerState.PAUSED:
        yield "attention", "what would run is held"
    if not line.latest:
        yield "quiet", "nothing came in yet"


def method_title(way: str) -> str:
    """Return what people call a way to authenticate: ``API key`` of ``api_key``."""
    return "API key" if way == "api_key" else way.replace("_", " ").capitalize()
