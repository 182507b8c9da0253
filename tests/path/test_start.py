"""Workflows are started by hand, with inputs that fit, and one can wait for the end."""

from datetime import timedelta

import pytest

from engine.errors import Conflict, Invalid, InvalidInputs, NotFound
from engine.path.start import start, start_with, wait_for
from engine.path.workflows import enable
from engine.words import Outcome
from tests.engines import LOGS, WAITS, deliver, trigger, workflow

SECONDS = timedelta(seconds=20)


def test_a_run_by_hand_gets_its_inputs(engine):
    workflow(engine)

    run = wait_for(engine, start(engine, "w", {"asset": "www"}).id, SECONDS)

    assert (run.outcome, run.outputs) == (Outcome.SUCCEEDED, {"first": {"asset": "www"}})


def test_an_input_that_is_left_out_has_its_default(engine):
    workflow(engine)

    run = wait_for(engine, start(engine, "w", {}).id, SECONDS)

    assert run.inputs == {"asset": "none"}


@pytest.mark.parametrize(
    ("inputs", "field"), [({"asset": 3}, "inputs.asset"), ({"asset": "a", "other": 1}, "inputs.other")]
)
def test_inputs_that_do_not_fit_are_named(engine, inputs, field):
    workflow(engine)

    with pytest.raises(Invalid) as refused:
        start(engine, "w", inputs)

    assert refused.value.field == field


def test_an_input_that_must_be_given_is_asked_for(engine):
    workflow(engine, LOGS.replace("default: none", "required: true"))

    with pytest.raises(Invalid, match="asset"):
        start(engine, "w", {})


def test_every_input_that_does_not_fit_is_told_by_its_name(engine):
    workflow(
        engine, LOGS.replace("{asset: {type: string, default: none}}", "{asset: {required: true}, n: {minimum: 3}}")
    )

    with pytest.raises(InvalidInputs) as refused:
        start(engine, "w", {"n": 1, "aset": "www"})

    assert refused.value.wrong == {
        "aset": "the workflow has no such input; did you mean 'asset'?",
        "asset": "it must be given",
        "n": "1 is less than the minimum of 3",
    }


def test_a_workflow_that_does_not_say_manual_is_not_started(engine):
    workflow(engine, LOGS.replace(", manual: true", "").replace("inputs:", "vars:"))

    with pytest.raises(Conflict, match="manual: true"):
        start(engine, "w", {})


def test_a_disabled_workflow_is_not_started(engine):
    workflow(engine)
    enable(engine, "w", enabled=False)

    with pytest.raises(Conflict, match="disabled"):
        start(engine, "w", {})


def test_a_workflow_that_is_not_there_is_not_started(engine):
    with pytest.raises(NotFound):
        start(engine, "w", {})


def test_waiting_ends_with_the_time_when_the_run_does_not(engine):
    workflow(engine, WAITS)

    run = wait_for(engine, start(engine, "w", {}).id, timedelta(milliseconds=1))

    assert run.finished_at is None


def test_a_stored_event_starts_a_workflow_whatever_its_condition_says(engine):
    trigger(engine)
    event = deliver(engine).event_ids[0]
    workflow(engine, LOGS.replace("{trigger: t,", "{trigger: t, if: event.data.n == 2,"))

    run = wait_for(engine, start_with(engine, "w", event).id, SECONDS)

    assert (run.outcome, run.event_id) == (Outcome.SUCCEEDED, event)


def test_an_event_of_another_trigger_starts_nothing(engine):
    trigger(engine, name="other")
    event = deliver(engine, name="other").event_ids[0]
    workflow(engine)

    with pytest.raises(Conflict, match="none of the triggers"):
        start_with(engine, "w", event)


def test_an_event_that_is_not_there_starts_nothing(engine):
    workflow(engine)

    with pytest.raises(NotFound, match="evt_none"):
        start_with(engine, "w", "evt_none")
