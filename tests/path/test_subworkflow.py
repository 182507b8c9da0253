"""A workflow runs another: with its outputs, its failure, its end, and never without an end of its own."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine.actions.waiting import MAX_DEPTH
from engine.path.replay import Version, cancel, rerun
from engine.path.start import start
from engine.store import approvals, journal, show, signals
from engine.store.tables import runs
from engine.words import Outcome, WhenBusy
from tests.engines import ended, running, workflow
from tests.path.waiting import ASK, PARENT, begun, entry, pass_time
from tests.serving import eventually

pytestmark = pytest.mark.usefixtures("quick_sweeps")

CHILD = """
name: Child
on: {manual: true}
inputs: {n: {type: integer, required: true}}
steps:
  - STEP
outputs: {double: "${{ inputs.n * 2 }}"}
"""
ENDS = CHILD.replace("STEP", "{id: one, uses: core.log, with: {message: hello}}")
FAILS = CHILD.replace("STEP", "{id: one, uses: core.fail, with: {message: broken}}")
STOPS = CHILD.replace("STEP", "{id: one, uses: core.stop}")
SLEEPS = CHILD.replace("STEP", "{id: one, uses: core.wait, with: {for: 1h}}")


def played(engine, child: str, parent: str = PARENT):
    """Run the parent to its end."""
    workflow(engine, child, "child")
    workflow(engine, parent, "parent")
    return ended(engine, start(engine, "parent", {}).id)


def interrupt(connection, run_id):
    """Let a run wait for a person, as after a crash."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(outcome=Outcome.INTERRUPTED))


def child_of(engine, run):
    """Return the run that a run started, when there is one."""

    def look():
        with engine.store.reading() as connection:
            return connection.scalar(select(runs.c.id).where(runs.c.parent_id == run.id))

    return engine.store.read(show.run, eventually(look))


def test_the_output_is_the_other_run_s_outputs(engine):
    run = played(engine, ENDS)

    assert run.outputs == {"sub": {"double": 6}}
    assert (child_of(engine, run).parent_path, child_of(engine, run).depth) == ("sub", 1)


def test_a_step_that_does_not_wait_gives_the_id_of_the_run(engine):
    run = played(engine, SLEEPS, PARENT.replace("inputs: {n: 3}", "inputs: {n: 3}, wait: false"))

    assert run.outputs == {"sub": {"run": child_of(engine, run).id}}
    assert child_of(engine, run).finished_at is None


def test_what_runs_below_ask_people_is_asked_by_the_run_too_as_long_as_it_waits_for_them(engine):
    workflow(engine, ASK.replace("MORE", ""), "ask")
    workflow(engine, PARENT.replace("workflow: child, inputs: {n: 3}", "workflow: ask"), "child")
    workflow(engine, PARENT.replace("inputs: {n: 3}", "inputs: {}"), "parent")
    run = begun(engine, "parent")

    below = eventually(lambda: engine.store.read(approvals.open_of, run.id))
    child = child_of(engine, run)

    assert [asked.run.id for asked in below] == [child_of(engine, child).id]
    assert [each.id for each in engine.store.read(show.children, run.id)] == [child.id]
    cancel(engine, run.id)
    assert engine.store.read(approvals.open_of, run.id) == []


def test_what_a_run_asks_that_nobody_waits_for_is_its_own_affair(engine):
    workflow(engine, ASK.replace("MORE", ""), "child")
    run = played(engine, ASK.replace("MORE", ""), PARENT.replace("inputs: {n: 3}", "wait: false"))

    assert eventually(lambda: engine.store.read(approvals.open_of, child_of(engine, run).id))
    assert engine.store.read(approvals.open_of, run.id) == []


def test_a_failure_of_the_other_run_fails_the_step_and_says_which_run(engine):
    run = played(engine, FAILS)

    message = f"the run {child_of(engine, run).id} of the workflow 'child' ended as failed: broken"
    assert (run.outcome, run.error) == (Outcome.FAILED, {"step": "sub", "kind": "failed", "message": message})


def test_a_run_that_was_stopped_has_ended_well_and_gives_nothing(engine):
    assert played(engine, STOPS).outputs == {"sub": None}


def test_an_other_run_that_is_cancelled_fails_the_step(engine):
    workflow(engine, SLEEPS, "child")
    workflow(engine, PARENT, "parent")
    run = begun(engine, "parent")

    cancel(engine, child_of(engine, run).id)

    assert "ended as cancelled" in ended(engine, run.id).error["message"]


def test_who_is_cancelled_takes_the_run_along_that_it_waits_for(engine):
    workflow(engine, SLEEPS, "child")
    workflow(engine, PARENT, "parent")
    run = begun(engine, "parent")
    child = child_of(engine, run)

    cancel(engine, run.id)

    assert ended(engine, child.id).outcome is Outcome.CANCELLED


def test_a_step_whose_time_is_over_takes_the_run_along(engine):
    workflow(engine, SLEEPS, "child")
    workflow(engine, PARENT.replace("uses: core.run_workflow", "timeout: 10m\n    uses: core.run_workflow"), "parent")
    run = begun(engine, "parent")
    child = child_of(engine, run)

    pass_time(engine, timedelta(minutes=10))

    assert ended(engine, run.id).error["kind"] == "timeout"
    assert ended(engine, child.id).outcome is Outcome.CANCELLED


def test_inputs_that_do_not_fit_fail_the_step(engine):
    assert "n:" in played(engine, ENDS, PARENT.replace("n: 3", "n: three")).error["message"]


def test_a_workflow_that_is_not_there_fails_the_step_in_words(engine):
    run = played(engine, ENDS, PARENT.replace("workflow: child", "workflow: chidl"))

    assert run.error["message"] == "there is no enabled workflow 'chidl'; did you mean 'child'?"


def test_one_that_is_not_to_be_run_by_hand_is_not_run_by_others(engine):
    run = played(engine, ENDS.replace("manual: true", "trigger: t"))

    assert "write `manual: true`" in run.error["message"]


def test_a_workflow_that_runs_itself_comes_to_an_end(engine):
    itself = PARENT.replace("workflow: child, inputs: {n: 3}", "workflow: parent")
    run = played(engine, ENDS, itself)

    assert f"{MAX_DEPTH} runs stand above one another" in run.error["message"]


def test_a_child_that_is_repeated_is_nobody_s_child(engine):
    workflow(engine, SLEEPS, "child")
    workflow(engine, PARENT, "parent")
    run = begun(engine, "parent")
    first = child_of(engine, run)
    workflow(engine, ENDS, "child")

    again = ended(engine, rerun(engine, first.id, first=None, version=Version.CURRENT).id)

    assert (again.outcome, again.parent_id, again.parent_path, again.depth) == (Outcome.SUCCEEDED, None, None, 0)
    assert engine.store.read(signals.of_runs, [run.id]) == {}
    assert {engine.store.read(show.run, one.id).outcome for one in (run, first)} == {Outcome.WAITING}


def test_a_repeated_child_outlives_the_parent_of_the_first(engine):
    workflow(engine, SLEEPS, "child")
    workflow(engine, PARENT, "parent")
    run = begun(engine, "parent")
    again = rerun(engine, child_of(engine, run).id, first=None, version=Version.SAME)

    cancel(engine, run.id)

    assert ended(engine, child_of(engine, run).id).outcome is Outcome.CANCELLED
    assert engine.store.read(show.run, again.id).finished_at is None


def test_an_interrupted_child_that_is_repeated_still_answers_its_parent(tmp_path):
    with running(tmp_path) as engine:
        workflow(engine, SLEEPS, "child")
        workflow(engine, PARENT, "parent")
        run = begun(engine, "parent")
        first = child_of(engine, run)
        eventually(lambda: engine.store.read(show.run, first.id).outcome is Outcome.WAITING)  # whoever has it writes it
        workflow(engine, ENDS, "child")
        engine.store.write(interrupt, first.id)

        rerun(engine, first.id, first=None, version=Version.CURRENT)

        assert ended(engine, run.id).outputs == {"sub": {"double": 6}}


RETRY = "retry: {attempts: 2, wait: 1m, when: [failed, invalid]}"
AGAIN = PARENT.replace("uses: core.run_workflow", f"uses: core.run_workflow\n    {RETRY}")


def test_a_retry_starts_another_run_when_the_first_has_failed(engine):
    workflow(engine, FAILS, "child")
    workflow(engine, AGAIN, "parent")
    run = start(engine, "parent", {})
    eventually(lambda: failed_once(engine, run))
    workflow(engine, ENDS, "child")

    pass_time(engine, timedelta(minutes=1))

    assert ended(engine, run.id).outputs == {"sub": {"double": 6}}
    assert [child.outcome for child in children(engine, run)] == [Outcome.FAILED, Outcome.SUCCEEDED]
    assert entry(engine, run.id, "sub").attempts == 2


def test_the_last_failure_counts_when_no_retry_is_left(engine):
    workflow(engine, FAILS, "child")
    workflow(engine, AGAIN, "parent")
    run = start(engine, "parent", {})
    eventually(lambda: failed_once(engine, run))

    pass_time(engine, timedelta(minutes=1))

    message = ended(engine, run.id).error["message"]
    _, last = children(engine, run)
    assert message == f"the run {last.id} of the workflow 'child' ended as failed: broken"


def test_a_retry_of_a_run_that_could_not_be_asked_for_waits_for_no_run(engine):
    workflow(engine, ENDS, "child")
    workflow(engine, AGAIN.replace("{n: 3}", "'${{ 5 }}'"), "parent")
    run = start(engine, "parent", {})
    eventually(lambda: failed_once(engine, run))

    pass_time(engine, timedelta(minutes=1))

    assert ended(engine, run.id).error["kind"] == "invalid"
    assert (children(engine, run), entry(engine, run.id, "sub").attempts) == ([], 2)


def failed_once(engine, run):
    """Tell whether the run waits for the next attempt of its step."""
    steps = engine.store.read(journal.entries_of, [run.id]).get(run.id)
    return steps and steps[0].outcome is Outcome.WAITING and steps[0].error


def children(engine, run):
    """Return the runs that a run started, in their order."""
    with engine.store.reading() as connection:
        found = connection.scalars(select(runs.c.id).where(runs.c.parent_id == run.id).order_by(runs.c.id)).all()
    return [engine.store.read(show.run, one) for one in found]


#: Runs ``b``, unless ``b`` runs it.
UPPER = """
name: A
on: {manual: true}
inputs: {n: {type: integer, default: 0}, key: {type: string, default: k}}
limits: {runs_per: "${{ inputs.key }}", when_busy: BUSY}
steps: [{id: go, uses: core.run_workflow, if: inputs.n < 1, with: {workflow: b}}]
"""
LOWER = """
name: B
on: {manual: true}
steps: [{id: go, uses: core.run_workflow, with: {workflow: a, inputs: {n: 1}}}]
"""


@pytest.mark.parametrize("busy", WhenBusy)
def test_runs_that_would_wait_for_each_other_fail_in_words(tmp_path, database_url, busy):
    with running(tmp_path, database_url=database_url) as engine:
        workflow(engine, LOWER, "b")
        workflow(engine, UPPER.replace("BUSY", busy), "a")

        run = ended(engine, start(engine, "a", {}).id)

        assert run.outcome is Outcome.FAILED
        assert f"it would wait for the end of {run.id}, which waits for it" in run.error["message"]


def test_a_parent_waits_through_a_restart(tmp_path):
    with running(tmp_path) as engine:
        workflow(engine, SLEEPS, "child")
        workflow(engine, PARENT, "parent")
        run = begun(engine, "parent")

    with running(tmp_path) as engine:
        pass_time(engine, timedelta(hours=1))

        assert ended(engine, run.id).outputs == {"sub": {"double": 6}}
        assert entry(engine, run.id, "sub").attempts == 1
