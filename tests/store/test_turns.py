"""Whose turn it is: what waits costs nothing before it is due, and many runs of one workflow hold up no other."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from engine.ids import new_id
from engine.store import journal, signals, tables, turns
from engine.store.journal import Advance, Claim, Started
from engine.store.rows import Entry, Signal
from engine.words import Outcome
from tests.store.plenty import plenty_of, walked

LATER = timedelta(hours=1)


def _now():
    return datetime.now(UTC)


@pytest.fixture
def come(store, queued):
    """Return what writes down queued runs of a workflow, first to last."""
    first = queued()

    def write(count, workflow):
        made = [first._replace(id=new_id("run"), workflow=workflow) for _ in range(count)]
        for run in made:
            store.submit(journal.start_runs, Started(run)).result()
        return [run.id for run in made]

    return write


@pytest.fixture
def waiting(store, come):
    """Return what lets runs of a workflow wait until a time, or without one."""

    def write(count, workflow, due_at=None, outcome=Outcome.WAITING):
        made = come(count, workflow)
        for run_id in made:
            token = store.submit(journal.claim, Claim(run_id, _now())).result().run.token
            entry = Entry(run_id, "ask", 1, 0, "x", Outcome.WAITING, 1, _now(), None, None, {}, None, None)
            standing = Advance(run_id, token, outcome, (entry,), due_at=due_at)
            store.submit(journal.advance, standing).result()
        return made

    return write


def _due(store, limit=10):
    return [one.id for one in store.read(turns.due, _now(), limit)]


def test_workflows_take_turns_the_oldest_of_each_first(store, come):
    store.write(journal.cancel, _due(store)[0], _now())
    many, few = come(4, "many"), come(2, "few")

    assert _due(store) == [many[0], few[0], many[1], few[1], many[2], many[3]]
    assert _due(store, 2) == [many[0], few[0]]


@pytest.mark.parametrize("kind", ["queued", "due", "signalled", "left"])
def test_one_run_is_among_the_next_however_many_of_another_workflow_came_before(store, come, waiting, kind):
    many = {
        "queued": lambda: come(30, "many"),
        "due": lambda: waiting(30, "many", _now()),
        "signalled": lambda: waiting(30, "many"),
        "left": lambda: come(30, "many"),
    }[kind]()
    if kind == "signalled":
        store.write(signals.post, [Signal(run_id, "ask", None, None, _now()) for run_id in many])
    if kind == "left":
        for run_id in many:
            store.submit(journal.claim, Claim(run_id, _now())).result()
        store.write(journal.end_leases, _now() - LATER)
    (one,) = come(1, "one")

    assert one in _due(store, 3)


@pytest.mark.parametrize("outcome", signals.STANDING)
@pytest.mark.parametrize("due_in", [-LATER, LATER, None])
@pytest.mark.parametrize("signalled", [False, True])
def test_what_can_be_claimed_is_listed_and_nothing_else(store, waiting, outcome, due_in, signalled):
    (run_id,) = waiting(1, "w", due_in and _now() + due_in, outcome)
    if signalled:
        store.write(signals.post, [Signal(run_id, "ask", None, None, _now())])

    listed = run_id in _due(store)

    assert listed is (store.submit(journal.claim, Claim(run_id, _now())).result() is not None)
    assert listed is (signalled or due_in == -LATER)


def test_a_run_that_is_due_and_signalled_is_listed_once(store, waiting):
    (run_id,) = waiting(1, "w", _now() - LATER)
    store.write(signals.post, [Signal(run_id, "ask", None, None, _now())])

    assert _due(store).count(run_id) == 1


def test_the_next_wait_that_ends_is_known_and_those_that_are_over_are_not_among_them(store, waiting):
    soon = _now() + LATER
    waiting(1, "w", _now() - LATER)
    waiting(1, "w")
    before = store.read(turns.next_due, _now())
    waiting(1, "w", soon + LATER)
    waiting(1, "w", soon)

    assert before is None
    assert store.read(turns.next_due, _now()) == soon


def test_among_100_000_runs_that_wait_only_what_is_due_is_looked_at(tmp_path):
    runs = {
        "id": "printf('run_%026d', i)",
        "workflow": "'w' || (i % 3)",
        "outcome": "'waiting'",
        "due_at": "iif(i % 3 = 0, NULL, 9999999999999999)",
    }
    with closing(plenty_of(tmp_path, {tables.runs: runs})) as full, full.reading() as connection:
        walks = walked(connection, turns.due, _now(), 512) + walked(connection, turns.next_due, _now())

    assert set(walks) <= {f"SCAN {name}" for name in ("signals", "found", "(subquery-6)")}


def test_of_100_000_queued_runs_only_the_oldest_of_each_workflow_are_looked_at(tmp_path):
    runs = {"id": "printf('run_%026d', i)", "workflow": "'w' || (i % 3)", "outcome": "'queued'"}
    thousands = []
    with closing(plenty_of(tmp_path, {tables.runs: runs})) as full, full.reading() as connection:
        connection.connection.driver_connection.set_progress_handler(lambda: thousands.append(1), 1_000)
        found = turns.due(connection, _now(), 10)

    assert [int(one.id[4:]) for one in found] == list(range(1, 11))
    assert len(thousands) < 10  # instructions of SQLite's machine: to walk through all of them takes over a million


def test_a_look_finds_each_kind_by_its_index(plan):
    steps = plan(turns.due, _now(), 10) + plan(turns.next_due, _now())

    found = [step for step in steps if step.startswith("SEARCH runs")]
    assert found == [
        "SEARCH runs USING INDEX runs_queued (workflow>?)",
        "SEARCH runs USING INDEX runs_by_due_time (due_at<?)",
        "SEARCH runs USING INDEX runs_unfinished (outcome=? AND id=?)",
        "SEARCH runs USING INDEX runs_unfinished (outcome=?)",
        "SEARCH runs USING INDEX runs_by_due_time (due_at>?)",
    ]
