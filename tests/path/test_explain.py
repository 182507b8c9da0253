"""An explanation tells the whole way of an event: the verdict, the answers with their trees, the runs."""

from datetime import timedelta

import pytest

from engine.errors import NotFound
from engine.path.explain import explain
from engine.path.listen import listen
from engine.path.publish import pause, resume
from engine.path.replay import Version, replay, rerun
from engine.path.send import Parcel, send
from engine.path.workflows import enable
from engine.store.show import event_history
from engine.words import Held
from tests.engines import LOGS, deliver, runs_of, trigger, workflow

ASKS = LOGS.replace("trigger: t,", "trigger: t, if: event.data.n > 1,")


def _words(engine, sent):
    (event_id,) = sent.event_ids
    runs_of(engine, event_id)
    return [stage.words for stage in explain(engine, event_id).stages]


def test_the_stages_of_a_run_come_in_order(engine):
    trigger(engine)
    workflow(engine)

    stages = _words(engine, deliver(engine))

    assert [words.split()[0:2] for words in stages] == [
        ["A", "delivery"],
        ["The", "trigger"],
        ["The", "workflow"],
        ["The", "run"],
    ]


def test_an_answer_has_its_tree_also_when_it_is_no(engine):
    trigger(engine)
    workflow(engine, ASKS)
    (event_id,) = deliver(engine, b'{"n": 1}').event_ids
    runs_of(engine, event_id)

    (match,) = explain(engine, event_id).history.matches

    assert (match.answer, match.explanation["parts"][0]["value"]) == ("no", 1)


def test_what_is_unknown_says_which_path_was_not_there(engine):
    trigger(engine)
    workflow(engine, ASKS)

    stages = _words(engine, deliver(engine, b'{"m": 1}'))

    assert any("`event.data.n` is not there" in words for words in stages)


def test_what_was_held_and_decided_is_told(engine):
    trigger(engine)
    workflow(engine)
    pause(engine, "t")
    held = deliver(engine)
    _words(engine, held)

    resume(engine, "t", Held.RUN)

    stages = _words(engine, held)
    assert any("waits for a person" in words for words in stages)
    assert any("was decided: run" in words for words in stages)


def test_a_replay_and_what_was_repeated_are_told(engine):
    trigger(engine)
    workflow(engine)
    sent = deliver(engine)
    _words(engine, sent)
    (replayed,) = replay(engine, *sent.event_ids).runs
    again = rerun(engine, replayed, first=None, version=Version.SAME).id

    stages = _words(engine, sent)

    assert [words for words in stages if words.startswith("Somebody")] == [
        f"Somebody replayed the event, or ran w with it by hand: it started {replayed}.",
        f"Somebody repeated the run {replayed}, as {again}.",
    ]


def test_what_was_released_is_no_replay(engine):
    trigger(engine)
    workflow(engine)
    pause(engine, "t")
    held = deliver(engine)
    _words(engine, held)
    resume(engine, "t", Held.RUN)

    assert not any(words.startswith("Somebody") for words in _words(engine, held))


def test_json_that_came_as_a_form_is_told(engine):
    trigger(engine)
    form = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}

    told, plain = (
        _words(engine, send(engine, "t", Parcel(body=body, headers=form))) for body in (b'{"name": "a=b&c"}', b"name=x")
    )

    assert told[1].startswith("It came as a form, and looks like JSON")
    assert not any("JSON" in words for words in plain)


def test_an_event_that_nobody_waits_for_is_settled_with_its_receipt(engine):
    trigger(engine)
    sent = deliver(engine)

    event = engine.store.read(event_history, *sent.event_ids).event

    assert event.matched_at == event.received_at
    assert _words(engine, sent)[-1].startswith("Nobody was asked")


@pytest.mark.parametrize("asking", [{"condition": "event.data.n > 1"}, {"events": ["custom.*"]}])
def test_a_trigger_that_asks_is_asked_without_any_workflow(engine, asking):
    trigger(engine, **asking)

    assert any(words.startswith("The trigger answered") for words in _words(engine, deliver(engine)))


def test_a_yes_that_starts_nothing_says_that_no_workflow_starts(engine):
    trigger(engine, events=["custom.*"])

    assert _words(engine, deliver(engine))[-1].startswith("No enabled workflow starts")


def test_a_sample_is_told_to_be_one(engine):
    trigger(engine, draft=True)
    listen(engine, "t", timedelta(minutes=2))

    stages = _words(engine, deliver(engine))

    assert stages[-1] == "It is a sample: no workflow is asked about it."


def test_an_event_that_is_not_there_is_not_explained(engine):
    with pytest.raises(NotFound):
        explain(engine, "evt_nobody")


def test_a_workflow_that_is_disabled_is_told_unless_the_trigger_said_no(engine):
    trigger(engine, condition="event.data.n > 0")
    workflow(engine)
    enable(engine, "w", enabled=False)
    wanted, unwanted = (deliver(engine, body).event_ids[0] for body in (b'{"n": 1}', b'{"n": 0}'))
    runs_of(engine, wanted), runs_of(engine, unwanted)

    told = [
        any("w is disabled" in stage.words for stage in explain(engine, each).stages) for each in (wanted, unwanted)
    ]

    assert told == [True, False]
