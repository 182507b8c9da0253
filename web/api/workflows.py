"""``/workflows``: put them, check them, run them by hand."""

from collections.abc import Collection, Mapping
from datetime import datetime

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, Field
from werkzeug.exceptions import UnsupportedMediaType

from engine.definitions.workflow import Workflow
from engine.errors import Conflict
from engine.path import start
from engine.path import workflows as keeping
from engine.runtime import Engine
from engine.store import schedules, triggers
from engine.store import workflows as stored
from engine.store.callbacks import Target
from engine.store.rows import StoredWorkflow
from web.api.door import YAML
from web.api.fields import Duration, Given, Moment, Name, PageQuery, Text, slice_of
from web.api.problems import MistakeOut, mistakes_out, problem
from web.api.run_shapes import RunOut, run_out
from web.context import the_engine, the_folder

workflows = APIBlueprint("workflows", __name__, url_prefix="/api/v1/workflows")

#: How the description of the API shows a workflow's text.
_TEXT = {"requestBody": {"required": True, "content": {"text/yaml": {"schema": {}}}}}


class ScheduleOut(BaseModel):
    """The times at which a workflow starts."""

    cron: str
    timezone: str
    #: None while it is disabled.
    next_at: Moment | None


class WorkflowOut(BaseModel):
    """A workflow in a list; without ``title`` where this Wink cannot read its text any more."""

    name: str
    title: str | None
    version: str
    enabled: bool
    #: Names of the triggers that start it.
    triggers: list[str]
    #: Whether people may start it.
    manual: bool
    schedule: ScheduleOut | None
    #: Names of the triggers whose silence starts it.
    silences: list[str]
    #: Those of both that are not there: nothing starts it by them.
    absent: list[str]
    created_at: Moment
    updated_at: Moment


class FullWorkflow(WorkflowOut):
    """A workflow with its text, and what a check says of it now: warnings, such as a trigger that is not there."""

    text: str
    #: JSON Schema of each input of a run by hand; ``required: true`` where it must be given.
    inputs: dict[str, dict[str, object]]
    mistakes: list[MistakeOut]


class WorkflowPage(BaseModel):
    """Workflows by name; problems: files of the workflows folder that cannot be imported, with every mistake."""

    items: list[WorkflowOut]
    next: str | None
    problems: dict[str, str]


class PutOut(BaseModel):
    """A workflow as it was put."""

    name: str
    version: str
    warnings: list[MistakeOut]


class CheckOut(BaseModel):
    """What is wrong with a text; warnings do not keep it from running."""

    ok: bool
    mistakes: list[MistakeOut]


class VersionOut(BaseModel):
    """One version of a workflow."""

    version: str
    created_at: Moment
    current: bool


class VersionPage(BaseModel):
    """Versions of a workflow, newest first."""

    items: list[VersionOut]
    next: str | None


class CallbackIn(Given):
    """Where to POST what became of the run; address and headers are kept encrypted, and shown nowhere."""

    url: Text
    headers: dict[Name, Text] = Field(default_factory=dict, max_length=50)


class StartIn(Given):
    """What a run by hand is given, how long to wait for its end, and who is told of it."""

    inputs: dict[str, object] = Field(default_factory=dict)
    wait: Duration | None = None
    callback: CallbackIn | None = None


class CheckQuery(Given):
    """The name that the text would be put under."""

    name: str = "workflow"


@workflows.get("")
@workflows.input(PageQuery, location="query")
@workflows.output(WorkflowPage)
def list_workflows(query_data: PageQuery) -> WorkflowPage:
    """List workflows by name."""
    engine, folder = the_engine(), the_folder()
    page, further = slice_of(engine.store.read(stored.all_of), lambda workflow: workflow.name, query_data)
    times = engine.store.read(schedules.next_times, [row.name for row in page])
    known = _known(engine)
    items = [WorkflowOut.model_validate(_fields(engine, row, times, known)) for row in page]
    return WorkflowPage(items=items, next=further, problems=dict(folder.problems()) if folder else {})


@workflows.post("/check")
@workflows.input(CheckQuery, location="query")
@workflows.output(CheckOut)
@workflows.doc(extensions=_TEXT)
def check(query_data: CheckQuery) -> CheckOut:
    """Check a workflow's text; nothing is put."""
    checked = keeping.check(the_engine(), query_data.name, _text())
    return CheckOut(ok=checked.workflow is not None, mistakes=mistakes_out(checked.mistakes))


@workflows.put("/<name>")
@workflows.output(PutOut)
@workflows.doc(extensions=_TEXT, responses={201: "It was new."})
def put(name: str) -> tuple[PutOut, int] | Response:
    """Put a workflow's text; with a mistake in it nothing changes.

    `If-Match` with the version that one saw keeps two authors from overwriting each other: 412 when it moved on.
    """
    expected = request.headers.get("If-Match", "").removeprefix("W/").strip('"')
    try:
        done = keeping.put(the_engine(), name, _text(), expected=None if expected in {"", "*"} else expected)
    except Conflict as error:
        return problem(412, str(error))
    return PutOut(name=done.name, version=done.version, warnings=mistakes_out(done.warnings)), 201 if done.new else 200


@workflows.get("/<name>")
@workflows.output(FullWorkflow)
def get(name: str) -> FullWorkflow:
    """Show a workflow with its text."""
    engine = the_engine()
    row = engine.store.read(stored.find, name)
    mistakes = mistakes_out(keeping.check(engine, name, row.text).mistakes)
    compiled = keeping.compiled_of(engine, row)
    inputs = {input_: dict(schema) for input_, schema in compiled.inputs.items()} if compiled else {}
    own = {"text": row.text.decode(), "inputs": inputs, "mistakes": mistakes}
    return FullWorkflow.model_validate({**_one(engine, row), **own})


@workflows.delete("/<name>")
@workflows.output({}, status_code=204)
def delete(name: str) -> str:
    """Delete a workflow; its runs can still be read and go on."""
    keeping.delete(the_engine(), name)
    return ""


@workflows.get("/<name>/versions")
@workflows.output(VersionPage)
def versions(name: str) -> VersionPage:
    """List the versions of a workflow, newest first."""
    engine = the_engine()
    current = engine.store.read(stored.find, name).version
    found = engine.store.read(stored.versions_of, name)
    items = [VersionOut(version=one, created_at=at, current=one == current) for one, at in found.items()]
    return VersionPage(items=items, next=None)


@workflows.post("/<name>/enable")
@workflows.output(WorkflowOut)
def enable(name: str) -> WorkflowOut:
    """Let events and its schedule start a workflow; times that passed meanwhile start nothing."""
    return _enable(name, enabled=True)


@workflows.post("/<name>/disable")
@workflows.output(WorkflowOut)
def disable(name: str) -> WorkflowOut:
    """Let neither events nor its schedule start a workflow."""
    return _enable(name, enabled=False)


@workflows.post("/<name>/run")
@workflows.input(StartIn)
@workflows.output(RunOut, status_code=202)
def run(name: str, json_data: StartIn) -> tuple[RunOut, int]:
    """Start a workflow by hand; with `wait`, answer when the run has ended (200) or the time is over (202).

    With `callback`, what became of it is sent there once it has ended, again for hours until it is taken.
    """
    engine, callback = the_engine(), json_data.callback
    target = None if callback is None else Target(callback.url, callback.headers)
    started = start.start(engine, name, json_data.inputs, target)
    if json_data.wait is not None:
        started = start.wait_for(engine, started.id, json_data.wait)
    return run_out(engine, started), 202 if started.finished_at is None else 200


def _enable(name: str, *, enabled: bool) -> WorkflowOut:
    engine = the_engine()
    keeping.enable(engine, name, enabled=enabled)
    return WorkflowOut.model_validate(_one(engine, engine.store.read(stored.find, name)))


def _text() -> bytes:
    if request.mimetype not in YAML:
        raise UnsupportedMediaType("send the workflow as it is written, with content type text/yaml")
    return request.get_data()


def _one(engine: Engine, row: StoredWorkflow) -> dict[str, object]:
    return _fields(engine, row, engine.store.read(schedules.next_times, [row.name]), _known(engine))


def _known(engine: Engine) -> Collection[str]:
    """Return the names of all triggers."""
    return {trigger.name for trigger in engine.store.read(triggers.all_of)}


def _fields(
    engine: Engine, row: StoredWorkflow, times: Mapping[str, datetime], known: Collection[str]
) -> dict[str, object]:
    compiled = keeping.compiled_of(engine, row)
    named = dict.fromkeys((*compiled.triggers, *compiled.silences)) if compiled else ()
    return {
        "name": row.name,
        "title": compiled.title if compiled else None,
        "version": row.version,
        "enabled": row.enabled,
        "triggers": list(compiled.triggers) if compiled else [],
        "manual": compiled.manual if compiled else False,
        "schedule": _schedule(compiled, times) if compiled else None,
        "silences": list(compiled.silences) if compiled else [],
        "absent": [name for name in named if name not in known],
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _schedule(workflow: Workflow, times: Mapping[str, datetime]) -> dict[str, object] | None:
    schedule = workflow.schedule
    if schedule is None:
        return None
    return {"cron": schedule.cron, "timezone": schedule.timezone, "next_at": times.get(workflow.identity)}
