"""What waits for somebody to do it is counted, with its age, and found by indexes alone."""

from datetime import UTC, datetime, timedelta

from engine.store.backlog import Backlog, backlog
from engine.store.ledger import record_arrivals

AGO = timedelta(minutes=5)


def test_where_nothing_waits_there_is_no_age(store, clock):
    waits = store.read(backlog, clock.now(), ())

    assert waits == Backlog(0, None)
    assert waits.age(clock.now()) == 0


def test_an_event_that_nobody_matched_waits_since_its_receipt(store, clock, arrival):
    store.submit(record_arrivals, arrival()).result()
    clock.advance(AGO)

    assert store.read(backlog, clock.now(), ()).age(clock.now()) == AGO.total_seconds()


def test_an_event_of_a_trigger_that_is_broken_does_not_count(store, clock, arrival):
    store.submit(record_arrivals, arrival()).result()

    assert store.read(backlog, clock.now(), ("trg_a",)).since is None


def test_it_is_found_by_indexes(plan):
    steps = plan(backlog, datetime(2026, 1, 2, tzinfo=UTC), ("trg_a",))

    assert [step for step in steps if step.startswith("SCAN") and "USING" not in step] == []
