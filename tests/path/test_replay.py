"""An event happens again as new runs; a run is ended, or repeated from a step on."""

import pytest

from engine.errors import Conflict, Invalid, InvalidInputs, NotFound
from engine.path.publish import pause
from engine.path.replay import Version, cancel, replay, rerun
from engine.path.setup import delete
from engine.path.start import start
from engine.store import journal, show
from engine.words import Outcome
from tests.engines import LOGS, WAITS, deliver, ended, runs_of, standing, trigger, workflow
from tests.serving import eventually


@pytest.fixture
def event_id(engine) -> str:
    """Return an event that the workflow ``w`` has run for."""
    trigger(engine)
    workflow(engine)
    (sent,) = deliver(engine, b'{"asset": "www"}').event_ids
    runs_of(engine, sent)
    return sent


def _entries(engine, run):
    return {entry.path: entry for entry in engine.store.read(journal.entries_of, [run.id])[run.id]}


def test_a_replayed_event_gets_a_new_run(engine, event_id):
    replayed = replay(engine, event_id)

    assert [run.id for run in runs_of(engine, event_id)][1:] == replayed.runs


def test_a_replay_asks_the_workflows_as_they_are_now(engine, event_id):
    version = workflow(engine, LOGS.replace("trigger: t,", "trigger: t, if: event.data.asset == 'www',"))
    workflow(engine, LOGS.replace("trigger: t,", "trigger: t, if: event.data.asset == 'api',"), "other")

    replayed = replay(engine, event_id)

    assert replayed.workflows == ["w"]
    assert runs_of(engine, event_id)[-1].version == version


def test_a_dry_run_says_who_would_start_and_starts_nothing(engine, event_id):
    replayed = replay(engine, event_id, dry_run=True)

    assert (replayed.workflows, replayed.runs) == (["w"], [])
    assert len(runs_of(engine, event_id)) == 1


def test_what_was_held_runs_when_a_person_replays_it(engine):
    trigger(engine)
    workflow(engine)
    pause(engine, "t")
    (event_id,) = deliver(engine).event_ids

    assert len(replay(engine, event_id).runs) == 1


def test_nobody_answers_for_a_deleted_trigger(engine, event_id):
    delete(engine, "t")

    assert replay(engine, event_id).workflows == []


def test_an_event_that_is_not_there_is_not_replayed(engine):
    with pytest.raises(NotFound):
        replay(engine, "evt_nobody")


def test_a_cancelled_run_ends_at_once_with_its_steps(engine):
    trigger(engine)
    workflow(engine, WAITS)
    (event_id,) = deliver(engine).event_ids
    (run,) = eventually(lambda: engine.store.read(show.event_history, event_id).runs)
    standing(engine, run.id, Outcome.WAITING)

    cancelled = cancel(engine, run.id)

    assert cancelled.outcome is Outcome.CANCELLED
    assert {path: entry.outcome for path, entry in _entries(engine, run).items()} == {
        "first": Outcome.SUCCEEDED,
        "pause": Outcome.CANCELLED,
    }


def test_a_run_that_has_ended_is_not_cancelled(engine, event_id):
    (run,) = runs_of(engine, event_id)

    with pytest.raises(Conflict):
        cancel(engine, run.id)


def test_a_repeated_run_is_a_new_one_for_the_same_event(engine, event_id):
    (run,) = runs_of(engine, event_id)

    again = ended(engine, rerun(engine, run.id, first=None, version=Version.SAME).id)

    assert (again.rerun_of, again.event_id, again.version) == (run.id, event_id, run.version)
    assert again.outcome is Outcome.SUCCEEDED


def test_from_a_step_on_the_steps_before_are_taken_over(engine, event_id):
    (run,) = runs_of(engine, event_id)

    again = ended(engine, rerun(engine, run.id, first="second", version=Version.SAME).id)

    before, after = _entries(engine, run), _entries(engine, again)
    assert after["first"].finished_at == before["first"].finished_at
    assert after["second"].started_at > before["second"].started_at
    assert again.outputs == run.outputs


def test_a_run_is_repeated_with_the_present_version_when_one_says_so(engine, event_id):
    (run,) = runs_of(engine, event_id)
    version = workflow(engine, LOGS.replace("hello", "goodbye"))

    again = ended(engine, rerun(engine, run.id, first="second", version=Version.CURRENT).id)

    assert again.version == version
    assert _entries(engine, again)["second"].input["message"] == "goodbye"


def test_a_step_that_failed_before_is_not_taken_over(engine):
    trigger(engine)
    workflow(
        engine, LOGS.replace("uses: core.set", "uses: core.fail").replace('values: "${{ inputs }}"', "message: no")
    )
    (event_id,) = deliver(engine).event_ids
    (run,) = runs_of(engine, event_id)

    again = ended(engine, rerun(engine, run.id, first="second", version=Version.SAME).id)

    assert _entries(engine, again)["first"].started_at > _entries(engine, run)["first"].started_at


def test_there_is_no_beginning_at_a_step_that_is_not_there(engine, event_id):
    (run,) = runs_of(engine, event_id)

    with pytest.raises(Invalid) as refused:
        rerun(engine, run.id, first="third", version=Version.SAME)

    assert refused.value.field == "from"


def test_inputs_that_the_present_version_does_not_take_are_told(engine):
    workflow(engine)
    run = ended(engine, start(engine, "w", {"asset": "www"}).id)
    workflow(engine, LOGS.replace("asset: {type: string, default: none}", "host: {type: string, required: true}"))

    with pytest.raises(InvalidInputs) as refused:
        rerun(engine, run.id, first=None, version=Version.CURRENT)

    assert refused.value.wrong == {"asset": "the workflow has no such input", "host": "it must be given"}
    assert ended(engine, rerun(engine, run.id, first=None, version=Version.SAME).id).inputs == {"asset": "www"}
