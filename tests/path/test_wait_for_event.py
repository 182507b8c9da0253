"""A step waits for a later event: the one that fits, whenever it came since, and once."""

import json
from datetime import timedelta

import pytest

from engine.clock import rfc3339
from engine.executors import waking
from engine.path import setup, wake
from engine.path.explain import explain
from engine.path.publish import pause, resume
from engine.path.start import start
from engine.path.workflows import enable
from engine.store import event_waits, show, signals
from engine.store.event_waits import Spot
from engine.words import Held, OnUnknown, Outcome
from tests.engines import LOGS, deliver, ended, running, trigger, workflow
from tests.path.waiting import EVER, SCAN, begun, entry, pass_time
from tests.serving import eventually

HOUR = timedelta(hours=1)


def tell(engine, scan: str, state: str = "completed", found: object = 1) -> str:
    """Deliver what the scanner says, and return the event."""
    body = json.dumps({"scan": scan, "state": state, "found": found}).encode()
    (event_id,) = deliver(engine, body).event_ids
    return event_id


def looking_back(engine) -> set[str]:
    """Return the runs whose waits are still to be looked back for."""
    return {wait.run_id for wait in engine.store.read(event_waits.not_looked_back, engine.clock.now(), 10)}


def asked_about(engine, *events: str) -> None:
    """Wait until the trigger, and after it the waiting steps, were asked about events."""
    eventually(lambda: all(engine.store.read(show.event_history, one).event.matched_at for one in events))
    eventually(lambda: engine.store.read(event_waits.uncorrelated, 1) == [])


@pytest.fixture
def scanning(engine):
    trigger(engine)
    workflow(engine, SCAN, "scan")
    return engine


def test_the_event_that_fits_ends_the_wait_and_is_the_output(scanning):
    run = begun(scanning, "scan", {"scan": "s1"})

    event_id = tell(scanning, "s1", found=7)

    assert ended(scanning, run.id).outputs == {"found": 7}
    assert entry(scanning, run.id, "done").output["id"] == event_id


def test_events_that_do_not_fit_leave_the_run_waiting(scanning):
    run = begun(scanning, "scan", {"scan": "s1"})

    for scan, state in (("s2", "completed"), ("s1", "running"), ("s1", "completed")):
        tell(scanning, scan, state, found=state)

    assert ended(scanning, run.id).outputs == {"found": "completed"}


def test_an_event_of_another_type_is_not_the_one(engine):
    trigger(engine)
    workflow(engine, SCAN.replace("event: custom.*", "event: [other.*, more]"), "scan")
    run = begun(engine, "scan", {"scan": "s1"})

    event_id = tell(engine, "s1")

    asked_about(engine, event_id)
    assert engine.store.read(signals.of_runs, [run.id]) == {}
    assert engine.store.read(show.run, run.id).outcome is Outcome.WAITING


def test_each_run_gets_its_own_event(scanning):
    runs = {scan: begun(scanning, "scan", {"scan": scan}) for scan in ("s1", "s2", "s3")}

    for scan in ("s3", "s1", "s2"):
        tell(scanning, scan, found=scan)

    assert {scan: ended(scanning, run.id).outputs["found"] for scan, run in runs.items()} == {s: s for s in runs}


def test_an_event_that_came_before_the_wait_is_not_missed(engine):
    trigger(engine)
    since = SCAN.replace("trigger: t\n", "trigger: t\n      since: '2020-01-01T00:00:00Z'\n", 1)
    workflow(engine, since, "scan")

    tell(engine, "s1", found="early")
    run = start(engine, "scan", {"scan": "s1"})

    assert ended(engine, run.id).outputs == {"found": "early"}


def test_without_since_an_event_before_the_step_does_not_count(scanning):
    tell(scanning, "s1", found="early")
    run = begun(scanning, "scan", {"scan": "s1"})

    tell(scanning, "s1", found="late")

    assert ended(scanning, run.id).outputs == {"found": "late"}


@pytest.mark.parametrize("early", [True, False], ids=["looked back", "correlated"])
def test_the_event_says_whose_wait_it_ended(engine, early):
    trigger(engine)
    workflow(engine, EVER, "ever")
    before = deliver(engine).event_ids if early else ()
    run = start(engine, "ever", {}) if early else begun(engine, "ever")
    (event_id,) = before or deliver(engine).event_ids

    assert ended(engine, run.id).outputs == {"found": event_id}

    explained = explain(engine, event_id)
    assert [(wait.run_id, wait.path) for wait in explained.history.ended_waits] == [(run.id, "done")]
    assert explained.stages[-1].words == f"It ended the wait of {run.id}, step done."
    assert not any("Nobody was asked" in stage.words for stage in explained.stages)


def test_a_second_event_changes_nothing(scanning):
    run = begun(scanning, "scan", {"scan": "s1"})

    tell(scanning, "s1", found="first")
    tell(scanning, "s1", found="second")

    assert ended(scanning, run.id).outputs == {"found": "first"}
    assert scanning.store.read(event_waits.awaited_triggers) == frozenset()


def test_the_step_fails_when_its_time_is_over_and_waits_for_nothing_any_more(scanning):
    run = begun(scanning, "scan", {"scan": "s1"})

    pass_time(scanning, HOUR)

    assert ended(scanning, run.id).error["kind"] == "timeout"
    assert scanning.store.read(event_waits.awaited_triggers) == frozenset()


def test_what_a_paused_trigger_holds_ends_the_wait_when_it_is_let_run(scanning):
    run = begun(scanning, "scan", {"scan": "s1"})
    pause(scanning, "t")
    tell(scanning, "s1", found="held")

    resume(scanning, "t", Held.RUN)

    assert ended(scanning, run.id).outputs == {"found": "held"}


#: Lets through what is trusted, and cannot tell of what does not say.
TRUSTED = {"condition": "event.data.trusted == true"}


@pytest.mark.parametrize(
    ("body", "on_unknown"),
    [(b'{"trusted": false}', OnUnknown.RUN), (b"{}", OnUnknown.DROP), (b"{}", OnUnknown.QUARANTINE)],
    ids=["refused", "dropped", "in quarantine"],
)
@pytest.mark.parametrize("early", [True, False], ids=["looked back", "correlated"])
def test_what_the_trigger_does_not_let_through_ends_no_wait(engine, body, on_unknown, early):
    trigger(engine, **TRUSTED, on_unknown=on_unknown)
    workflow(engine, EVER, "ever")
    before = deliver(engine, body).event_ids if early else ()
    run = begun(engine, "ever")
    sent = *before, *deliver(engine, body).event_ids

    asked_about(engine, *sent)
    (good,) = deliver(engine, b'{"trusted": true}').event_ids

    assert ended(engine, run.id).outputs == {"found": good}


def test_an_unknown_answer_ends_a_wait_where_the_trigger_lets_it_run(engine):
    trigger(engine, **TRUSTED, on_unknown=OnUnknown.RUN)
    workflow(engine, EVER, "ever")
    run = begun(engine, "ever")

    (event_id,) = deliver(engine, b"{}").event_ids

    assert ended(engine, run.id).outputs == {"found": event_id}


def test_what_was_refused_stays_so_when_the_condition_changes(engine):
    trigger(engine, **TRUSTED)
    workflow(engine, EVER, "ever")
    (refused,) = deliver(engine, b'{"trusted": false}').event_ids
    asked_about(engine, refused)

    setup.change(engine, "t", {"condition": None})
    run = begun(engine, "ever")
    (event_id,) = deliver(engine, b'{"trusted": false}').event_ids

    assert ended(engine, run.id).outputs == {"found": event_id}


@pytest.mark.parametrize("started", [LOGS, EVER], ids=["a workflow held it", "only steps wait"])
def test_what_a_pause_held_and_a_person_skipped_ends_no_wait(tmp_path, database_url, started):
    with running(tmp_path, database_url=database_url) as engine:
        trigger(engine)
        workflow(engine, EVER, "ever")
        workflow(engine, started)
        pause(engine, "t")
        deliver(engine)
        resume(engine, "t", Held.SKIP)

        run = begun(engine, "ever")
        (event_id,) = deliver(engine).event_ids

        assert ended(engine, run.id).outputs == {"found": event_id}


def test_what_one_pause_let_run_is_not_skipped_with_what_the_next_held(engine):
    trigger(engine)
    workflow(engine, EVER, "ever")
    pause(engine, "t")
    (event_id,) = deliver(engine).event_ids
    resume(engine, "t", Held.RUN)

    pause(engine, "t")
    resume(engine, "t", Held.SKIP)

    assert ended(engine, start(engine, "ever", {}).id).outputs == {"found": event_id}


def test_a_run_that_waited_through_a_restart_gets_its_event(tmp_path):
    with running(tmp_path) as engine:
        trigger(engine)
        workflow(engine, SCAN, "scan")
        run = begun(engine, "scan", {"scan": "s1"})

    with running(tmp_path) as engine:
        tell(engine, "s1", found="after")

        assert ended(engine, run.id).outputs == {"found": "after"}


def test_a_trigger_that_is_not_there_fails_the_step_in_words(engine):
    workflow(engine, SCAN.replace("trigger: t", "trigger: tt"), "scan")
    trigger(engine)

    run = ended(engine, start(engine, "scan", {"scan": "s1"}).id)

    assert run.error["message"] == "there is no trigger 'tt'; did you mean 't'?"


#: Waits for any event of ``t`` above a number: no index finds it.
ABOVE = """
name: Above
on: {manual: true}
inputs: {n: {type: integer, required: true}}
steps:
  - {id: done, uses: core.wait_for_event, with: {trigger: t, if: event.data.n > inputs.n}}
"""


def test_waits_of_a_disabled_workflow_keep_no_other_from_its_look_back(engine, monkeypatch):
    monkeypatch.setattr(waking, "ROOM", 2)
    trigger(engine)
    trigger(engine, name="u")
    workflow(engine, SCAN.replace("trigger: t", "trigger: u").replace("1h", "2h"), "never-done")
    for number in range(4):
        begun(engine, "never-done", {"scan": str(number)})
    enable(engine, "never-done", enabled=False)
    workflow(engine, SCAN, "scan")
    run = begun(engine, "scan", {"scan": "s1"})

    pass_time(engine, timedelta(minutes=1))

    assert eventually(lambda: run.id not in looking_back(engine))


def test_what_becomes_true_by_the_time_alone_ends_the_wait(engine):
    trigger(engine)
    late = f"event.data.late == (now() > time('{rfc3339(engine.clock.now() + timedelta(minutes=1))}'))"
    workflow(engine, ABOVE.replace("event.data.n > inputs.n", f'"{late}"'), "above")
    run = begun(engine, "above", {"n": 0})
    pass_time(engine, wake.UNAWARE)
    assert eventually(lambda: run.id not in looking_back(engine))

    pass_time(engine, timedelta(minutes=2))
    deliver(engine, b'{"late": true}')

    assert ended(engine, run.id).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("turn", [0, 10])
def test_waits_that_no_index_finds_are_asked_a_page_after_the_other(engine, monkeypatch, turn):
    monkeypatch.setattr(wake, "PAGE", 2)
    monkeypatch.setattr(waking, "TURN", turn)
    trigger(engine)
    workflow(engine, ABOVE, "above")
    below, beyond = ([begun(engine, "above", {"n": n}).id for n in numbers] for numbers in ((1, 2, 3, 4, 5), (9, 10)))

    deliver(engine, b'{"n": 7}')

    assert {ended(engine, run).outcome for run in below} == {Outcome.SUCCEEDED}
    assert eventually(lambda: engine.store.read(event_waits.uncorrelated, 10) == [])
    assert {engine.store.read(show.run, run).outcome for run in beyond} == {Outcome.WAITING}


def test_a_page_of_waits_says_where_the_next_begins(engine, monkeypatch):
    monkeypatch.setattr(wake, "PAGE", 2)
    trigger(engine)
    workflow(engine, ABOVE, "above")
    for number in (1, 2, 3):
        begun(engine, "above", {"n": number})
    (event_id,) = deliver(engine, b'{"n": 0}').event_ids

    first = wake.correlate(engine, event_id, Spot())
    second = wake.correlate(engine, event_id, first.after)

    assert (first.after.key_of, bool(first.after.run_id), second.after) == ("", True, None)
