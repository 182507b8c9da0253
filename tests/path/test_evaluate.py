"""A condition is tried before anything depends on it."""

import pytest

from engine.errors import Invalid
from engine.path.evaluate import backtest, evaluate
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
