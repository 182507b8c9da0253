"""What is published is compiled once, and one trigger or workflow takes nothing from another."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.actions.monty import Monty
from engine.errors import ExpressionError, Mistakes
from engine.path.receive import Request, receive
from engine.published import KEPT_REFUSALS
from engine.runtime import Engine
from engine.words import Outcome
from tests.engines import LOGS, deliver, running, runs_of, trigger, workflow


@pytest.fixture
def engine(tmp_path) -> Iterator[Engine]:
    with running(tmp_path) as engine:
        yield engine


def test_refused_deliveries_use_up_no_rate_of_the_trigger(engine):
    assert KEPT_REFUSALS.per == timedelta(hours=1)
    shown = trigger(engine, rate=f"{KEPT_REFUSALS.count}/h")
    forged = Request("POST", "", {"content-type": ("application/json",), "x-api-key": ("guessed",)}, b"{}", 2, "::1")

    refused = {receive(engine, shown.trigger.path, forged).status for _ in range(KEPT_REFUSALS.count)}

    assert refused == {401}
    assert deliver(engine).reply.status == 202


def test_a_workflow_that_names_a_trigger_twice_is_asked_once(engine):
    trigger(engine)
    workflow(engine, LOGS.replace("trigger: t,", "trigger: [t, t],"))

    runs = runs_of(engine, deliver(engine).event_ids[0])

    assert [run.outcome for run in runs] == [Outcome.SUCCEEDED]


def test_a_workflow_that_was_taken_once_stays_though_its_code_is_read_otherwise_now(engine, monkeypatch):
    step = "{uses: core.code, with: {code: 'def main(): return 1'}}"
    text = f"name: W\non: {{trigger: t}}\nsteps: [{step}]"
    trigger(engine)
    workflow(engine, text)
    monkeypatch.setattr(Monty, "read", refuse)
    engine.published.workflow.cache_clear()

    runs = runs_of(engine, deliver(engine).event_ids[0])

    assert [run.outcome for run in runs] == [Outcome.SUCCEEDED]
    with pytest.raises(Mistakes, match="no `def` any more"):
        workflow(engine, text)


def refuse(_monty, _code: str) -> None:
    raise ExpressionError("there is no `def` any more")


def test_a_workflow_that_was_taken_once_stays_though_more_is_looked_for_now(tmp_path, monkeypatch):
    text = LOGS.replace(
        "uses: core.log, with: {message: hello}", "uses: core.approve, with: {title: a, fields: {b: {typ: x}}}"
    )
    with running(tmp_path) as engine:
        monkeypatch.setattr("engine.definitions.checker_actions._check_inputs", lambda *_: None)
        version = workflow(engine, text)
        monkeypatch.undo()

        engine.published.workflow.cache_clear()

        assert engine.published.workflow("w", version).title == "Logs"
        with pytest.raises(Mistakes):
            workflow(engine, f"{text}\n")
