"""What a run needs is edited, disabled or deleted while it waits: it goes on as it began, also over a restart."""

from datetime import timedelta

import pytest

from engine.path import setup
from engine.path.workflows import delete, enable
from engine.store import approvals, show
from engine.words import Outcome
from tests.engines import deliver, ended, running, runs_of, standing, trigger, workflow
from tests.path.test_approve import ALICE, decide
from tests.path.test_subworkflow import CHILD, SLEEPS, child_of
from tests.path.waiting import ASK, PARENT, SCAN, begun, pass_time
from tests.serving import eventually

pytestmark = pytest.mark.usefixtures("quick_sweeps")

HOUR = timedelta(hours=1)
FIRST = """
name: First
on: {trigger: t, manual: true}
steps: [{id: pause, uses: core.wait, with: {for: 1h}}]
outputs: {version: first}
"""
SECOND = FIRST.replace("first", "second").replace("pause", "other")

#: What can become of a workflow.
CHANGES = {
    "edited": lambda engine, name: workflow(engine, SECOND, name),
    "disabled": lambda engine, name: enable(engine, name, enabled=False),
    "deleted": delete,
}


@pytest.fixture(params=CHANGES)
def change(request):
    return CHANGES[request.param]


def test_a_run_goes_on_with_the_version_that_it_began_with(engine, change):
    workflow(engine, FIRST)
    run = begun(engine, "w")

    change(engine, "w")
    pass_time(engine, HOUR)

    assert ended(engine, run.id).outputs == {"version": "first"}


def test_so_it_does_over_a_restart(tmp_path, change, database_url):
    """PostgreSQL's own clock says what is due there, and a test cannot move it."""
    text, length = (FIRST, HOUR) if database_url.startswith("sqlite") else (FIRST.replace("1h", "3s"), timedelta())
    with running(tmp_path, database_url=database_url) as engine:
        workflow(engine, text)
        run = begun(engine, "w")
        change(engine, "w")

    with running(tmp_path, database_url=database_url) as engine:
        pass_time(engine, length)

        assert ended(engine, run.id).outputs == {"version": "first"}


def test_a_run_goes_on_whose_trigger_was_deleted(engine):
    trigger(engine)
    workflow(engine, FIRST)
    (event_id,) = deliver(engine).event_ids
    eventually(lambda: [run for run in engine.store.read(show.event_history, event_id).runs if run.due_at])

    setup.delete(engine, "t")
    pass_time(engine, HOUR)

    (run,) = runs_of(engine, event_id)
    assert (run.outcome, run.outputs) == (Outcome.SUCCEEDED, {"version": "first"})


def test_a_step_fails_in_words_when_the_trigger_is_deleted_for_whose_event_it_waits(engine):
    trigger(engine)
    workflow(engine, SCAN.replace("timeout: 1h", ""), "scan")
    run = begun(engine, "scan", {"scan": "s1"})

    setup.delete(engine, "t")
    pass_time(engine, timedelta(minutes=1))

    assert ended(engine, run.id).error["message"] == "the trigger whose event it waited for was deleted"


def test_a_parent_gets_what_the_version_gives_that_its_child_began_with(engine, change):
    workflow(engine, SLEEPS, "child")
    workflow(engine, PARENT, "parent")
    run = begun(engine, "parent")
    standing(engine, child_of(engine, run).id, Outcome.WAITING)

    change(engine, "child")
    pass_time(engine, HOUR)

    assert ended(engine, run.id).outputs == {"sub": {"double": 6}}


@pytest.fixture
def later(engine):
    """Return the run of a parent that waits before it runs its child."""
    workflow(engine, CHILD.replace("STEP", "{id: one, uses: core.log, with: {message: hello}}"), "child")
    first = "steps:\n  - {id: pause, uses: core.wait, with: {for: 1h}}"
    workflow(engine, PARENT.replace("steps:", first), "parent")
    return begun(engine, "parent")


@pytest.mark.parametrize("change", ["disabled", "deleted"], indirect=True)
def test_a_child_that_is_gone_before_it_starts_fails_the_step_in_words(engine, later, change):
    change(engine, "child")
    pass_time(engine, HOUR)

    assert "there is no enabled workflow 'child'" in ended(engine, later.id).error["message"]


def test_a_child_that_is_edited_before_it_starts_runs_as_it_is_then(engine, later):
    workflow(engine, CHILD.replace("STEP", "{uses: core.log, with: {message: hello}}").replace("* 2", "* 3"), "child")
    pass_time(engine, HOUR)

    assert ended(engine, later.id).outputs == {"sub": {"double": 9}}


def test_an_approval_is_decided_on_what_was_asked(engine):
    workflow(engine, ASK.replace("MORE", "quorum: 1"), "ask")
    run = begun(engine, "ask")

    delete(engine, "ask")
    (asked,) = engine.store.read(approvals.of_run, run.id)
    decide(engine, asked.approval, ALICE)

    assert ended(engine, run.id).outputs["answer"]["answer"] == "approved"
