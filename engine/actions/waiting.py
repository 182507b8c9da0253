"""The ``core.*`` actions that need somebody else: people, a later event, another workflow.

They only say what is wanted; :mod:`engine.path.opening` finds out whether that can be had, and writes it down.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from engine import json_bytes
from engine.actions.action import Action, Call, build_action
from engine.clock import parse_duration, parse_time
from engine.definitions import reading
from engine.definitions.action import ActionSpec
from engine.definitions.described import wrong_field
from engine.definitions.dialect import Failure
from engine.definitions.example import Example
from engine.definitions.schema import check_schema, object_schema
from engine.errors import ActionFailed, Invalid
from engine.language.values import Path
from engine.store.approvals import decision_output
from engine.words import Decision, Outcome

#: Who may decide where the step names nobody.
EVERY_EDITOR = "role:editor"

#: Runs that can stand above one another: a workflow that starts itself ends here.
MAX_DEPTH = 8


_DECISION = {"type": "string", "enum": [decision.value for decision in Decision]}
_NULLABLE_TEXT = {"type": ["string", "null"]}


def _judge_fields(given: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    fields = given.get("fields")
    for name, schema in fields.items() if isinstance(fields, dict) else ():
        if isinstance(schema, dict):
            yield from ((("fields", name, *path), words) for path, words in wrong_field(schema))


APPROVE = ActionSpec(
    name="core.approve",
    title="Ask people to decide",
    inputs={
        "title": {"description": "The question, in one line.", "type": "string", "minLength": 1, "required": True},
        "details": {
            "description": "What they have to know, as plain text; any other value is shown as JSON.",
            "default": "",
        },
        "approvers": {
            "description": "Who may decide: `role:viewer`, `role:editor`, `role:admin` (also those above it) or "
            "`user:<name>`, any of them.",
            "type": "array",
            "items": {"type": "string", "pattern": "^(role:(viewer|editor|admin)|user:[a-z0-9][a-z0-9._@+-]*)$"},
            "minItems": 1,
            "default": [EVERY_EDITOR],
        },
        "quorum": {
            "description": "How many have to approve. One who rejects decides.",
            "type": "integer",
            "minimum": 1,
            "default": 1,
        },
        "fields": {
            "description": "What they are asked to fill in: a JSON Schema for each name, with `required: true` where "
            "it must be given.",
            "type": "object",
            "additionalProperties": {"type": "object"},
            "default": {},
        },
        "timeout": {
            "description": "How long they have, such as `30m`, beside the step's own `timeout`.",
            "type": "string",
            "x-kind": "wait",
        },
        "default": {
            **_DECISION,
            "description": "What counts when nobody has decided in time; without it, the step fails.",
        },
    },
    output={
        "type": "object",
        "properties": {
            "answer": {**_DECISION, "description": "What was decided."},
            "by": {**_NULLABLE_TEXT, "description": "Who decided; null when the time was over."},
            "at": {**_NULLABLE_TEXT, "format": "date-time", "description": "When."},
            "fields": {"type": "object", "description": "What the one who decided filled in."},
            "votes": {"type": "array", "description": "All that was said, in order."},
        },
        "additionalProperties": False,
    },
    pure=True,
    awaits=True,
    doc="A rejection is an answer and no failure.",
    failures={Failure.TIMEOUT: "Nobody has decided in time, and there is no `default`."},
    example=Example(
        """\
- id: ask
  uses: core.approve
  with:
    title: Suspend ${{ event.data.account }}?
    approvers: ["role:editor", "user:carol"]
    fields: {why: {type: string, required: true}}
    timeout: 30m
    default: rejected
""",
        data={"account": "ann"},
        outcome=Outcome.WAITING,
    ),
    judge=_judge_fields,
)
WAIT_FOR_EVENT = ActionSpec(
    name=reading.WAIT_FOR_EVENT,
    title="Wait for a later event",
    inputs={
        "trigger": {
            "description": "Name of the trigger that receives it.",
            "type": "string",
            "x-kind": "name",
            "required": True,
        },
        "event": {
            "description": "Type of event, or a list of types; `*` stands for any part.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
        },
        "if": {
            "description": "Which event: a condition in which `event` is the later one and `run.event` the one that "
            "started the run.",
            "x-kind": "condition",
        },
        "since": {
            "description": "Events received from then on count, in RFC 3339; when left out, since the step began.",
            "type": "string",
            "x-kind": "time",
        },
    },
    output={
        "type": "object",
        "description": "The event, as `event` is in scope.",
        "properties": {name: {} for name in ("id", "key", "type", "source", "time", "received_at", "data")},
        "additionalProperties": False,
    },
    pure=True,
    awaits=True,
    doc="`if` is the expression alone, without `${{ }}`, or rows.",
    failures={Failure.TIMEOUT: "The step's `timeout` is over, and the event has not come."},
    example=Example(
        """\
- id: done
  uses: core.wait_for_event
  timeout: 2h
  with:
    trigger: scanner
    if: event.data.scan == run.event.data.scan and event.data.state == 'completed'
""",
        data={"scan": "17"},
        outcome=Outcome.WAITING,
    ),
)
RUN_WORKFLOW = ActionSpec(
    name="core.run_workflow",
    title="Run another workflow",
    inputs={
        "workflow": {"description": "Its identity: one with `manual: true`.", "type": "string", "required": True},
        "inputs": {"description": "What it is given.", "type": "object", "default": {}},
        "wait": {
            "description": "Whether the step ends with the other run, whose `outputs` are then its output; else the "
            "output is `{run: <id>}`.",
            "type": "boolean",
            "default": True,
        },
    },
    output={"description": "The other run's `outputs`; null when it was stopped."},
    pure=True,
    awaits=True,
    doc=f"Runs stand at most {MAX_DEPTH} deep above one another.",
    failures={
        Failure.FAILED: "The other run failed, was cancelled or skipped, or too many runs stand above one another.",
        Failure.TIMEOUT: "The step's `timeout` is over; the other run is cancelled.",
    },
    example=Example(
        """\
- id: scan
  uses: core.run_workflow
  with: {workflow: start-scan, inputs: {asset: "${{ event.data.asset }}"}}
- uses: core.log
  with: {message: "Scan ${{ steps.scan.output.scan }} has begun"}
""",
        data={"asset": "www"},
        others={
            "start-scan": """\
name: Start a scan
on: {manual: true}
inputs: {asset: {type: string, required: true}}
steps:
  - {id: started, uses: core.set, with: {values: {scan: "scan of ${{ inputs.asset }}"}}}
outputs: {scan: "${{ steps.started.output.scan }}"}
"""
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Question:
    """A decision of people is wanted."""

    title: str
    details: str
    approvers: tuple[str, ...]
    quorum: int
    #: JSON Schema of each value that they are asked for.
    fields: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class LaterEvent:
    """An event that has not come yet is wanted."""

    trigger: str
    #: Globs of event types; empty: any type.
    types: tuple[str, ...]
    #: As written; None: any event of these types will do.
    condition: object
    #: None: since the step began.
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Subrun:
    """A run of another workflow is wanted."""

    workflow: str
    inputs: Mapping[str, object]
    #: Whether the step waits for its end.
    waits: bool


@dataclass(frozen=True, slots=True)
class Await:
    """The step ends when what is wanted has come, or when its time is over; until then nothing holds a thread."""

    wanted: Question | LaterEvent | Subrun
    #: The action's own limit, beside that of the step; None: it has none.
    until: datetime | None = None


def waiting_actions() -> tuple[Action, ...]:
    """Return the actions whose steps wait for somebody else."""
    return (
        build_action(APPROVE, _approve, _decided_by_default),
        build_action(WAIT_FOR_EVENT, _wait_for_event),
        build_action(RUN_WORKFLOW, _run_workflow),
    )


def _approve(call: Call) -> Await:
    given = call.inputs
    details = given["details"]
    question = Question(
        title=str(given["title"]),
        details=details if isinstance(details, str) else json_bytes.indented(details),
        approvers=tuple(cast("list[str]", given["approvers"])),
        quorum=cast("int", given["quorum"]),
        fields=cast("Mapping[str, Mapping[str, object]]", given["fields"]),
    )
    _check_fields(question.fields)
    return Await(question, _limit(call))


def _check_fields(fields: Mapping[str, Mapping[str, object]]) -> None:
    try:
        check_schema(object_schema(fields))
    except Invalid as error:
        raise ActionFailed("invalid", f"`fields` has no JSON Schema at {error.field}: {error.detail}") from error


def _limit(call: Call) -> datetime | None:
    if "timeout" not in call.inputs:
        return None
    written = str(call.inputs["timeout"])
    try:
        until = call.now + parse_duration(written)
    except (ValueError, OverflowError) as error:
        raise ActionFailed("invalid", f"`timeout`: {error}") from error
    if until == call.now:
        raise ActionFailed("invalid", f"`timeout`: {written!r} leaves no time to decide")
    return until


def _decided_by_default(inputs: Mapping[str, object]) -> object:
    return decision_output(Decision(str(inputs["default"]))) if "default" in inputs else None


def _wait_for_event(call: Call) -> Await:
    types = call.inputs.get("event", [])
    return Await(
        LaterEvent(
            trigger=str(call.inputs["trigger"]),
            types=(types,) if isinstance(types, str) else tuple(cast("list[str]", types)),
            condition=call.inputs.get("if"),
            since=_since(call),
        )
    )


def _since(call: Call) -> datetime | None:
    try:
        return parse_time(str(call.inputs["since"])) if "since" in call.inputs else None
    except ValueError as error:
        raise ActionFailed("invalid", f"`since`: {error}") from error


def _run_workflow(call: Call) -> Await:
    inputs = cast("Mapping[str, object]", call.inputs["inputs"])
    return Await(Subrun(str(call.inputs["workflow"]), inputs, waits=call.inputs["wait"] is True))
