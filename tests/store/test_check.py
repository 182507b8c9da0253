"""The ledger check counts what came in and what became of it, and finds what does not add up."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from engine.store import tables
from engine.store.check import LATE, check_ledger
from engine.store.ledger import Tally, count, record_arrivals
from engine.words import Answer, Reason, Verdict


@pytest.fixture
def check(store, clock):
    return lambda: store.read(check_ledger, clock.now() + LATE)


def _spoil(store, *statements):
    def change(connection):
        for statement in statements:
            connection.execute(statement)

    store.write(change)


def test_an_empty_ledger_adds_up(check):
    found = check()

    assert (found.received, found.verdicts, found.matched, found.runs, found.unaccounted) == (0, {}, 0, 0, 0)


def test_deliveries_and_runs_are_counted(check, queued):
    queued()

    found = check()

    assert (found.received, found.verdicts, found.matched, found.runs) == (1, {Verdict.ACCEPTED: 1}, 1, 1)
    assert (found.unaccounted, found.unknown_addresses) == (0, 0)


def test_what_was_only_counted_counts(check, store, clock):
    tally = Tally("", clock.now(), Verdict.REJECTED, Reason.UNKNOWN_ADDRESS)
    store.submit(count, tally).result()

    found = check()

    assert (found.received, found.verdicts, found.unknown_addresses) == (1, {Verdict.REJECTED: 1}, 1)


def test_an_event_that_was_just_received_is_late_only_after_a_while(store, clock, arrival):
    store.submit(record_arrivals, arrival()).result()

    assert store.read(check_ledger, clock.now()).unaccounted == 0
    assert store.read(check_ledger, clock.now() + LATE + timedelta(seconds=1)).findings == {"events_never_matched": 1}


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (update(tables.deliveries).values(event_count=2), "deliveries_without_their_events"),
        (update(tables.events).values(delivery_id="dlv_gone"), "events_without_delivery"),
        (update(tables.matches).values(run_id=None), "answers_without_run"),
        (delete(tables.runs), "answers_without_run"),
        (update(tables.runs).values(event_id="evt_gone"), "runs_without_event"),
    ],
)
def test_what_does_not_add_up_is_found(check, store, queued, statement, finding):
    queued()

    _spoil(store, statement)

    assert finding in check().findings


def test_a_decision_without_its_run_is_found(check, store, clock):
    row = {"event_id": "evt_1", "workflow": "w", "action": "run", "run_id": "run_gone", "created_at": clock.now()}

    _spoil(store, insert(tables.releases).values(row))

    assert check().findings == {"decisions_without_run": 1}


@pytest.mark.parametrize(
    "values", [{"answer": Answer.NO, "run_id": None}, {"answer": Answer.UNKNOWN, "run_id": None}, {"held": True}]
)
def test_an_answer_that_needs_no_run_misses_none(check, store, queued, values):
    queued()

    _spoil(store, update(tables.matches).values(**{"run_id": None, **values}))

    assert check().unaccounted == 0
