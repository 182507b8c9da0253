"""A sample is what arrives while somebody listens; applying makes a schema of it; publishing is a step of its own."""

from datetime import timedelta

import pytest

from engine.errors import Invalid, NotFound
from engine.path.listen import apply, listen, sample_of, schemas_of, stop_listening
from engine.path.publish import publish
from engine.path.shown import show
from engine.words import OnMismatch, TriggerState, Verdict
from tests.engines import deliver, trigger

MINUTES = timedelta(minutes=2)


def test_what_came_before_is_no_sample(engine):
    trigger(engine)
    deliver(engine)

    listen(engine, "t", MINUTES)

    with pytest.raises(NotFound):
        sample_of(engine, "t")


def test_what_arrives_while_one_listens_is_the_sample(engine):
    trigger(engine)
    listen(engine, "t", MINUTES)

    sent = deliver(engine, b'{"severity": "high"}')

    sample = sample_of(engine, "t")
    assert (sample.event.id,) == tuple(sent.event_ids)
    assert sample.schema["properties"]["severity"]["type"] == "string"


def test_a_draft_listens_and_takes_samples_that_start_nothing(engine):
    trigger(engine, draft=True)
    listen(engine, "t", MINUTES)

    sent = deliver(engine)

    assert show(engine, "t").state is TriggerState.LISTENING
    assert sent.delivery.verdict is Verdict.SAMPLED


@pytest.mark.parametrize(
    "end", [lambda engine: stop_listening(engine, "t"), lambda engine: engine.clock.advance(MINUTES)]
)
def test_listening_ends_when_it_is_stopped_and_when_its_time_is_over(engine, end):
    trigger(engine, draft=True)
    listen(engine, "t", MINUTES)

    end(engine)

    assert show(engine, "t").state is TriggerState.DRAFT
    assert deliver(engine).reply.status == 409


@pytest.mark.parametrize("length", [timedelta(), timedelta(days=2)])
def test_nobody_listens_for_no_time_or_for_days(engine, length):
    trigger(engine)

    with pytest.raises(Invalid):
        listen(engine, "t", length)


def test_without_apply_a_sample_changes_nothing(engine):
    trigger(engine)
    listen(engine, "t", MINUTES)

    deliver(engine)

    assert schemas_of(engine, "t") == {}


def test_applying_makes_a_schema_per_type_which_is_checked_from_then_on(engine):
    trigger(engine, on_mismatch=OnMismatch.REJECT)
    listen(engine, "t", MINUTES)
    deliver(engine, b'{"type": "found", "severity": "high"}')
    deliver(engine, b'{"type": "done", "findings": 3}')

    apply(engine, "t")

    assert schemas_of(engine, "t").keys() == {"custom.found", "custom.done"}
    answers = [deliver(engine, body).reply.status for body in (b'{"type": "done"}', b'{"type": "new"}')]
    assert answers == [422, 202]


def test_applying_confirms_the_schema_and_publishing_completes_the_trigger(engine):
    trigger(engine, draft=True)
    listen(engine, "t", MINUTES)
    deliver(engine)

    apply(engine, "t")
    stop_listening(engine, "t")
    assert show(engine, "t").state is TriggerState.DRAFT
    publish(engine, "t")

    assert deliver(engine).delivery.verdict is Verdict.ACCEPTED


def test_there_is_nothing_to_apply_without_a_sample(engine):
    trigger(engine)

    with pytest.raises(NotFound, match="no sample yet"):
        apply(engine, "t")
