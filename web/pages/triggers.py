"""``/triggers`` and ``/triggers/new``: every trigger at a glance, and a new one with one choice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from engine.definitions.connector import Connector
from engine.errors import Conflict, Invalid
from engine.path.draft import draft
from engine.path.shown import Shown, shown
from engine.runtime import Engine
from engine.store.sealed import SealedCount, count_sealed
from engine.store.trigger_lines import TriggerLine, list_triggers
from engine.words import TriggerState
from web.catalogue import Group, Search, grouped
from web.context import the_engine
from web.pages.catalogue_search import Choices, choices_of, search_of
from web.pages.door import page
from web.pages.forms import Errors, cursor, field, go, sentence
from web.pages.issued import hand_over
from web.pages.reason_words import words_of
from web.pages.typed import said_of

#: A title is read in lists.
LONGEST_TITLE = 200

#: The connector for senders that no other one knows.
CUSTOM = "custom"

_ALL = Search()

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

    #: Those in sight whatever is looked for: one that a link names, and the one for every other sender.
    pinned: Sequence[Connector]
    groups: Sequence[Group]
    search: Search
    choices: Choices
    errors: Errors
    title: str = ""


@trigger_pages.get("/triggers")
def show_list() -> Response:
    """Show the triggers; ``part``: the list alone, for the page that looks again."""
    engine, after = the_engine(), cursor("after")
    found = engine.store.read(list_triggers, engine.clock.now(), after=after)
    kept = engine.store.read(count_sealed, [line.trigger.id for line in found.items])
    listed = [_listed(engine, line, kept.get(line.trigger.id)) for line in found.items]
    template = "triggers/rows.html" if "part" in request.args else "triggers/list.html"
    return page(template, here="Triggers", triggers=listed, after=after, next=found.next, chooser=_chooser())


@trigger_pages.get("/triggers/new")
def choose() -> Response:
    """Ask for the connector; ``connector`` comes first, a search leaves out what it does not fit."""
    return _choose(_chooser(first=request.args.get("connector", ""), search=search_of(request.args)))


@trigger_pages.post("/triggers/new")
def begin() -> Response:
    """Make a draft of the chosen connector, and go on to its set-up."""
    engine, title, connector = the_engine(), field("title"), field("connector")
    if wrong := said_of(title, LONGEST_TITLE):
        return _choose(_chooser(title, {"title": wrong}, first=connector), 422)
    try:
        made = draft(engine, connector, title)
    except (Invalid, Conflict) as error:
        return _choose(_chooser(title, {"connector": sentence(error)}), 422)
    return hand_over(engine, go(f"/triggers/{made.trigger.name}"), made)


def _choose(chooser: Chooser, status: int = 200) -> Response:
    return page("triggers/new.html", status, here="Triggers", chooser=chooser)


def _chooser(title: str = "", errors: Errors | None = None, *, first: str = "", search: Search = _ALL) -> Chooser:
    known = the_engine().connectors
    pinned = [known[name] for name in dict.fromkeys((first, CUSTOM)) if name in known]
    found = [each for each in known.values() if each not in pinned and search.fits(each.manifest)]
    return Chooser(pinned, grouped(found), search, choices_of(known.values()), errors or {}, title)


def _listed(engine: Engine, line: TriggerLine, sealed: SealedCount | None) -> Listed:
    seen = shown(engine, line.trigger, sealed)
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
    if seen.sealed is not None:
        yield "attention", f"sealed: {seen.sealed.number}; enter the new secret if there is one"
    if line.refused:
        reason, _ = max(line.refused.items(), key=lambda pair: pair[1])
        kinds = seen.way.kinds if seen.way else ()
        yield "bad", f"{sum(line.refused.values())} refused lately, mostly: {words_of(reason, kinds)}"
    if seen.silent_since is not None:
        yield "attention", f"silent for longer than {line.trigger.silence}"
    if line.samples_wait:
        yield "attention", "samples wait for Apply"
    if seen.state is TriggerState.PAUSED:
        yield "attention", "what would run is held"
    if not line.latest:
        yield "quiet", "nothing came in yet"


def method_title(way: str) -> str:
    """Return what people call a way to authenticate: ``API key`` of ``api_key``."""
    return "API key" if way == "api_key" else way.replace("_", " ").capitalize()
