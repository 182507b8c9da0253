"""An event that comes after a later one about the same thing is recorded and starts nothing."""

import json

import pytest

from engine.errors import Invalid
from engine.path import replay
from engine.path.setup import change, delete
from engine.store import show
from engine.store.check import check_ledger
from engine.store.search import RunFilter, Span, list_runs
from engine.words import TRIGGER, Answer
from tests.engines import LOGS, deliver, running, runs_of, trigger, workflow

ORDER = {"key": "event.data.id", "by": "event.data.at"}


@pytest.fixture
def engine(tmp_path, database_url):
    with running(tmp_path, database_url=database_url) as engine:
        yield engine


def runs(engine, **data: object) -> int:
    """Deliver, and return how many runs the event led to."""
    (event_id,) = deliver(engine, json.dumps(data).encode()).event_ids
    return len(runs_of(engine, event_id))


@pytest.mark.parametrize(
    ("moments", "started"),
    [
        ([1, 2, 3], [1, 1, 1]),
        ([3, 1, 2, 3, 4], [1, 0, 0, 1, 1]),
        (["2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02T01:00:00+02:00"], [1, 0, 0]),
        ([2, None, "soon", True, [1], {"a": 1}], [1] * 6),
        ([2**80, 1], [1, 0]),
    ],
)
def test_what_comes_after_a_later_one_starts_nothing(engine, moments, started):
    trigger(engine, order=ORDER)
    workflow(engine)

    assert [runs(engine, id=7, at=at, n=number) for number, at in enumerate(moments)] == started
    assert check_ledger_of(engine) == {}


def check_ledger_of(engine):
    return engine.store.read(check_ledger, engine.clock.now()).findings


def test_an_event_without_a_key_is_in_no_order(engine):
    trigger(engine, order=ORDER)
    workflow(engine)

    assert [runs(engine, at=at) for at in (2, 1)] == [1, 1]


def test_keys_of_any_kind_and_length_are_told_apart(engine):
    trigger(engine, order=ORDER)
    workflow(engine)
    keys = ["x" * 500, "x" * 501, "\0", {"a": 1}, {"a": 2}, [], False]

    assert [runs(engine, id=key, at=2) for key in keys] == [1] * len(keys)
    assert [runs(engine, id=key, at=1) for key in keys] == [0] * len(keys)


def test_the_overtaken_event_says_by_which(engine):
    trigger(engine, order=ORDER)
    workflow(engine)
    first, late = (deliver(engine, b'{"id": 7, "at": %d}' % at).event_ids[0] for at in (2, 1))
    runs_of(engine, late)

    (match,) = engine.store.read(show.event_history, late).matches

    assert (match.workflow, match.answer, match.run_id) == (TRIGGER, Answer.NO, None)
    assert match.explanation == {"text": f"overtaken by {first}", "answer": "no"}


def test_events_that_no_workflow_waited_for_count_too(engine):
    trigger(engine, order=ORDER)
    assert runs(engine, id=7, at=2) == 0
    workflow(engine)

    assert runs(engine, id=7, at=1) == 0


def test_a_person_can_replay_what_was_overtaken(engine):
    trigger(engine, order=ORDER)
    workflow(engine)
    runs(engine, id=7, at=2)
    (late,) = deliver(engine, b'{"id": 7, "at": 1}').event_ids
    assert runs_of(engine, late) == ()

    assert len(replay.replay(engine, late).runs) == 1


def test_with_runs_one_by_one_the_overtaken_one_waits_for_nobody(engine):
    trigger(engine, order=ORDER)
    workflow(engine, LOGS.replace("inputs:", "limits: {runs_per: '${{ event.data.id }}'}\ninputs:", 1))

    assert [runs(engine, id=7, at=at) for at in (2, 1, 3)] == [1, 0, 1]
    assert len(engine.store.read(list_runs, RunFilter(), Span()).items) == 2


@pytest.mark.parametrize(
    "order", [{}, {"key": "event.id"}, {"key": "event.id", "by": "1 +"}, {"key": "steps.a", "by": "1"}]
)
def test_an_order_that_cannot_be_read_is_refused_by_its_field(engine, order):
    with pytest.raises(Invalid) as refused:
        trigger(engine, order=order)

    assert refused.value.field == "order"


def test_without_its_order_and_without_the_trigger_nothing_is_overtaken(engine):
    trigger(engine, order=ORDER)
    workflow(engine)
    assert runs(engine, id=7, at=2) == 1
    change(engine, "t", {"order": None})
    assert runs(engine, id=7, at=1) == 1
    delete(engine, "t")
    trigger(engine, order=ORDER)

    assert runs(engine, id=7, at=0) == 1
