"""A paused trigger holds what would run; resuming runs or skips it, in order, and decides nothing twice."""

import pytest
from sqlalchemy.event import listen

from engine.app import build_resting
from engine.errors import Conflict, NotFound
from engine.executors.embedded import Embedded
from engine.path import publish as publishing
from engine.path.publish import pause, publish, resume
from engine.path.release import release_event
from engine.settings import Settings
from engine.store import show
from engine.words import Held, OnUnknown, Outcome, Reason, TriggerState
from tests.engines import deliver, running, runs_of, trigger, workflow


def _runs(engine, sent):
    (event_id,) = sent.event_ids
    return runs_of(engine, event_id)


def test_a_published_draft_starts_workflows(engine):
    trigger(engine, draft=True)
    workflow(engine)

    publish(engine, "t")

    assert [run.outcome for run in _runs(engine, deliver(engine))] == [Outcome.SUCCEEDED]


def test_a_paused_trigger_receives_and_starts_nothing(engine):
    trigger(engine)
    workflow(engine)
    pause(engine, "t")

    sent = deliver(engine)

    assert (sent.reply.status, sent.delivery.reason) == (202, Reason.HELD)
    assert _runs(engine, sent) == ()


def test_resuming_runs_what_was_held_in_order(engine):
    trigger(engine)
    workflow(engine)
    pause(engine, "t")
    held = [deliver(engine) for _ in range(3)]

    shown, started = resume(engine, "t", Held.RUN)

    assert shown.state is TriggerState.PUBLISHED
    assert started == [_runs(engine, sent)[0].id for sent in held]


def test_what_one_read_does_not_take_is_released_with_the_next(engine, monkeypatch):
    monkeypatch.setattr(publishing, "BATCH", 2)
    trigger(engine)
    workflow(engine)
    workflow(engine, name="v")
    pause(engine, "t")
    held = [deliver(engine) for _ in range(3)]

    _, started = resume(engine, "t", Held.RUN)

    assert sorted(started) == sorted(run.id for sent in held for run in _runs(engine, sent))
    assert len(started) == 6


@pytest.mark.parametrize("decision", list(Held))
def test_many_that_were_held_are_decided_in_few_commits(tmp_path, decision):
    with running(tmp_path) as engine:
        trigger(engine)
        workflow(engine)
        pause(engine, "t")
        for sent in [deliver(engine) for _ in range(40)]:
            _runs(engine, sent)
    commits = []
    with build_resting(Settings.load({}, tmp_path, threads=2)) as engine:
        listen(engine.store.database.writing, "commit", commits.append)

        _, started = resume(engine, "t", decision)

    assert len(started) == (40 if decision is Held.RUN else 0)
    assert len(commits) < 10


def test_resuming_can_skip_what_was_held(engine):
    trigger(engine)
    workflow(engine)
    pause(engine, "t")
    held = deliver(engine)

    _, started = resume(engine, "t", Held.SKIP)

    assert started == []
    assert _runs(engine, held) == ()
    assert len(_runs(engine, deliver(engine))) == 1


def test_what_was_taken_before_and_not_matched_yet_is_skipped_too(engine, monkeypatch):
    trigger(engine)
    workflow(engine)
    pause(engine, "t")
    late, accept = [], Embedded.accept
    monkeypatch.setattr(Embedded, "accept", lambda _, events: late.extend(events))
    monkeypatch.setattr(publishing, "sleep", lambda _: accept(engine.executor, late))
    held = deliver(engine)

    _, started = resume(engine, "t", Held.SKIP)

    assert started == []
    assert _runs(engine, held) == ()


def test_resuming_again_starts_nothing_twice(engine):
    trigger(engine)
    workflow(engine)
    pause(engine, "t")
    held = deliver(engine)
    resume(engine, "t", Held.RUN)

    _, again = resume(engine, "t", Held.RUN)

    assert again == []
    assert len(_runs(engine, held)) == 1


def test_the_ledger_keeps_that_a_match_was_held_and_what_was_decided(engine):
    trigger(engine)
    workflow(engine)
    pause(engine, "t")
    held = deliver(engine)

    _, (run_id,) = resume(engine, "t", Held.RUN)

    history = engine.store.read(show.event_history, held.event_ids[0])
    assert [match.held for match in history.matches] == [True]
    assert (history.decisions["w"].action, history.decisions["w"].run_id) == ("run", run_id)


def test_what_is_in_quarantine_is_left_to_a_person(engine):
    trigger(engine, condition="event.data.severity == 'high'", on_unknown=OnUnknown.QUARANTINE)
    workflow(engine)
    quarantined = deliver(engine)
    _runs(engine, quarantined)
    pause(engine, "t")

    _, started = resume(engine, "t", Held.RUN)

    assert started == []
    (run_id,) = release_event(engine, quarantined.event_ids[0], Held.RUN)
    assert [run.id for run in _runs(engine, quarantined)] == [run_id]


def test_an_event_that_is_not_there_cannot_be_released(engine):
    with pytest.raises(NotFound):
        release_event(engine, "evt_nobody", Held.RUN)


@pytest.mark.parametrize(
    ("draft", "deed"),
    [
        (True, lambda engine: pause(engine, "t")),
        (True, lambda engine: resume(engine, "t", Held.RUN)),
        (False, lambda engine: (pause(engine, "t"), publish(engine, "t"))),
    ],
    ids=["pausing a draft", "resuming a draft", "publishing what is paused"],
)
def test_what_makes_no_sense_is_refused(engine, draft, deed):
    trigger(engine, draft=draft)

    with pytest.raises(Conflict):
        deed(engine)
