"""The overview's numbers: what they count, and that each comes from an index."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from engine.store import overview
from engine.store.journal import Advance, Claim, advance, claim
from engine.store.ledger import Tally, count, record_arrivals
from engine.store.metadata import metadata
from engine.store.overview import HOUR
from engine.store.waiting_tables import ended_waits
from engine.words import Outcome, Reason, Verdict


@pytest.fixture
def starts():
    """Return the starts of the last hour and of the present one: ids are born now."""
    now = datetime.now(UTC)
    return [now - HOUR, now]


@pytest.fixture
def finished(store, queued, clock):
    """Return a maker of runs that ended."""

    def make(outcome):
        run = queued()
        (claimed,) = (store.submit(claim, Claim(run.id, clock.now())).result(),)
        ended = Advance(run.id, claimed.run.token, outcome, (), finished_at=clock.now() + timedelta(seconds=2))
        assert store.submit(advance, ended).result()
        return run

    return make


def test_an_hour_has_its_deliveries_events_and_runs(store, starts, arrival, queued, finished):
    made = arrival()
    refused = made.delivery._replace(verdict=Verdict.REJECTED, reason=Reason.WRONG_PROOF)
    store.submit(record_arrivals, made._replace(delivery=refused, events=())).result()
    store.submit(record_arrivals, arrival()).result()
    queued()
    finished(Outcome.SUCCEEDED)
    finished(Outcome.FAILED)

    before, present = store.read(overview.hours, [starts[0] - HOUR, starts[1] - timedelta(minutes=5)])

    assert (sum(before.deliveries.values()), before.events, before.matched, sum(before.runs.values())) == (0, 0, 0, 0)
    assert (present.deliveries[Verdict.ACCEPTED], present.deliveries[Verdict.REJECTED]) == (4, 1)
    assert (present.events, present.matched) == (4, 3)
    assert {word: number for word, number in present.runs.items() if number} == {
        Outcome.QUEUED: 1,
        Outcome.SUCCEEDED: 1,
        Outcome.FAILED: 1,
    }


def test_an_event_that_ended_a_wait_led_on_also_when_it_started_a_run_besides(store, starts, arrival, queued, clock):
    (alone,) = store.submit(record_arrivals, arrival()).result().event_ids
    for event_id, waiting in ((alone, "run_1"), (alone, "run_2"), (queued().event_id, "run_1")):
        with store.database.writing.begin() as connection:
            connection.execute(insert(ended_waits).values((event_id, waiting, "done", clock.now())))

    (hour,) = store.read(overview.hours, [starts[1] - timedelta(minutes=5)])

    assert (hour.events, hour.matched) == (2, 2)


def test_no_number_is_counted_further_than_the_bound(store, starts, arrival, monkeypatch):
    monkeypatch.setattr(overview, "MOST", 2)
    for _ in range(4):
        store.submit(record_arrivals, arrival()).result()

    (hour,) = store.read(overview.hours, [starts[1] - timedelta(minutes=5)])

    assert (hour.deliveries[Verdict.ACCEPTED], hour.events) == (2, 2)


def test_refusals_are_those_that_were_kept_and_those_that_were_counted(store, starts, arrival):
    now = starts[1]
    made = arrival()
    refused = made.delivery._replace(verdict=Verdict.REJECTED, reason=Reason.WRONG_PROOF)
    store.submit(record_arrivals, made._replace(delivery=refused, events=())).result()
    store.submit(record_arrivals, arrival()).result()
    for trigger_id, hour, reason in [
        ("trg_a", now - timedelta(minutes=30), Reason.WRONG_PROOF),
        ("trg_a", now - timedelta(hours=3), Reason.WRONG_PROOF),
        ("", now - timedelta(minutes=30), Reason.UNKNOWN_ADDRESS),
        ("trg_gone", now - timedelta(minutes=30), Reason.RATE_LIMITED),
    ]:
        store.submit(count, Tally(trigger_id, hour, Verdict.REJECTED, reason)).result()

    found = store.read(overview.refusals, now - HOUR, now + timedelta(minutes=1), ["trg_a"])

    assert found == {Reason.WRONG_PROOF: 2, Reason.UNKNOWN_ADDRESS: 1}


def test_the_length_of_a_run_is_from_the_receipt_of_its_event_to_its_end(store, starts, queued, finished):
    finished(Outcome.SUCCEEDED)
    queued()
    hours = store.read(overview.hours, [starts[1] - timedelta(minutes=5)])

    (found,) = store.read(overview.lengths, hours, 9)

    assert found.weight == 2
    assert timedelta(seconds=2) <= found.took < timedelta(seconds=20)


def test_every_number_comes_from_an_index(plan, starts):
    asked = [
        plan(overview.hours, starts),
        plan(overview.refusals, starts[0], starts[1], ["trg_a"]),
        plan(overview.lengths, [overview.Hour(starts[0], {}, 0, 0, {})], 9),
    ]

    steps = [step for found in asked for step in found]
    assert not [step for step in steps if step.split()[:2] in [["SCAN", name] for name in metadata.tables]], steps
    assert {"deliveries_by_verdict", "deliveries_by_reason", "runs_ended_badly", "runs_unfinished"} <= {
        word for step in steps for word in step.split()
    }
