"""What is old enough is forgotten with all that hangs on it; what still runs stays."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from engine.store import journal, retention, tables
from engine.store.journal import Advance, Claim
from engine.store.ledger import record_arrivals
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
