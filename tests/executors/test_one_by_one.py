"""``limits.runs_per``: of the runs with one value, one runs at a time, from the event to the end."""

from datetime import timedelta

import pytest

from engine.executors import embedded
from engine.path.replay import Version, cancel, rerun
from engine.path.start import start
from engine.store import show
from engine.words import Outcome
from tests.engines import deliver, running, runs_of, trigger, workflow
from tests.serving import eventually

WAITS = """
name: W
on: {{trigger: t, manual: true}}
inputs: {{key: {{type: string}}}}
limits: {{runs_per: "${{{{ {value} }}}}", when_busy: {busy}}}
steps:
  - {{id: pause, uses: core.wait, with: {{for: {length}}}}}
"""


@pytest.fixture
def engine(tmp_path):
    with running(tmp_path) as engine:
        trigger(engine)
        yield engine


def _runs(engine, event):
    return eventually(lambda: engine.store.read(show.event_history, event).runs)


def _put(engine, busy="queue", length="1h", value="event.data.n"):
    workflow(engine, WAITS.format(busy=busy, length=length, value=value))


def _deliver(engine, number):
    return deliver(engine, b'{"n": %d}' % number).event_ids[0]


def _outcome(engine, event):
    return _runs(engine, event)[0].outcome


def test_runs_of_one_value_follow_each_other_and_others_run_beside_them(engine):
    _put(engine, length="300ms")
    events = [_deliver(engine, number) for number in (1, 1, 2, 1)]

    first, second, beside, third = (runs_of(engine, event)[0] for event in events)

    assert {run.outcome for run in (first, second, beside, third)} == {Outcome.SUCCEEDED}
    assert first.finished_at <= second.started_at
    assert second.finished_at <= third.started_at
    assert beside.started_at < second.started_at


def test_one_that_skips_is_recorded_as_skipped(engine):
    _put(engine, busy="skip")
    first, second = _deliver(engine, 1), _deliver(engine, 1)

    run = runs_of(engine, second)[0]

    assert run.outcome is Outcome.SKIPPED
    assert _runs(engine, first)[0].id in run.error["message"]
    eventually(lambda: _outcome(engine, first) is Outcome.WAITING)


def test_one_that_replaces_takes_the_place_of_the_first(engine):
    _put(engine, busy="replace")
    first = _deliver(engine, 1)
    eventually(lambda: _outcome(engine, first) is Outcome.WAITING)

    second = _deliver(engine, 1)

    assert runs_of(engine, first)[0].outcome is Outcome.CANCELLED
    eventually(lambda: _outcome(engine, second) is Outcome.WAITING)


def test_the_next_begins_when_a_person_cancels_the_first(engine):
    _put(engine)
    first, second = _deliver(engine, 1), _deliver(engine, 1)
    eventually(lambda: _outcome(engine, first) is Outcome.WAITING)

    cancel(engine, _runs(engine, first)[0].id)

    eventually(lambda: _outcome(engine, second) is Outcome.WAITING)


def test_the_next_of_one_that_a_person_cancels_does_not_wait_for_the_sweep(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "SWEEP", timedelta(hours=1))
    with running(tmp_path) as engine:
        _put(engine, value="inputs.key")
        first, second = (start(engine, "w", {"key": "a"}) for _ in range(2))
        eventually(lambda: engine.store.read(show.run, first.id).outcome is Outcome.WAITING)

        cancel(engine, first.id)

        assert eventually(lambda: engine.store.read(show.run, second.id).outcome is Outcome.WAITING)


@pytest.mark.parametrize(("busy", "outcome"), [("skip", Outcome.SKIPPED), ("replace", Outcome.CANCELLED)])
def test_runs_that_make_way_are_counted(engine, busy, outcome):
    _put(engine, busy=busy, value="inputs.key")
    first = start(engine, "w", {"key": "a"})
    eventually(lambda: engine.store.read(show.run, first.id).outcome is Outcome.WAITING)

    start(engine, "w", {"key": "a"})

    assert eventually(lambda: engine.metrics.runs.labels(outcome)._value.get() == 1)


def test_runs_by_hand_count_too_by_their_inputs(engine):
    _put(engine, busy="skip", value="inputs.key")

    first, second = (start(engine, "w", {"key": "a"}) for _ in range(2))

    eventually(lambda: engine.store.read(show.run, second.id).outcome is Outcome.SKIPPED)
    eventually(lambda: engine.store.read(show.run, first.id).outcome is Outcome.WAITING)


def test_a_value_that_is_not_there_fails_the_run_with_its_path(engine):
    _put(engine, value="event.data.account")

    run = runs_of(engine, _deliver(engine, 1))[0]

    assert run.outcome is Outcome.FAILED
    assert run.error["message"].startswith("limits.runs_per: `event.data.account` is not there")


def test_values_that_are_long_are_told_apart_all_the_same(engine):
    _put(engine, value="event.data.n")
    first, second = (deliver(engine, b'{"n": "%s%d"}' % (b"x" * 5000, number)) for number in (1, 2))

    for sent in (first, second):
        eventually(lambda sent=sent: _outcome(engine, sent.event_ids[0]) is Outcome.WAITING)


def test_a_restart_changes_nothing_about_whose_turn_it_is(tmp_path):
    with running(tmp_path) as engine:
        trigger(engine)
        _put(engine)
        first, second = _deliver(engine, 1), _deliver(engine, 1)
        eventually(lambda: _outcome(engine, first) is Outcome.WAITING)

    with running(tmp_path) as engine:
        third = _deliver(engine, 1)
        eventually(lambda: _outcome(engine, third) is Outcome.QUEUED)
        assert _outcome(engine, second) is Outcome.QUEUED
        cancel(engine, _runs(engine, first)[0].id)

        eventually(lambda: _outcome(engine, second) is Outcome.WAITING)
        assert _outcome(engine, third) is Outcome.QUEUED


def test_a_run_that_is_repeated_takes_its_turn_with_the_value_that_it_has_now(engine):
    _put(engine, busy="skip", value="inputs.key")
    first = start(engine, "w", {"key": "a"})
    eventually(lambda: engine.store.read(show.run, first.id).outcome is Outcome.WAITING)

    again = rerun(engine, first.id, first=None, version=Version.SAME)

    assert eventually(lambda: engine.store.read(show.run, again.id).finished_at)
    assert engine.store.read(show.run, again.id).outcome is Outcome.SKIPPED


@pytest.mark.parametrize("key", ["a\\u0000b", "x"])
def test_a_value_that_no_database_keeps_is_told_apart_all_the_same(engine, key):
    _put(engine, busy="skip")
    first, second = (deliver(engine, b'{"n": "%s"}' % key.encode()).event_ids[0] for _ in range(2))

    assert runs_of(engine, second)[0].outcome is Outcome.SKIPPED
    assert _outcome(engine, first) is Outcome.WAITING
