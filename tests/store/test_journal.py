"""A run has one owner at a time, and only the owner writes."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.store import journal, show, turns
from engine.store.journal import Advance, Claim, Matched
from engine.store.ledger import record_arrivals
from engine.store.rows import Entry
from engine.store.set_back import set_back
from engine.words import Outcome

LATER = timedelta(hours=1)


def _now():
    """Leases are measured by the database's own clock on PostgreSQL, so these tests use the real time."""
    return datetime.now(UTC)


def _due(store, now):
    return [one.id for one in store.read(turns.due, now, 10)]


def _claim(store, run, now=None):
    return store.submit(journal.claim, Claim(run.id, now or _now())).result()


def _entry(run, path="step"):
    return Entry(
        run_id=run.id,
        path=path,
        visit=1,
        position=0,
        uses="http.post",
        outcome=Outcome.RUNNING,
        attempts=1,
        started_at=_now(),
        finished_at=None,
        due_at=None,
        input={"url": "x"},
        output=None,
        error=None,
    )


def _advance(store, run, token, **standing):
    outcome = standing.pop("outcome", Outcome.RUNNING)
    return store.submit(journal.advance, Advance(run.id, token, outcome, (_entry(run),), **standing)).result()


def test_a_queued_run_is_claimed_once(store, queued):
    run = queued()

    claimed, again = _claim(store, run), _claim(store, run)

    assert (claimed.run.outcome, claimed.run.token) == (Outcome.RUNNING, 1)
    assert again is None


def test_a_run_that_is_asked_for_twice_in_one_batch_is_handed_out_once(store, queued):
    run = queued()

    with store.database.writing.begin() as connection:
        claimed, again = journal.claim(connection, [Claim(run.id, _now()), Claim(run.id, _now())])

    assert claimed.run.id == run.id
    assert again is None


def test_an_event_is_matched_once(store, queued):
    run = queued()

    again = store.submit(journal.record_matches, Matched(run.event_id, _now(), ())).result()

    assert again is False


def test_the_owner_writes_its_journal_and_updates_it(store, queued):
    run = queued()
    token = _claim(store, run).run.token

    ended = _entry(run)._replace(outcome=Outcome.SUCCEEDED, attempts=2, output=[1])

    assert _advance(store, run, token)
    assert store.submit(journal.advance, Advance(run.id, token, Outcome.RUNNING, (ended,))).result()

    (entry,) = store.read(journal.entries_of, [run.id])[run.id]
    assert (entry.outcome, entry.attempts, entry.output) == (Outcome.SUCCEEDED, 2, [1])


def test_a_stale_owner_writes_nothing_even_in_a_shared_batch(store, queued):
    run, other = queued(), queued()
    token = _claim(store, other).run.token
    _claim(store, run)

    with store.database.writing.begin() as connection:
        stale = Advance(run.id, 0, Outcome.SUCCEEDED, (_entry(run),), finished_at=_now())
        valid = Advance(other.id, token, Outcome.RUNNING, (_entry(other),))
        ours = journal.advance(connection, [stale, valid])

    assert ours == [False, True]
    assert list(store.read(journal.entries_of, [run.id, other.id])) == [other.id]


def test_of_two_owners_of_a_run_in_one_batch_the_later_writes(store, queued):
    run = queued()
    token = _claim(store, run).run.token

    with store.database.writing.begin() as connection:
        stale = Advance(run.id, token - 1, Outcome.FAILED, (), finished_at=_now())
        valid = Advance(run.id, token, Outcome.RUNNING, (_entry(run),))
        ours = journal.advance(connection, [stale, valid])

    assert ours == [False, True]
    assert store.read(show.run, run.id).outcome is Outcome.RUNNING


def test_a_claim_brings_the_event_that_started_the_run(store, queued):
    run = queued()

    claimed = _claim(store, run)

    assert (claimed.event.id, claimed.event.data) == (run.event_id, b'{"n": 1}')


def test_a_waiting_run_can_be_claimed_when_it_is_due_and_not_before(store, queued):
    run = queued()
    token = _claim(store, run).run.token
    _advance(store, run, token, outcome=Outcome.WAITING, due_at=_now() + LATER)

    assert _claim(store, run) is None
    _advance(store, run, token, outcome=Outcome.WAITING, due_at=_now() - LATER)
    assert _claim(store, run).run.token == token + 1


def test_a_lease_that_ends_frees_the_run_and_counts_a_death(store, queued):
    run = queued()
    _claim(store, run)

    left = store.write(journal.end_leases, _now())
    claimed = _claim(store, run)

    assert left == 1
    assert claimed.run.deaths == 1


def test_a_run_that_keeps_dying_fails_with_the_reason(store, queued):
    run = queued()
    for _ in range(journal.DEATHS):
        assert _claim(store, run) is not None
        store.write(journal.end_leases, _now())

    assert _claim(store, run) is None
    assert _due(store, _now()) == []
    failed = store.read(show.run, run.id)
    assert (failed.outcome, failed.error["kind"]) == (Outcome.FAILED, "worker_died")


def test_cancelling_makes_the_owners_next_write_void(store, queued):
    run = queued()
    token = _claim(store, run).run.token
    _advance(store, run, token)

    assert store.write(journal.cancel, run.id, _now()) is True
    assert _advance(store, run, token) is False
    (entry,) = store.read(journal.entries_of, [run.id])[run.id]
    assert entry.outcome is Outcome.CANCELLED


@pytest.mark.parametrize("ending", [Outcome.SUCCEEDED, Outcome.FAILED])
def test_a_run_that_ended_cannot_be_claimed_cancelled_or_changed(store, queued, ending):
    run = queued()
    token = _claim(store, run).run.token
    _advance(store, run, token, outcome=ending, finished_at=_now())

    assert _claim(store, run) is None
    assert store.write(journal.cancel, run.id, _now()) is False
    assert _advance(store, run, token) is False


def test_a_run_that_is_handed_back_is_queued_without_a_death(store, queued):
    run = queued()
    token = _claim(store, run).run.token

    store.write(journal.hand_back, {run.id: token})

    assert _claim(store, run).run.deaths == 0


def test_a_renewed_lease_keeps_the_run_and_a_foreign_token_renews_nothing(store, queued):
    run = queued()
    token = _claim(store, run).run.token
    store.write(journal.end_leases, _now() - LATER)

    store.write(journal.renew, {run.id: token + 1}, _now())
    assert _due(store, _now()) == [run.id]
    store.write(journal.renew, {run.id: token}, _now())
    assert _due(store, _now()) == []


def test_unmatched_events_are_found_when_they_are_old_enough(store, arrival, clock):
    recorded = store.submit(record_arrivals, arrival()).result()

    assert store.read(journal.unmatched, clock.now(), 10) == []
    assert store.read(journal.unmatched, clock.now() + LATER, 10) == list(recorded.event_ids)


def test_an_event_that_was_received_before_the_clock_was_set_back_is_found(store, arrival, clock):
    recorded = store.submit(record_arrivals, arrival()).result()

    assert store.read(journal.unmatched, clock.now() - timedelta(days=1), 10) == list(recorded.event_ids)


def test_a_lease_is_over_in_time_when_the_clock_is_set_back(store, queued):
    run, day = queued(), timedelta(days=1)
    store.submit(journal.claim, Claim(run.id, _now() + day)).result()

    store.write(set_back, day, _now())

    assert store.read(show.run, run.id).lease_until <= _now() + journal.LEASE


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (journal.unmatched, "SCAN events USING INDEX events_unmatched"),
    ],
)
def test_the_sweep_walks_through_nothing_that_has_ended(plan, query, index):
    assert plan(query, _now(), 10)[0].startswith(index)


def test_a_claim_finds_its_runs_by_their_ids(plan):
    steps = plan(journal.claim, [Claim("run_a", _now()), Claim("run_b", _now())])

    assert [step for step in steps if "SCAN" in step] == []
