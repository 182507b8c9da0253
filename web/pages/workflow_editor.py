"""``/workflows/{name}``: its text with the picture of its steps, its versions and its runs; save it and run it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, render_template, request

from engine.definitions.checker import Outline
from engine.definitions.graph import Graph, draw
from engine.definitions.kinds import is_slug
from engine.definitions.workflow import Workflow
from engine.errors import Conflict, InvalidInputs, Mistake, Mistakes, NotFound
from engine.path import start
from engine.path import workflows as keeping
from engine.path.folder import LARGEST, Written
from engine.runtime import Engine
from engine.store import schedules, search
from engine.store import workflows as stored
from engine.store.rows import StoredWorkflow
from engine.store.search import EventFilter, EventLine, RunFilter, Span
from engine.words import WhenBusy
from web.context import the_engine
from web.pages.door import page
from web.pages.forms import Errors, field, go, sentence
from web.pages.inputs import input_fields, read_inputs
from web.pages.lengths import in_words
from web.pages.text_diff import DiffLine, diff
from web.pages.workflows import save

#: Runs, events and versions that are shown.
MOST_RUNS, MOST_EVENTS, MOST_VERSIONS = 20, 20, 50
#: Triggers whose events can be chosen for a run.
_MOST_TRIGGERS = 5
#: Largest form, in bytes: a text may be as large as a file, and grows when it is sent as a form.
_LARGEST_FORM = 3 * LARGEST

#: What is said after a text was saved; ``new``: after the workflow was made.
_SAVED: Mapping[str, tuple[str, str]] = {
    "new": ("good", "It is saved and enabled, and only logs a line so far. Write below what it is to do, and save it."),
    Written.FILE: ("good", "Saved, and written to its file in the workflows folder."),
    Written.NOWHERE: ("good", "Saved."),
    Written.LEFT: (
        "attention",
        "Saved. Its file in the workflows folder has mistakes, and was left: mend or remove it.",
    ),
    Written.REFUSED: ("attention", "Saved. Its file in the workflows folder could not be written, and is older now."),
}

#: What becomes of a run while another one has the value that it wants for itself.
_BUSY: Mapping[WhenBusy, str] = {
    WhenBusy.QUEUE: "the next waits its turn",
    WhenBusy.SKIP: "what comes meanwhile is skipped",
    WhenBusy.REPLACE: "the next takes its place",
}

workflow_editor = Blueprint("workflow_editor", __name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the editor, and what came of it."""

    text: str
    #: The version that it is made from.
    base: str
    mistakes: Sequence[Mistake]
    graph: Graph | None
    #: What it would change, where somebody else saved another version meanwhile.
    conflict: Sequence[DiffLine] | None = None
    moved_on: bool = False
    refused: bool = False
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed to start a run, and what is wrong with it."""

    errors: Errors
    inputs: Mapping[str, str] | None = None
    event: str = ""


@workflow_editor.get("/workflows/<name>")
def show(name: str) -> Response:
    """Show a workflow; ``?part=runs``: its runs alone."""
    engine, row = the_engine(), _row(name)
    if request.args.get("part") == "runs":
        return page("workflows/runs.html", name=name, runs=_runs(engine, name))
    return _workflow_page(row, _draft(engine, row, row.text.decode(), row.version))


@workflow_editor.post("/workflows/<name>")
def save_text(name: str) -> Response:
    """Save the text, or only check it; what is wrong is listed, and the text stays."""
    engine, row = the_engine(), _row(name)
    text, base = _text(), field("base")
    if field("do") == "check":
        return _workflow_page(row, _draft(engine, row, text, base, checked=True))
    try:
        written = save(name, text, base)
    except Mistakes:
        return _workflow_page(row, _draft(engine, row, text, base, refused=True), status=422)
    except Conflict:
        return _moved_on(engine, name, text)
    return go(f"/workflows/{name}?saved={written}")


@workflow_editor.post("/workflows/<name>/draft")
def check_draft(name: str) -> Response:
    """Say what a check says of a text, and draw its steps; nothing is saved."""
    checked = keeping.check(the_engine(), name, _text())
    graph = _drawn(checked.outline)
    mistakes = [
        {"line": one.line, "column": one.column, "message": one.message, "warning": one.warning}
        for one in checked.mistakes
    ]
    return jsonify(
        mistakes=mistakes,
        list=render_template("workflows/mistakes.html", mistakes=checked.mistakes),
        graph=None if graph is None else render_template("workflows/graph.html", graph=graph),
    )


@workflow_editor.post("/workflows/<name>/completion")
def complete(name: str) -> Response:
    """Say what can be written at a place of a text; nothing is saved."""
    text, place = _text(), (_number("line"), _number("column"))
    found = keeping.complete(the_engine(), name, text, place)
    options = [
        {"label": one.text, "detail": one.detail, "info": one.about, "apply": one.written or one.text}
        for one in found.options
    ]
    return jsonify(length=found.length, options=options)


@workflow_editor.get("/workflows/<name>/versions/<version>")
def show_version(name: str, version: str) -> Response:
    """Show what an older version of a workflow would change, and let it be restored."""
    engine, row = the_engine(), _row(name)
    text = engine.store.read(stored.text_of, name, version.replace("\0", ""))
    if text is None:
        raise NotFound(f"there is no version {version[:12]!r} of the workflow {name!r}")
    older = text.decode()
    lines = None if version == row.version else diff(row.text.decode(), older)
    return page("workflows/version.html", here="Workflows", row=row, version=version, text=older, lines=lines)


@workflow_editor.post("/workflows/<name>/run")
def run(name: str) -> Response:
    """Start a run with inputs, or with a stored event, and go to it."""
    engine, row = the_engine(), _row(name)
    workflow = keeping.compiled_of(engine, row)
    if workflow is None:
        return go(f"/workflows/{name}")
    if "event" in request.form:
        return _run_with_event(engine, row, request.form["event"].strip())
    values, errors = read_inputs(workflow.inputs, request.form)
    try:
        if not errors:
            return go(f"/runs/{start.start(engine, name, values).id}")
    except InvalidInputs as error:
        known = {name: sentence(words) for name, words in error.wrong.items() if name in workflow.inputs}
        errors = known or {"": sentence(error)}
    except Conflict as error:
        errors = {"": sentence(error)}
    return _again(engine, row, Typed(errors, inputs=request.form))


def _run_with_event(engine: Engine, row: StoredWorkflow, event_id: str) -> Response:
    try:
        return go(f"/runs/{start.start_with(engine, row.name, event_id.replace(chr(0), '')).id}")
    except (NotFound, Conflict) as error:
        return _again(engine, row, Typed({"event": sentence(error)}, event=event_id))


def _again(engine: Engine, row: StoredWorkflow, typed: Typed) -> Response:
    return _workflow_page(row, _draft(engine, row, row.text.decode(), row.version), typed, 422)


def _moved_on(engine: Engine, name: str, text: str) -> Response:
    """Show what the text would change of the version that somebody else saved: the next save is made from that one."""
    row = _row(name)
    present = row.text.decode()
    checked = keeping.check(engine, name, text)
    draft = Draft(text, row.version, checked.mistakes, _drawn(checked.outline), diff(present, text), moved_on=True)
    return _workflow_page(row, draft, status=409)


def _draft(  # noqa: PLR0913 - the parts of one draft
    engine: Engine, row: StoredWorkflow, text: str, base: str, *, refused: bool = False, checked: bool = False
) -> Draft:
    found = keeping.check(engine, row.name, text)
    return Draft(text, base, found.mistakes, _drawn(found.outline), refused=refused, checked=checked)


def _drawn(outline: Outline | None) -> Graph | None:
    return None if outline is None else draw(outline)


def _workflow_page(row: StoredWorkflow, draft: Draft, typed: Typed | None = None, status: int = 200) -> Response:
    engine, typed = the_engine(), typed or Typed({})
    workflow = keeping.compiled_of(engine, row)
    return page(
        "workflows/workflow.html",
        status,
        here="Workflows",
        row=row,
        workflow=workflow,
        next_at=engine.store.read(schedules.next_times, [row.name]).get(row.name),
        starts=_starts(engine, workflow),
        limits=tuple(_limits(workflow)) if workflow else (),
        draft=draft,
        saved=_SAVED.get(request.args.get("saved", "")),
        typed=typed,
        inputs=input_fields(workflow.inputs, typed.inputs) if workflow else (),
        events=[
            (event.id, f"{event.received_at:%Y-%m-%d %H:%M:%S} UTC · {event.type}")
            for event in _events(engine, workflow)
        ],
        runs=_runs(engine, row.name),
        name=row.name,
        versions=engine.store.read(stored.versions_of, row.name, MOST_VERSIONS),
    )


def _runs(engine: Engine, name: str) -> Sequence[search.RunLine]:
    return engine.store.read(search.list_runs, RunFilter(workflow=name), Span(limit=MOST_RUNS)).items


def _starts(engine: Engine, workflow: Workflow | None) -> list[tuple[str, bool]]:
    """Return the triggers that start the workflow, and whether each has a condition of its own."""
    names = workflow.triggers if workflow else ()
    live = {one.trigger.name: one for one in engine.published.now().by_id.values()}
    return [(name, live[name].condition is not None) for name in names if name in live]


def _limits(workflow: Workflow) -> Iterator[str]:
    """Yield in words what a run may take."""
    limits = workflow.limits
    if limits.timeout is not None:
        yield f"takes at most {in_words(limits.timeout)}"
    if limits.runs_per is not None:
        value = ", ".join(expression.text for _, expression in limits.runs_per.expressions)
        yield f"is the only one at a time{f' for each {value}' if value else ''}: {_BUSY[limits.when_busy]}"


def _events(engine: Engine, workflow: Workflow | None) -> Sequence[EventLine]:
    """Return the newest events of the workflow's triggers."""
    names = workflow.triggers[:_MOST_TRIGGERS] if workflow else ()
    ids = [live.trigger.id for live in engine.published.now().by_id.values() if live.trigger.name in names]
    span = Span(limit=MOST_EVENTS)
    found = [
        event for one in ids for event in engine.store.read(search.list_events, EventFilter(trigger_id=one), span).items
    ]
    return sorted(found, key=lambda event: event.id, reverse=True)[:MOST_EVENTS]


def _row(name: str) -> StoredWorkflow:
    """Return the workflow.

    Raises:
        NotFound: there is none (404).
    """
    if not is_slug(name):
        raise NotFound(f"there is no workflow {name!r}")
    return the_engine().store.read(stored.find, name)


def _text() -> str:
    """Return the text as it was before the browser ended its lines in its own way; ask for it before other fields.

    A form is read at once, and a whole file is more than Werkzeug takes unless it is told to.
    """
    request.max_form_memory_size = _LARGEST_FORM
    return field("text").replace("\r\n", "\n")


def _number(name: str) -> int:
    written = field(name)
    return int(written) if written.isascii() and written.isdigit() and len(written) < 8 else 1
