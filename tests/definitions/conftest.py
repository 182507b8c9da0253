"""What the tests of the checker share: a few actions, and a check that gives its remarks as text."""

from textwrap import dedent

import pytest

from engine.actions.mail import SEND
from engine.definitions.action import ActionSpec
from engine.definitions.checker import check_workflow
from engine.definitions.dialect import Failure
from engine.errors import ExpressionError

TEXT = {"type": "string"}
ENDS = (Failure.FAILED, Failure.TIMEOUT)


def read_code(text):
    """Stand in for a reader of code: brackets that nobody opened are a mistake."""
    if "(" not in text and ")" in text:
        raise ExpressionError("there is a `)` too many", text.index(")"))


ACTIONS = {
    spec.name: spec
    for spec in (
        ActionSpec("core.log", "Log", {"message": {"required": True}}, {"type": "null"}),
        ActionSpec("core.wait", "Wait", {"for": {**TEXT, "x-kind": "duration"}, "until": {"x-kind": "time"}}, {}),
        ActionSpec("core.code", "Run", {"code": {**TEXT, "x-kind": "code"}}, {}, readers={"code": read_code}),
        ActionSpec(
            "http.post",
            "Post",
            {
                "url": {**TEXT, "required": True},
                "json": {},
                "headers": {"type": "object"},
                "follow": {"type": "boolean"},
            },
            {"type": "object", "properties": {"status": {"type": "integer"}, "body": {}}},
        ),
        ActionSpec("core.approve", "Ask", {"title": TEXT}, {}, awaits=True, failures={Failure.TIMEOUT: ""}),
        ActionSpec("core.run_workflow", "Run", {"workflow": TEXT}, {}, awaits=True, failures=dict.fromkeys(ENDS, "")),
        SEND,
        ActionSpec("okta.suspend", "Suspend", {"user": TEXT}, {}, takes_connection=True),
        ActionSpec(
            "okta.restore", "Restore", {}, {}, takes_connection=True, needs_connection=True, connection_kind="okta"
        ),
    )
}
FINDING = {
    "type": "object",
    "properties": {
        "finding": {"type": "object", "properties": {"severity": TEXT, "score": {"type": "number"}}},
        "tags": {"type": "array", "items": TEXT},
    },
}
HEAD = "name: Ticket\non: {trigger: detectify, event: detectify.finding}\n"


@pytest.fixture
def actions():
    return ACTIONS


@pytest.fixture
def check():
    """Return a function that checks a file, of which the trigger's schema is that of a finding."""

    def run(text, identity="ticket"):
        return check_workflow(text, identity, actions=ACTIONS, schemas=lambda trigger, event_type: FINDING)

    return run


@pytest.fixture
def remarks(check):
    """Return a function that checks a file and gives its remarks as ``line:column message``."""

    def run(text):
        return [f"{one.line}:{one.column} {one.message}" for one in check(dedent(text)).mistakes]

    return run


@pytest.fixture
def remarks_on_steps(remarks):
    """Return a function that checks steps, the first of which is in line 4."""
    return lambda steps: remarks(f"{HEAD}steps:\n{dedent(steps)}")


@pytest.fixture
def workflow(check):
    """Return a function that reads steps without a mistake in them as a workflow."""

    def run(steps, head=HEAD):
        checked = check(f"{head}steps:\n{dedent(steps)}")
        assert checked.mistakes == ()
        return checked.workflow

    return run
