"""Samples come newest first, and from the one on that a person saw last."""

from datetime import timedelta

import pytest

from engine.store import triggers
from engine.store.ledger import record_arrivals


@pytest.fixture
def sampled(store, arrival, clock):
    """Return the event ids of four samples, newest first; the two in the middle were captured at one moment."""
    ids = []
    for wait in (0, 1, 0, 1):
        clock.advance(timedelta(microseconds=wait))
        ids += store.submit(record_arrivals, arrival()._replace(sample=True)).result().event_ids
    return ids[::-1]


def ids_of(store, *, limit=10, newest=""):
    return [event.id for event, _ in store.read(triggers.samples_of, "trg_a", limit, newest)]


def test_the_newest_come_first_as_many_as_are_asked_for(store, sampled):
    assert ids_of(store) == sampled
    assert ids_of(store, limit=2) == sampled[:2]


@pytest.mark.parametrize("seen", range(4))
def test_what_came_after_the_one_that_was_seen_is_left_out(store, sampled, seen):
    assert ids_of(store, newest=sampled[seen]) == sampled[seen:]


def test_after_one_that_is_gone_there_is_none(store, sampled):
    assert sampled
    assert ids_of(store, newest="evt_gone") == []


def test_they_are_found_by_their_trigger(plan):
    steps = plan(triggers.samples_of, "trg_a", 50, "evt_a")

    assert any("samples_by_trigger" in step for step in steps), steps
    assert not any(step.startswith("SCAN") for step in steps), steps
