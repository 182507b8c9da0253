"""The ``core.*`` actions: they touch nothing outside the run."""

from datetime import datetime

import structlog

from engine.actions.action import Action, Call, End, Pause, build_action
from engine.clock import parse_duration, parse_time
from engine.definitions.action import ActionSpec
from engine.definitions.dialect import Failure
from engine.definitions.example import Example
from engine.errors import ActionFailed
from engine.words import Outcome

_log = structlog.get_logger()

LOG = ActionSpec(
    name="core.log",
    title="Write a line to the log",
    inputs={
        "message": {"description": "What to write; any value.", "required": True},
        "level": {"description": "How grave it is.", "enum": ["debug", "info", "warning", "error"], "default": "info"},
    },
    output={"type": "null"},
    pure=True,
    doc="The line is `workflow.log`, with the level, the message and the key of the step (`run id/step path/visit`).",
    example=Example(
        """\
- uses: core.log
  with: {level: warning, message: "Hello ${{ event.data.name }}"}
""",
        data={"name": "Ann"},
    ),
)
SET = ActionSpec(
    name="core.set",
    title="Name values for later steps",
    inputs={"values": {"description": "The values; they are the output.", "type": "object", "required": True}},
    output={"type": "object", "description": "The values: `steps.<id>.output.<name>` for later steps."},
    pure=True,
    example=Example(
        """\
- id: asset
  uses: core.set
  with:
    values: {name: "${{ lower(event.data.asset) }}", serious: "${{ event.data.score > 7 }}"}
""",
        data={"asset": "Shop.example.com", "score": 9.5},
    ),
)
WAIT = ActionSpec(
    name="core.wait",
    title="Wait for a length of time, or until a moment",
    inputs={
        "for": {
            "description": "How long, such as `30s` or `2h`. Either this or `until`.",
            "type": "string",
            "x-kind": "wait",
        },
        "until": {
            "description": "When to go on, in RFC 3339; a moment that has passed is no wait.",
            "type": "string",
            "x-kind": "time",
        },
    },
    output={"type": "null"},
    pure=True,
    doc="Nothing is held while the run waits, and a restart does not shorten or lengthen it.",
    failures={Failure.TIMEOUT: "The step's `timeout`, or that of what it is part of, ends before the wait."},
    example=Example(
        """\
- uses: core.wait
  with: {for: 2h}
"""
    ),
)
STOP = ActionSpec(
    name="core.stop",
    title="End the run as stopped",
    inputs={"message": {"description": "Why.", "type": "string", "default": ""}},
    output={},
    pure=True,
    doc="Nothing went wrong, and there is nothing more to do.",
    example=Example(
        """\
- uses: core.stop
  if: event.data.severity == 'low'
  with: {message: Not worth a ticket}
- uses: core.log
  with: {message: This is not reached}
""",
        data={"severity": "low"},
        outcome=Outcome.STOPPED,
    ),
)
FAIL = ActionSpec(
    name="core.fail",
    title="End the run as failed",
    inputs={"message": {"description": "Why.", "type": "string", "default": ""}},
    output={},
    pure=True,
    doc="The step's `on_error` and the workflow's see to it, as to any other failure.",
    failures={Failure.FAILED: "Always: that is what it is for."},
    example=Example(
        """\
- uses: core.fail
  if: not exists(event.data.owner)
  with: {message: Nobody owns the asset}
""",
        outcome=Outcome.FAILED,
    ),
)


def core_actions() -> tuple[Action, ...]:
    """Return every ``core.*`` action."""
    return (
        build_action(LOG, _write),
        build_action(SET, lambda call: call.inputs["values"]),
        build_action(WAIT, _wait),
        build_action(STOP, lambda call: End(Outcome.STOPPED, str(call.inputs["message"]))),
        build_action(FAIL, lambda call: End(Outcome.FAILED, str(call.inputs["message"]))),
    )


def _write(call: Call) -> None:
    level = str(call.inputs["level"])
    getattr(_log, level)("workflow.log", key=call.key, message=call.inputs["message"])


def _wait(call: Call) -> Pause:
    given = {name: str(value) for name, value in call.inputs.items()}
    if len(given) != 1:
        raise ActionFailed("invalid", "core.wait takes either `for` or `until`")
    try:
        return Pause(_moment(given, call.now))
    except (ValueError, OverflowError) as error:
        raise ActionFailed("invalid", f"core.wait: {error}") from error


def _moment(given: dict[str, str], now: datetime) -> datetime:
    return now + parse_duration(given["for"]) if "for" in given else parse_time(given["until"])
