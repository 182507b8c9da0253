"""``/workflows``: what there is, and what it did lately; a new one; enable, disable and delete."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, count

from flask import Blueprint, Response, request

from engine.definitions.kinds import is_slug
from engine.definitions.workflow import Workflow
from engine.errors import Conflict, Invalid, Mistakes
from engine.path import workflows as keeping
from engine.path.folder import Written
from engine.runtime import Engine
from engine.store import activity, triggers
from engine.store import workflows as stored
from engine.store.rows import Run, StoredWorkflow
from engine.words import Outcome
from web.context import the_engine, the_folder
from web.pages.door import page
from web.pages.forms import Errors, cursor, field, go, sentence

#: Workflows of one page.
PAGE = 25

_LATELY = timedelta(days=1)

workflow_pages = Blueprint("workflow_pages", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A workflow in the list."""

    row: StoredWorkflow
    #: None where this Wink cannot read its text any more.
    compiled: Workflow | None
    #: Triggers that it names and that are not there.
    missing: tuple[str, ...]
    last: Run | None
    #: Runs of the last day.
    counts: Mapping[Outcome, int]


@workflow_pages.get("/workflows")
def show_workflows() -> Response:
    """List the workflows by name; ``trigger``: the one that a new workflow is for."""
    trigger = request.args.get("trigger", "")
    return _list_page({"trigger": trigger, "name": _free_name(trigger)} if is_slug(trigger) else {}, {})


@workflow_pages.post("/workflows")
def create() -> Response:
    """Make a workflow to go on from, and go to it."""
    name, trigger = field("name").strip(), field("trigger")
    typed = {"name": name, "trigger": trigger}
    if not is_slug(name):
        return _list_page(
            typed, {"name": "Write lower-case letters, digits and hyphens, such as contain-account."}, 422
        )
    try:
        save(name, beginning(name, trigger), "")
    except Conflict:
        return _list_page(typed, {"name": f"There is a workflow {name} already: choose another name."}, 422)
    except (Invalid, Mistakes) as error:
        return _list_page(typed, {"trigger": sentence(error)}, 422)
    return go(f"/workflows/{name}?saved=new")


@workflow_pages.post("/workflows/<name>/enable")
def enable(name: str) -> Response:
    """Let a workflow be asked about events."""
    keeping.enable(the_engine(), name, enabled=True)
    return go(f"/workflows/{name}")


@workflow_pages.post("/workflows/<name>/disable")
def disable(name: str) -> Response:
    """Let a workflow be asked about no further events."""
    keeping.enable(the_engine(), name, enabled=False)
    return go(f"/workflows/{name}")


@workflow_pages.post("/workflows/<name>/delete")
def delete(name: str) -> Response:
    """Delete a workflow; its runs can still be read."""
    keeping.delete(the_engine(), name)
    return go("/workflows")


def save(name: str, text: str, expected: str) -> Written:
    """Make a text the current version of a workflow, and write its file where there is a folder of them.

    expected: the version that the author saw, empty where there was none.

    Raises:
        Invalid, Mistakes, Conflict: as :func:`engine.path.workflows.put`.
    """
    folder = the_folder()
    if folder is not None:
        return folder.save(name, text, expected=expected)
    keeping.put(the_engine(), name, text, expected=expected)
    return Written.NOWHERE


def beginning(name: str, trigger: str) -> str:
    """Return the text that a new workflow begins with."""
    title = json.dumps(name.replace("-", " ").capitalize())
    on = (
        f"trigger: {json.dumps(trigger)}\n  # if: event.data.severity in ['high', 'critical']"
        if trigger
        else "manual: true"
    )
    told = "${{ event.type }} came in." if trigger else "${{ workflow.title }} runs."
    return (
        f"name: {title}\ndescription: Say in one sentence what this does.\n"
        f"on:\n  {on}\n\n"
        f'steps:\n  - id: hello\n    uses: core.log\n    with: {{message: "{told}"}}\n'
    )


def _free_name(trigger: str) -> str:
    """Return a name that a workflow of a trigger can have: the trigger's own, or that with a number."""
    taken = set(the_engine().store.read(stored.names))
    numbered = (f"{trigger}-{number}" for number in count(2))
    return next(name for name in chain([trigger], numbered) if name not in taken)


def _list_page(typed: Mapping[str, str], errors: Errors, status: int = 200) -> Response:
    engine, folder = the_engine(), the_folder()
    rows = engine.store.read(stored.some_of, cursor("after"), PAGE + 1)
    known = [trigger.name for trigger in engine.store.read(triggers.all_of)]
    return page(
        "workflows/list.html",
        status,
        here="Workflows",
        lines=_lines(engine, rows[:PAGE], frozenset(known)),
        next=rows[PAGE - 1].name if len(rows) > PAGE else None,
        triggers=[("", "None: it is started by hand"), *((name, name) for name in known)],
        problems=folder.problems() if folder else {},
        typed=typed,
        errors=errors,
        most=activity.MOST_COUNTED,
    )


def _lines(engine: Engine, rows: list[StoredWorkflow], known: frozenset[str]) -> list[Line]:
    names, since = [row.name for row in rows], engine.clock.now() - _LATELY
    with engine.store.reading() as connection:
        last = activity.last_runs(connection, names)
        counts = activity.runs_since(connection, names, since)
    lines = []
    for row in rows:
        compiled = keeping.compiled_of(engine, row)
        named = (*compiled.triggers, *compiled.silences) if compiled else ()
        missing = tuple(name for name in named if name not in known)
        lines.append(Line(row, compiled, missing, last.get(row.name), counts.get(row.name, {})))
    return lines
