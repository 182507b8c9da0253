"""What is old enough is forgotten with all that hangs on it; what still runs stays."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from engine.ids import new_id
from engine.store import journal, retention, tables
from engine.store.journal import Advance, Claim, Started
from engine.store.ledger import Fate, record_arrivals
from engine.words import Outcome, Verdict

LATER = timedelta(days=1)


def _count(store, table):
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def _finish(store, run):
    claimed = store.submit(journal.claim, Claim(run.id, datetime.now(UTC))).result()
    ended = Advance(run.id, claimed.run.token, Outcome.SUCCEEDED, (), finished_at=datetime.now(UTC))
    store.submit(journal.advance, ended).result()


def test_an_old_delivery_goes_with_its_event_answers_and_run(store, queued, clock):
    _finish(store, queued())

    assert store.write(retention.forget, clock.now() + LATER) == 1

    kept = [_count(store, table) for table in (tables.deliveries, tables.events, tables.matches, tables.runs)]
    assert kept == [0, 0, 0, 0]


def test_what_is_young_enough_stays(store, queued, clock):
    _finish(store, queued())

    assert store.write(retention.forget, clock.now()) == 0
    assert _count(store, tables.deliveries) == 1


def test_a_delivery_whose_run_has_not_ended_stays(store, queued, clock):
    queued()

    assert store.write(retention.forget, clock.now() + LATER) == 0
    assert _count(store, tables.runs) == 1


def test_a_forgotten_key_may_come_again(store, arrival, clock):
    store.submit(record_arrivals, arrival("key")).result()
    store.write(retention.forget, clock.now() + LATER)

    assert store.submit(record_arrivals, arrival("key")).result().verdict is Verdict.ACCEPTED


def test_a_key_that_a_forgotten_sample_never_had_stays_with_its_owner(store, arrival, clock):
    made = arrival("key")
    sample = made._replace(events=tuple(event._replace(fate=Fate(starts=False)) for event in made.events))
    store.submit(record_arrivals, sample).result()
    clock.advance(LATER)
    store.submit(record_arrivals, arrival("key")).result()

    assert store.write(retention.forget, clock.now()) == 1

    assert store.submit(record_arrivals, arrival("key")).result().verdict is Verdict.DUPLICATE


def test_an_old_run_that_was_started_by_hand_goes_when_it_has_ended(store, queued):
    ended, waiting = (queued()._replace(id=new_id("run"), event_id=None) for _ in range(2))
    for run in (ended, waiting):
        store.submit(journal.start_runs, Started(run)).result()
    _finish(store, ended)

    store.write(retention.forget, datetime.now(UTC) - LATER)
    young = _count(store, tables.runs)
    store.write(retention.forget, datetime.now(UTC) + LATER)

    with store.reading() as connection:
        kept = set(connection.scalars(select(tables.runs.c.id).where(tables.runs.c.event_id.is_(None))))
    assert (young, kept) == (4, {waiting.id})


def test_forgetting_walks_through_no_table(plan, arrival, clock):
    def forget(connection):
        record_arrivals(connection, [arrival(str(number)) for number in range(5)])
        retention.forget(connection, clock.now() + LATER)

    scans = [step for step in plan(forget) if step.startswith("SCAN")]

    assert set(scans) <= {
        "SCAN deliveries USING INDEX sqlite_autoindex_deliveries_1",  # in order, and only so many
        "SCAN runs USING INDEX runs_unfinished",
    }
