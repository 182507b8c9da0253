"""What is old enough is forgotten with all that hangs on it; what still runs stays."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, insert, select, update

from engine.errors import NotFound
from engine.ids import new_id
from engine.store import approvals, check, event_waits, journal, retention, tables, waiting_tables
from engine.store.event_waits import Correlated
from engine.store.journal import Advance, Claim, Matched, Started
from engine.store.ledger import Fate, record_arrivals
from engine.store.rows import Approval, CallbackRow, Entry, EventWait, Signal, Vote
from engine.words import Decision, Outcome, Verdict
from tests.store.plenty import plenty_of, walked

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


def test_old_deliveries_whose_runs_have_not_ended_hide_none_that_come_later(store, queued, clock, monkeypatch):
    monkeypatch.setattr(retention, "PORTION", 2)
    for _ in range(5):
        queued()
    _finish(store, queued())

    assert store.write(retention.forget, clock.now() + LATER) == 1
    assert _count(store, tables.deliveries) == 5


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

    assert scans == []


def _leave(store, run):
    """Leave of a run all that a run can leave: what it waited for, what it asked, what came, who is told."""
    now = datetime.now(UTC)
    claimed = store.submit(journal.claim, Claim(run.id, now)).result()
    entry = Entry(run.id, "ask", 1, 0, "core.approve", Outcome.WAITING, 1, now, None, None, {}, None, None)
    wait = EventWait(run.id, "ask", "trg_a", [], None, {}, "", "", now, now)
    asked = Approval("apr_1", run.id, "ask", "Go on?", "", {}, ["role:editor"], 2, "digest", now, None)
    standing = Advance(run.id, claimed.run.token, Outcome.WAITING, (entry,), opened=(wait, asked))
    store.submit(journal.advance, standing).result()
    store.write(approvals.vote, Vote("apr_1", "user:ann", Decision.APPROVED, {}, now))
    store.write(event_waits.correlate, [Correlated("evt_1", (Signal(run.id, "ask", None, None, now),))])
    finished = Advance(run.id, claimed.run.token, Outcome.SUCCEEDED, (), finished_at=now)
    store.submit(journal.advance, finished).result()


LEFT = ("signals", "event_waits", "ended_waits", "approvals", "votes", "journal", "callbacks", "runs")


def _left(store):
    with store.reading() as connection:
        return [
            name for name in LEFT if connection.scalar(select(func.count()).select_from(tables.metadata.tables[name]))
        ]


@pytest.mark.parametrize("by_hand", [False, True])
def test_nothing_is_left_of_a_forgotten_run(store, queued, by_hand):
    run = queued()
    if by_hand:
        _finish(store, run)
        run = run._replace(id=new_id("run"), event_id=None)
        told = CallbackRow(run.id, "https://a.example", b"", 1, None, None, delivered=False, error=None)
        store.submit(journal.start_runs, Started(run, callback=told)).result()
    _leave(store, run)
    assert set(_left(store)) >= set(LEFT) - {"callbacks"}

    store.write(retention.forget, datetime.now(UTC) + LATER)

    assert _left(store) == []


def test_an_event_that_the_waiting_steps_were_never_asked_about_is_forgotten_too(store, arrival, clock):
    (event_id,) = store.submit(record_arrivals, arrival()).result().event_ids
    store.submit(journal.record_matches, Matched(event_id, clock.now(), (), awaited=True)).result()

    store.write(retention.forget, clock.now() + LATER)

    assert store.read(event_waits.uncorrelated, 10) == []


def test_the_waits_that_a_forgotten_event_has_ended_are_forgotten_with_it(store, queued, clock):
    run, (event_id,) = queued(), ["evt_0"]
    _finish(store, run)
    with store.database.writing.begin() as connection:
        connection.execute(insert(waiting_tables.ended_waits).values((run.event_id, "run_young", "ask", clock.now())))
        connection.execute(insert(waiting_tables.ended_waits).values((event_id, "run_young", "ask", clock.now())))

    store.write(retention.forget, clock.now() + LATER)

    with store.reading() as connection:
        assert list(connection.scalars(select(waiting_tables.ended_waits.c.event_id))) == [event_id]


def test_an_approval_whose_run_is_gone_is_not_there_either(store, queued):
    _leave(store, run := queued())
    with store.database.writing.begin() as connection:
        connection.execute(delete(tables.runs).where(tables.runs.c.id == run.id))
        connection.execute(update(waiting_tables.approvals).values(closed_at=None))

    assert store.read(approvals.open_ones, 10) == []
    assert store.read(approvals.of_run, run.id) == []
    with pytest.raises(NotFound, match="apr_1"):
        store.read(approvals.find, "apr_1")


def test_many_runs_of_one_delivery_go_in_portions_and_the_ledger_adds_up_in_between(store, queued, clock, monkeypatch):
    monkeypatch.setattr(retention, "PORTION", 2)
    first = queued()
    for run in (first, *(first._replace(id=new_id("run")) for _ in range(3))):
        if run is not first:
            store.submit(journal.start_runs, Started(run)).result()
        _finish(store, run)

    def forget():
        more = store.write(retention.forget, clock.now() + LATER)
        assert not store.read(check.check_ledger, clock.now()).findings
        return more, _count(store, tables.runs), _count(store, tables.deliveries)

    assert [forget() for _ in range(3)] == [(2, 2, 1), (2, 0, 1), (1, 0, 0)]


def test_forgetting_among_100_000_waiting_rows_walks_through_none_of_them(tmp_path):
    """The plans are those of a full database: what hangs on a run is found by the run."""
    ids = "printf('run_%026d', i)"
    rows = {
        tables.journal: {"run_id": ids, "path": "'ask'"},
        waiting_tables.signals: {"run_id": ids, "path": "'ask'"},
        waiting_tables.event_waits: {"run_id": ids, "path": "'ask'", "key": "i"},
        waiting_tables.ended_waits: {"event_id": "printf('evt_%026d', i)", "run_id": ids, "path": "'ask'"},
        waiting_tables.approvals: {"id": "printf('apr_%026d', i)", "run_id": ids, "path": "'ask'"},
        waiting_tables.votes: {"approval_id": "printf('apr_%026d', i)", "voter": "'ann'"},
        tables.callbacks: {"run_id": ids},
        tables.runs: {"id": ids, "workflow": "'w'", "outcome": "'succeeded'", "finished_at": "1"},
    }
    with closing(plenty_of(tmp_path, rows)) as full, full.database.writing.connect() as connection:
        walks = walked(connection, retention.forget, datetime.now(UTC))
        gone = connection.scalar(select(100_000 - func.count()).select_from(waiting_tables.votes))

    named = [walk for walk in walks if walk.split()[1] in tables.metadata.tables]
    assert set(named) <= {
        "SCAN deliveries USING INDEX sqlite_autoindex_deliveries_1",  # in order, and only so many
        "SCAN runs USING INDEX runs_unfinished",
    }
    assert gone == retention.PORTION
