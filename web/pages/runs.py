"""``/runs``: find them, see what each step did and how long it took, cancel and repeat them."""

from collections.abc import Mapping, Sequence
from functools import partial

from flask import Blueprint, Response, request

from engine.definitions.bodies import read_json
from engine.definitions.schedule import MOST_MISSED
from engine.errors import Conflict, Invalid, InvalidInputs, NotFound, Rejected
from engine.path import replay
from engine.path import resolve as deciding
from engine.path.access import Holder
from engine.path.replay import Version
from engine.runtime import Engine
from engine.store import approvals, callbacks, doubts, event_waits, show, triggers, workflows
from engine.store.rows import Entry, Run
from engine.words import UNFINISHED, Outcome, Resolution
from web.api.event_shapes import trigger_name
from web.api.runs import RunQuery
from web.context import the_engine
from web.pages.door import page
from web.pages.filters import is_part, listing, options
from web.pages.forms import Errors, field, go, sentence
from web.pages.lengths import in_words
from web.pages.payload import Payload
from web.pages.timeline import timeline
from web.people import the_people

_FILTERS = ("workflow", "outcome", "trigger", "event", "since", "until")

#: Steps on one page.
STEPS = 200

run_pages = Blueprint("run_pages", __name__)


@run_pages.get("/runs")
def show_list() -> Response:
    """List runs, newest first."""
    engine = the_engine()
    listed = listing(RunQuery, _FILTERS, lambda query: query.page(engine))
    names = {each.id: each.name for each in engine.store.read(triggers.all_of)}
    return page(
        "runs/rows.html" if is_part("list") else "runs/list.html",
        listed.status,
        here="Runs",
        listed=listed,
        outcomes=options(Outcome, listed.typed["outcome"]),
        names=names,
        triggers=options(names.values(), listed.typed["trigger"]),
        workflows=engine.store.read(workflows.names),
        in_words=in_words,
    )


@run_pages.get("/runs/<run_id>")
def show_run(run_id: str) -> Response:
    """Show a run with its steps on a timeline."""
    return _run_page(run_id)


@run_pages.post("/runs/<run_id>/cancel")
def cancel(run_id: str) -> Response:
    """End a run at once."""
    try:
        replay.cancel(the_engine(), run_id)
    except Conflict as error:
        return _run_page(run_id, 409, problem=sentence(error))
    return go(f"/runs/{run_id}")


@run_pages.post("/runs/<run_id>/rerun")
def rerun(run_id: str) -> Response:
    """Repeat a run as a new one, from its start or from one of its steps on."""
    engine = the_engine()
    typed = {name: field(name) for name in ("from", "version")}
    engine.store.read(show.run, run_id)
    if typed["version"] not in set(Version):
        return _run_page(run_id, 422, typed, {"version": "Choose one of the two."})
    try:
        again = replay.rerun(engine, run_id, first=typed["from"] or None, version=Version(typed["version"]))
    except (NotFound, InvalidInputs) as error:
        return _run_page(run_id, 422, typed, {"version": sentence(error)})
    except Invalid as error:
        return _run_page(run_id, 422, typed, {"from": sentence(error)})
    return go(f"/runs/{again.id}")


@run_pages.post("/runs/<run_id>/resolve")
def resolve(run_id: str) -> Response:
    """Decide about a step of which nobody knows whether it happened."""
    engine, person = the_engine(), the_people().signed_in()
    typed = {name: field(name) for name in ("step", "decision", "output")}
    if typed["decision"] not in set(Resolution):
        return _run_page(run_id, 422, typed, {"decision": "Choose one of the three."})
    try:
        deciding.resolve(
            engine,
            (run_id, typed["step"]),
            Resolution(typed["decision"]),
            by=Holder(person.name, person.role, is_user=True),
            output=_json(typed["output"]),
        )
    except Invalid as error:
        return _run_page(run_id, 422, typed, {"output": sentence(error)})
    except Conflict as error:
        return _run_page(run_id, 409, problem=sentence(error))
    return go(f"/runs/{run_id}")


def _json(text: str) -> object:
    try:
        return read_json(text.encode()) if text.strip() else None
    except Rejected as error:
        raise Invalid('write JSON: text stands in quotes, as in "SEC-1"', "output") from error


def _run_page(
    run_id: str,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    problem: str = "",
) -> Response:
    engine, now = the_engine(), the_engine().clock.now()
    run = engine.store.read(show.run, run_id)
    first = max(request.args.get("first", 0, type=int), 0)
    entries = engine.store.read(show.steps, run.id, min(first, 2**31), STEPS + 1)
    unfinished = run.outcome in UNFINISHED
    in_doubt = engine.store.read(doubts.of_run, run.id) if unfinished else ()
    return page(
        "runs/live.html" if is_part("progress") else "runs/run.html",
        status,
        here="Runs",
        run=run,
        trigger=trigger_name(engine, run.trigger_id) if run.trigger_id else None,
        bars=timeline(run, entries[:STEPS], now),
        first=first,
        following=entries[STEPS].position if len(entries) > STEPS else None,
        took=in_words((run.finished_at or now) - (run.started_at or run.queued_at)),
        asked=engine.store.read(approvals.open_of, run.id) if unfinished else (),
        event_waits={each.path: each for each in engine.store.read(event_waits.of_run, run.id)} if unfinished else {},
        children=engine.store.read(show.children, run.id),
        trigger_name=partial(trigger_name, engine),
        in_doubt=in_doubt,
        live=unfinished and not in_doubt,  # what is being typed is not to be replaced
        unfinished=unfinished,
        inputs=Payload.of_value(run.inputs) if run.inputs else None,
        outputs=None if run.outputs is None else Payload.of_value(run.outputs),
        from_steps=_from_steps(engine, run),
        parents=_parents(entries),
        typed={"from": "", "version": Version.SAME, **(typed or {})},
        errors=errors or {},
        problem=problem,
        most_missed=MOST_MISSED,
        callback=engine.store.read(callbacks.of, run.id) if run.event_id is None else None,
    )


def _from_steps(engine: Engine, run: Run) -> list[tuple[str, str]] | None:
    """Return where the run can begin again, for a choice; None where its version cannot be read any more."""
    try:
        steps = engine.published.workflow(run.workflow, run.version).steps
    except NotFound:
        return None
    return [("", "The start"), *((step.id, step.id) for step in steps)]


def _parents(entries: Sequence[Entry]) -> frozenset[str]:
    """Return the paths of steps that others lie below: they fail because one of those did."""
    paths = {entry.path.rpartition("/")[0] for entry in entries} | {entry.path.rpartition("[")[0] for entry in entries}
    return frozenset({*paths, *(path.partition("[")[0] for path in paths)})
