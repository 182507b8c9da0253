"""Runs as the API gives them."""

from collections.abc import Sequence

from pydantic import BaseModel

from engine.runtime import Engine
from engine.store import approvals, callbacks, event_waits, journal, show
from engine.store.rows import Entry, EventWait, Run
from engine.store.search import RunLine
from engine.words import UNFINISHED, Outcome, Resolution
from web.api.event_shapes import trigger_name
from web.api.fields import Moment


class RunLineOut(BaseModel):
    """A run in a list."""

    id: str
    workflow: str
    version: str
    event: str | None
    outcome: Outcome
    queued_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    rerun_of: str | None
    #: The time of the schedule that started it.
    scheduled_for: Moment | None


class ResolutionOut(BaseModel):
    """What was decided about a step of which nobody knew whether it had happened."""

    decision: Resolution
    by: str
    at: Moment


class StepOut(BaseModel):
    """One step of a run."""

    path: str
    #: The action; null for a group, a loop, or a step that was skipped.
    uses: str | None
    outcome: Outcome
    attempts: int
    started_at: Moment
    finished_at: Moment | None
    #: When a wait ends, or the next attempt starts.
    due_at: Moment | None
    input: object
    output: object
    error: dict[str, object] | None
    #: What people decided about it after a crash, in order.
    resolutions: list[ResolutionOut] | None


class CallbackOut(BaseModel):
    """Who is told when the run has ended: so far, or for good."""

    #: Scheme, host and port of the address; the rest of it and the headers are secret.
    origin: str
    delivered: bool
    attempts: int
    #: The next attempt, once the run has ended; null: there is none.
    next_at: Moment | None
    finished_at: Moment | None
    error: str | None


class ChildOut(BaseModel):
    """A run that a step started by ``core.run_workflow``."""

    id: str
    #: The step that waits for its end, or waited; null: none does.
    step: str | None
    workflow: str
    outcome: Outcome


class EventWaitOut(BaseModel):
    """A step that waits for a later event."""

    step: str
    #: The trigger's name, or its id where it was deleted.
    trigger: str
    #: Globs of event types; empty: all of them.
    types: list[str]
    #: What the event has to be like; null: any event will do.
    condition: str | None


class RunOut(RunLineOut):
    """A run with its steps."""

    inputs: dict[str, object] | None
    #: How many times of the schedule passed while nobody was there, so that this run makes up for them; 1000: or more.
    missed: int | None
    #: When the next wait ends by itself, or the next attempt starts.
    due_at: Moment | None
    #: The run that started this one by ``core.run_workflow``.
    parent: str | None
    #: Ids of what it asks people, or a run does that it waits for, as long as they are to decide: the first 100.
    approvals: list[str]
    #: The events that its steps wait for.
    waits_for_events: list[EventWaitOut]
    #: The runs that its steps started: the first 500.
    children: list[ChildOut]
    steps: list[StepOut]
    outputs: object
    error: dict[str, object] | None
    callback: CallbackOut | None


class RunPage(BaseModel):
    """Runs, newest first."""

    items: list[RunLineOut]
    next: str | None


def run_line(run: Run | RunLine) -> dict[str, object]:
    """Return the fields that a run has in a list."""
    own = {name: getattr(run, name) for name in RunLineOut.model_fields if name != "event"}
    return {**own, "event": run.event_id}


def run_out(engine: Engine, run: Run) -> RunOut:
    """Return a run with its steps."""
    entries: Sequence[Entry] = engine.store.read(journal.entries_of, [run.id]).get(run.id, ())
    called = engine.store.read(callbacks.of, run.id) if run.event_id is None else None
    return RunOut.model_validate(
        {
            **run_line(run),
            "inputs": run.inputs,
            "missed": run.missed,
            "due_at": run.due_at,
            "parent": run.parent_id,
            **_awaited(engine, run),
            "steps": [StepOut.model_validate(entry, from_attributes=True) for entry in entries],
            "outputs": run.outputs,
            "error": run.error,
            "callback": None if called is None else CallbackOut.model_validate(called, from_attributes=True),
        }
    )


def _awaited(engine: Engine, run: Run) -> dict[str, object]:
    """Return what a run waits for from outside, and the runs that it started."""
    unfinished = run.outcome in UNFINISHED
    asked = engine.store.read(approvals.open_of, run.id) if unfinished else ()
    waits = engine.store.read(event_waits.of_run, run.id) if unfinished else ()
    children = engine.store.read(show.children, run.id)
    return {
        "approvals": [one.approval.id for one in asked],
        "waits_for_events": [_event_wait(engine, wait) for wait in waits],
        "children": [
            ChildOut(id=child.id, step=child.parent_path, workflow=child.workflow, outcome=child.outcome)
            for child in children
        ],
    }


def _event_wait(engine: Engine, wait: EventWait) -> EventWaitOut:
    name = trigger_name(engine, wait.trigger_id)
    return EventWaitOut(step=wait.path, trigger=name, types=list(wait.types), condition=wait.condition)
