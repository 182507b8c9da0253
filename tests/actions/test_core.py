from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from engine.actions.action import End, Pause
from engine.errors import ActionFailed
from engine.words import Outcome

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_log_writes_one_line_with_the_key(actions, call):
    with capture_logs() as lines:
        output = actions["core.log"].run(call(message={"a": 1}, level="warning"))

    assert output is None
    assert lines == [
        {"event": "workflow.log", "log_level": "warning", "key": "run_1/step/0", "message": {"a": 1}},
    ]


def test_log_is_informational_unless_told(actions, call):
    with capture_logs() as lines:
        actions["core.log"].run(call(message="done"))

    assert lines[0]["log_level"] == "info"


def test_set_returns_its_values(actions, call):
    assert actions["core.set"].run(call(values={"a": [1], "b": None})) == {"a": [1], "b": None}


def test_wait_for_a_length_of_time(actions, call):
    assert actions["core.wait"].run(call(**{"for": "1h30m"})) == Pause(NOW + timedelta(minutes=90))


def test_wait_until_a_moment(actions, call):
    pause = actions["core.wait"].run(call(until="2026-11-21T14:00:00+01:00"))

    assert pause == Pause(datetime(2026, 11, 21, 13, tzinfo=UTC))


@pytest.mark.parametrize(
    "inputs",
    [{}, {"for": "1h", "until": "2027-01-01"}, {"for": "5"}, {"for": "999999999d"}, {"for": 5}, {"until": "tomorrow"}],
)
def test_a_wait_that_cannot_be_understood_is_invalid(actions, call, inputs: dict[str, object]):
    with pytest.raises(ActionFailed) as failure:
        actions["core.wait"].run(call(**inputs))

    assert failure.value.kind == "invalid"


@pytest.mark.parametrize(("name", "outcome"), [("core.stop", Outcome.STOPPED), ("core.fail", Outcome.FAILED)])
def test_stop_and_fail_end_the_run_with_their_message(actions, call, name: str, outcome: Outcome):
    assert actions[name].run(call(message="enough")) == End(outcome, "enough")
    assert actions[name].run(call()) == End(outcome, "")


@pytest.mark.parametrize("name", ["core.log", "core.set", "core.wait", "core.stop", "core.fail"])
def test_core_actions_touch_nothing_outside(actions, name: str):
    assert actions[name].spec.pure
