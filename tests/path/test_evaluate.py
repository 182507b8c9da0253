"""A condition is tried before anything depends on it."""

import pytest

from engine.errors import Invalid
from engine.language.condition import compile_condition
from engine.path.evaluate import backtest, compare, evaluate, example_of
from engine.store import triggers
from engine.words import Answer
from tests.engines import deliver, trigger


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("event.data.n > 1", Answer.YES),
        ("event.data.n > 5", Answer.NO),
        ("event.data.m > 1", Answer.UNKNOWN),
        ({"left": "event.data.n", "op": "at_least", "right": 3}, Answer.YES),
    ],
)
def test_a_condition_answers(engine, condition, answer):
    _, judgement = evaluate(engine, condition, {"data": {"n": 3}})

    assert judgement.answer is answer


@pytest.mark.parametrize("condition", ["event.data.n >", 3, None, {"op": "equals"}])
def test_a_condition_that_cannot_be_read_is_named(engine, condition):
    with pytest.raises(Invalid) as refused:
        evaluate(engine, condition, {})

    assert refused.value.field == "condition"


def test_a_backtest_asks_the_last_events_of_the_trigger_and_of_no_other(engine):
    trigger(engine)
    trigger(engine, name="other")
    deliver(engine, name="other")
    sent = [deliver(engine, b'{"n": %d}' % n) for n in range(3)]

    tested = backtest(engine, "t", "event.data.n > 1", last=2)

    assert tested.answers == {Answer.YES: 1, Answer.NO: 1}
    assert [each.event_id for each in tested.events] == [sent[2].event_ids[0], sent[1].event_ids[0]]


def test_a_comparison_tells_which_answers_the_condition_in_force_gives_otherwise(engine):
    trigger(engine, condition="event.data.n > 0")
    sent = [deliver(engine, b'{"n": %d}' % n) for n in range(3)]

    found = compare(engine, engine.store.read(triggers.find, "t"), compile_condition("event.data.n > 1"), last=10)

    assert (found.answers, found.total) == ({Answer.YES: 1, Answer.NO: 2}, 3)
    assert [(each.event.id, each.before, each.after) for each in found.changed] == [
        (sent[1].event_ids[0], Answer.YES, Answer.NO)
    ]


def test_a_condition_in_force_that_cannot_be_read_any_more_tells_nothing(engine):
    trigger(engine)
    deliver(engine)
    row = engine.store.read(triggers.find, "t")._replace(condition="event.data.n >")

    found = compare(engine, row, None, last=10)

    assert [(each.before, each.after) for each in found.changed] == [(Answer.UNKNOWN, Answer.YES)]


def test_the_newest_event_stands_for_a_sample_while_there_is_none(engine):
    trigger(engine)
    row = engine.store.read(triggers.find, "t")
    nothing = example_of(engine, row)
    sent = [deliver(engine, b'{"n": %d}' % n) for n in range(2)]

    assert nothing is None
    assert example_of(engine, row).id == sent[1].event_ids[0]
