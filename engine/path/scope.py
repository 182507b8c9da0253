"""What expressions may name: the event, its trigger, the workflow and the run."""

from collections.abc import Mapping

from engine import json_bytes
from engine.clock import rfc3339
from engine.definitions.workflow import Workflow
from engine.path.inputs import default_inputs
from engine.store.rows import Event, Run, Trigger

Scope = Mapping[str, object]


def event_scope(event: Event, trigger: Trigger, data: object) -> dict[str, object]:
    """Return the scope of a condition: the event with its parsed data, and the trigger that received it."""
    return {"event": named(event, data), **trigger_scope(trigger)}


def trigger_scope(trigger: Trigger) -> dict[str, object]:
    """Return the scope of what a trigger's silence starts: the trigger alone."""
    about = {"id": trigger.id, "name": trigger.name, "title": trigger.title, "connector": trigger.connector}
    return {"trigger": about}


def named(event: Event, data: object) -> dict[str, object]:
    """Return what may be named of an event."""
    received_at = rfc3339(event.received_at)
    return {
        "id": event.id,
        "key": event.key,
        "type": event.type,
        "source": event.source,
        "time": received_at if event.time is event.received_at else rfc3339(event.time),
        "received_at": received_at,
        "data": data,
    }


def run_scope(started_by: Scope, workflow: Workflow, run: Run) -> dict[str, object]:
    """Return the scope of a run's steps: what started it, the workflow, the run, and its inputs."""
    return {
        **started_by,
        "workflow": {"name": workflow.identity, "version": workflow.version, "title": workflow.title},
        "run": {
            "id": run.id,
            "started_at": None if run.started_at is None else rfc3339(run.started_at),
            "scheduled_for": None if run.scheduled_for is None else rfc3339(run.scheduled_for),
        },
        "inputs": default_inputs(workflow) if run.inputs is None else run.inputs,
    }


def parsed(event: Event) -> object:
    """Return the event's data; what cannot be read as JSON is there as text."""
    try:
        return json_bytes.parse(event.data)
    except ValueError:
        return event.data.decode(errors="replace")
