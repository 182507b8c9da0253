"""Of the runs with one value of ``runs_per``, one runs at a time, and what comes meanwhile does as it was told."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from engine.ids import new_id
from engine.store import journal, one_by_one, show, signals, turns
from engine.store.journal import Advance, Claim, Claimed, Started
from engine.store.rows import Entry
from engine.words import Outcome, WhenBusy


@pytest.fixture
def come(store, queued):
    """Return what writes down queued runs, first to last, each with a value and what it does when that is busy."""

    def write(*runs: tuple[str, WhenBusy], workflow: str = "w"):
        made = [
            queued()._replace(id=new_id("run"), workflow=workflow, runs_per=value, when_busy=busy)
            for value, busy in runs
        ]
        for run in made:
            store.submit(journal.start_runs, Started(run)).result()
        return made

    return write


def _due(store, now):
    return [one.id for one in store.read(turns.due, now, 10)]


def _claim(store, *runs):
    with store.database.writing.begin() as connection:
        claimed = journal.claim(connection, [Claim(run.id, datetime.now(UTC)) for run in runs])
    return [one.run.token if isinstance(one, Claimed) else None for one in claimed]


def _finish(store, run, token=1):
    now = datetime.now(UTC)
    assert store.submit(journal.advance, Advance(run.id, token, Outcome.SUCCEEDED, (), finished_at=now)).result()


def _outcome(store, run):
    found = store.read(show.run, run.id)
    return found.outcome, (found.error or {}).get("message")


QUEUE, SKIP, REPLACE = WhenBusy
NOW = datetime.now(UTC)


def _below(store, parent, workflow="b", **more):
    """Let a run, once it is claimed, start another and wait for its end; return that one."""
    store.submit(journal.claim, Claim(parent.id, datetime.now(UTC))).result()
    child = parent._replace(id=new_id("run"), workflow=workflow, parent_id=parent.id, **{"parent_path": "go", **more})
    go = Entry(parent.id, "go", 1, 0, "core.run_workflow", Outcome.WAITING, 1, NOW, None, None, {}, None, None)
    assert store.submit(journal.advance, Advance(parent.id, 1, Outcome.WAITING, (go,), opened=(child,))).result()
    return child


@pytest.mark.parametrize("busy", WhenBusy)
@pytest.mark.parametrize("levels", [0, 1, 3])
def test_a_run_that_would_wait_for_one_that_waits_for_it_fails_at_once(store, come, busy, levels):
    (top,) = come(("a", busy))
    middle = top
    for _ in range(levels):
        middle = _below(store, middle, runs_per=None, when_busy=None)

    lowest = _below(store, middle, "w", runs_per="a", when_busy=busy)

    words = f"it would wait for the end of {top.id}, which waits for it: both have one value of `runs_per`"
    assert _outcome(store, lowest) == (Outcome.FAILED, words)
    assert store.read(signals.of_runs, [middle.id])[middle.id][0].error["message"].endswith(words)
    assert store.read(show.run, top.id).finished_at is None


def test_a_run_whose_starter_does_not_wait_for_it_takes_its_turn(store, come):
    (top,) = come(("a", QUEUE))
    below = _below(store, top, "w", parent_path=None)

    assert _claim(store, below) == [None]
    assert _outcome(store, below) == (Outcome.QUEUED, None)


def test_a_child_takes_its_turn_after_a_run_that_does_not_wait_for_it(store, come):
    (other, top) = come(("a", QUEUE), ("b", QUEUE))
    _claim(store, other)
    below = _below(store, top, "w", runs_per="a")

    assert _claim(store, below) == [None]
    _finish(store, other)

    assert _claim(store, below) == [1]


def test_a_run_waits_for_the_end_of_the_one_before_it(store, come):
    first, second, third = come(("a", QUEUE), ("a", QUEUE), ("a", QUEUE))

    assert _claim(store, second) == [None]
    assert _claim(store, third, first, second) == [None, 1, None]
    _finish(store, first)

    assert {second.id, third.id}.intersection(_due(store, datetime.now(UTC))) == {second.id}
    assert _claim(store, third, second) == [None, 1]


def test_other_values_and_other_workflows_are_not_in_the_way(store, come):
    (first, other), (elsewhere,) = come(("a", QUEUE), ("b", QUEUE)), come(("a", QUEUE), workflow="x")

    assert _claim(store, first, other, elsewhere) == [1, 1, 1]


def test_one_that_skips_ends_when_another_has_not_ended(store, come):
    first, second, third = come(("a", SKIP), ("a", SKIP), ("a", SKIP))

    assert _claim(store, first) == [1]
    assert _claim(store, second) == [None]
    _finish(store, first)

    assert _claim(store, third) == [1]
    assert _outcome(store, second) == (Outcome.SKIPPED, f"{first.id} had not ended, and the workflow says to skip then")


def test_one_that_replaces_ends_those_before_it(store, come):
    first, second, third = come(("a", REPLACE), ("a", REPLACE), ("a", REPLACE))
    assert _claim(store, first) == [1]

    assert _claim(store, third, second) == [1, None]

    assert _outcome(store, first)[0] is Outcome.CANCELLED
    assert _outcome(store, second) == (Outcome.CANCELLED, f"{third.id} took its place, as the workflow says")
    stale = Advance(first.id, 1, Outcome.SUCCEEDED, (), finished_at=datetime.now(UTC))
    assert not store.submit(journal.advance, stale).result()


@pytest.mark.parametrize("outcome", [Outcome.WAITING, Outcome.INTERRUPTED, Outcome.QUEUED])
def test_what_has_begun_and_not_ended_is_in_the_way_whatever_it_does(store, come, outcome):
    first, second = come(("a", QUEUE), ("a", QUEUE))
    _claim(store, first)
    later = datetime.now(UTC) + timedelta(hours=1)
    store.submit(journal.advance, Advance(first.id, 1, outcome, (), due_at=later)).result()

    assert _claim(store, second) == [None]


@pytest.mark.parametrize("busy", [SKIP, REPLACE])
def test_the_sweep_finds_what_only_its_claim_can_decide_although_nobody_rang(store, come, busy):
    first, second = come(("a", QUEUE), ("a", busy))
    _claim(store, first)

    assert second.id in _due(store, datetime.now(UTC))


def test_the_sweep_finds_what_is_in_the_way_by_an_index(plan):
    steps = plan(Connection.execute, turns._OLDEST_QUEUED, {"name": "w", "most": 10})

    assert any("other USING INDEX runs_one_by_one (workflow=? AND runs_per=?)" in step for step in steps)


@pytest.mark.parametrize(
    ("busy", "outcome"),
    [(SKIP, Outcome.SKIPPED), (REPLACE, Outcome.CANCELLED), (QUEUE, None)],
    ids=["skip", "replace", "queue"],
)
def test_a_claim_says_which_runs_it_ended(store, come, busy, outcome):
    first, second = come(("a", QUEUE), ("a", busy))
    _claim(store, first)

    claimed = store.submit(journal.claim, Claim(second.id, datetime.now(UTC))).result()

    ended = [(end.run_id, end.outcome) for end in claimed.made_way] if claimed else []
    assert ended == ([] if outcome is None else [((second if busy is SKIP else first).id, outcome)])


def test_the_next_of_a_value_is_the_oldest_that_waits_its_turn(store, come):
    first, second, _, beside = come(("a", QUEUE), ("a", QUEUE), ("a", QUEUE), ("b", QUEUE))
    _claim(store, first)

    assert store.read(one_by_one.next_of, first) == second.id
    assert store.read(one_by_one.next_of, beside) == beside.id
    assert store.read(one_by_one.next_of, first._replace(workflow="other")) is None
