"""A signal ends the step that waits for it, once; one that comes too late is refused."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from engine.ids import new_id
from engine.store import approvals, event_waits, journal, show, signals, turns
from engine.store.event_waits import Correlated, LookedBack, Spot
from engine.store.journal import Advance, Claim
from engine.store.rows import Approval, EndedWait, Entry, EventWait, Run, Signal
from engine.store.set_back import set_back
from engine.words import Outcome

NOW = datetime.now(UTC)


def entry(run, outcome=Outcome.WAITING):
    ended = NOW if outcome is not Outcome.WAITING else None
    return Entry(run.id, "ask", 1, 0, "core.approve", outcome, 1, NOW, ended, None, {}, None, None)


def wait(run, key="1"):
    return EventWait(
        run.id, "ask", "trg_a", [], "event.data.n == run.n", {"run": {"n": 1}}, "event.data.n", key, NOW, NOW
    )


def born(event_id):
    fields = dict.fromkeys(Run._fields) | {"workflow": "w", "version": "v", "token": 0, "deaths": 0, "depth": 0}
    return Run(**fields | {"id": new_id("run"), "event_id": event_id, "outcome": Outcome.QUEUED, "queued_at": NOW})


def approval(run):
    return Approval("apr_1", run.id, "ask", "Go on?", "", {}, ["role:editor"], 1, "digest", NOW, None)


def post(store, run, path="ask"):
    return store.submit(signals.post, Signal(run.id, path, {"n": 1}, None, NOW)).result()


@pytest.fixture
def waiting(store, queued):
    """Return a maker of runs whose step waits for what is opened, with their tokens; more: how else they stand."""

    def make(opened=wait, **more):
        run = queued()
        token = store.submit(journal.claim, Claim(run.id, NOW)).result().run.token
        standing = Advance(run.id, token, Outcome.WAITING, (entry(run),), opened=(opened(run),), **more)
        assert store.submit(journal.advance, standing).result()
        return run, token

    return make


def advance(store, run, token, outcome, **ends):
    changed = (entry(run, outcome),)
    return store.submit(journal.advance, Advance(run.id, token, Outcome.RUNNING, changed, **ends)).result()


def test_a_signal_makes_the_run_due_and_comes_with_its_claim(store, waiting):
    run, _ = waiting()
    assert store.submit(journal.claim, Claim(run.id, NOW)).result() is None

    assert post(store, run)

    assert [one.id for one in store.read(turns.due, NOW, 10)] == [run.id]
    (came,) = store.submit(journal.claim, Claim(run.id, NOW)).result().signals
    assert (came.path, came.output) == ("ask", {"n": 1})


def test_a_step_takes_one_signal(store, waiting):
    run, _ = waiting()

    assert [post(store, run), post(store, run)] == [True, False]


def test_of_two_in_one_batch_the_first_counts(store, waiting):
    run, _ = waiting()
    both = [Signal(run.id, "ask", number, None, NOW) for number in (1, 2)]

    assert store.write(signals.post, both) == [True, False]
    assert store.read(signals.of_runs, [run.id])[run.id][0].output == 1


@pytest.mark.parametrize("path", ["other", ""])
def test_a_step_that_does_not_wait_takes_none(store, waiting, path):
    run, _ = waiting()

    assert not post(store, run, path)


def test_a_run_that_has_ended_takes_none(store, waiting):
    run, _ = waiting()
    store.write(journal.cancel, run.id, NOW)

    assert not post(store, run)


@pytest.mark.parametrize("first", [None, signals.OVER])
def test_of_an_answer_and_the_end_of_the_time_the_first_counts(store, waiting, first):
    run, _ = waiting()
    second = None if first else signals.OVER

    told = [store.write(signals.post, [Signal(run.id, "ask", None, error, NOW)]) for error in (first, second)]

    assert told == [[True], [False]]
    assert [one.error for one in store.read(signals.of_runs, [run.id])[run.id]] == [first]


def test_a_step_that_ends_takes_the_signal_and_the_wait_away(store, waiting):
    run, _ = waiting()
    post(store, run)
    token = store.submit(journal.claim, Claim(run.id, NOW)).result().run.token

    assert advance(store, run, token, Outcome.SUCCEEDED, signalled=("ask",))

    assert store.read(signals.of_runs, [run.id]) == {}
    assert store.read(event_waits.awaited_triggers) == frozenset()


def test_a_step_that_tries_again_keeps_the_run_that_it_waits_for_now(store, waiting):
    run, _ = waiting()
    post(store, run)
    token = store.submit(journal.claim, Claim(run.id, NOW)).result().run.token
    child = born(None)._replace(parent_id=run.id, parent_path="ask")
    failed = Advance(run.id, token, Outcome.RUNNING, (entry(run),), signalled=("ask",))
    again = Advance(run.id, token, Outcome.RUNNING, (entry(run),), opened=(child,))

    assert store.write(journal.advance, [failed, again]) == [True, True]

    assert store.read(show.run, child.id).outcome is Outcome.QUEUED


def test_a_step_that_gives_up_closes_what_it_asked(store, waiting):
    run, _ = waiting(approval, due_at=NOW)
    assert store.read(approvals.number_open) == 1
    token = store.submit(journal.claim, Claim(run.id, NOW)).result().run.token

    assert advance(store, run, token, Outcome.FAILED, given_up=("ask",))

    assert store.read(approvals.number_open) == 0


def test_waits_are_found_by_their_keys(store, waiting):
    runs = {key: waiting(lambda run, key=key: wait(run, key))[0] for key in ("1", "2")}

    found = store.read(event_waits.with_key, "trg_a", "2", Spot("event.data.n"), 10)
    beyond = store.read(event_waits.with_key, "trg_a", "2", Spot("event.data.n", runs["2"].id, "ask"), 10)

    assert ([one.run_id for one in found], beyond) == ([runs["2"].id], [])
    assert store.read(event_waits.keys_of, "trg_a") == ["event.data.n"]


def test_an_event_that_was_matched_waits_for_the_steps_to_be_asked_across_a_crash(store, waiting, arrival):
    run, _ = waiting()
    matched = journal.Matched(run.event_id, NOW, (), awaited=True)
    with store.database.writing.begin() as connection:
        connection.exec_driver_sql("UPDATE events SET matched_at = NULL")
    store.submit(journal.record_matches, matched).result()
    assert store.read(event_waits.uncorrelated, 10) == [run.event_id]

    assert store.read(show.event_history, run.event_id).asks_waits

    told = store.write(event_waits.correlate, [Correlated(run.event_id, (Signal(run.id, "ask", {}, None, NOW),))])

    assert (told, store.read(event_waits.uncorrelated, 10)) == ([[run.id]], [])
    assert not store.read(show.event_history, run.event_id).asks_waits


def test_the_event_that_ended_a_wait_is_kept_with_the_step_and_one_that_came_too_late_is_not(store, waiting, queued):
    run, _ = waiting()
    first, late = queued().event_id, queued().event_id
    told = (Signal(run.id, "ask", {}, None, NOW),)

    store.write(event_waits.correlate, [Correlated(first, told)])
    store.write(event_waits.correlate, [Correlated(late, told)])

    ended = {event_id: store.read(show.event_history, event_id).ended_waits for event_id in (first, late)}
    assert ended == {first: (EndedWait(first, run.id, "ask", NOW),), late: ()}
    assert store.read(event_waits.ended_among, [first, late]) == {first}


def test_an_event_that_was_found_by_looking_back_is_kept_with_the_step_also_a_second_time(store, waiting):
    run, _ = waiting()
    (one,) = store.read(event_waits.not_looked_back, NOW + timedelta(minutes=1), 10)
    found = LookedBack(one, Signal(run.id, "ask", {}, None, NOW), done=True, since=NOW, event_id=run.event_id)

    assert store.write(event_waits.look_back, [found]) == [[run.id]]
    token = store.submit(journal.claim, Claim(run.id, NOW)).result().run.token
    assert advance(store, run, token, Outcome.WAITING, signalled=("ask",))
    assert advance(store, run, token, Outcome.WAITING, opened=(wait(run),))
    store.write(event_waits.look_back, [found])

    assert [each.path for each in store.read(show.event_history, run.event_id).ended_waits] == ["ask"]


def test_a_wait_is_looked_back_for_until_that_is_done(store, waiting):
    waiting()
    later = NOW + timedelta(minutes=1)
    (one,) = store.read(event_waits.not_looked_back, later, 10)
    assert store.read(event_waits.not_looked_back, NOW, 10) == []

    store.write(event_waits.look_back, [LookedBack(one, None, done=True, since=NOW)])

    assert store.read(event_waits.not_looked_back, later, 10) == []


def test_a_wait_is_looked_back_for_again_when_what_was_held_is_let_run(store, waiting):
    waiting()
    later = NOW + timedelta(minutes=1)
    (one,) = store.read(event_waits.not_looked_back, later, 10)
    store.write(event_waits.look_back, [LookedBack(one, None, done=True, since=NOW)])

    store.write(event_waits.look_again, "trg_a")

    assert len(store.read(event_waits.not_looked_back, later, 10)) == 1


def test_waits_that_are_never_done_leave_the_others_their_turn(store):
    moments = [NOW + timedelta(seconds=number // 2) for number in range(5)]
    waits = [wait(SimpleNamespace(id=f"run_{n}"))._replace(created_at=moment) for n, moment in enumerate(moments)]
    store.write(signals.begin_waiting, waits)
    later = NOW + timedelta(minutes=1)

    first = store.read(event_waits.not_looked_back, later, 2)
    second = store.read(event_waits.not_looked_back, later, 2, first[-1])
    third = store.read(event_waits.not_looked_back, later, 2, second[-1])

    assert [[one.run_id for one in found] for found in (first, second, third)] == [
        ["run_0", "run_1"],
        ["run_2", "run_3"],
        ["run_4"],
    ]


def test_where_to_look_back_is_found_by_an_index(plan):
    steps = plan(event_waits.not_looked_back, NOW, 2, wait(SimpleNamespace(id="run_0")))

    assert any("USING INDEX event_waits_not_looked_back" in step for step in steps), steps


@pytest.mark.parametrize("mine", [True, False])
def test_what_a_run_waits_for_goes_along_with_the_clock_when_that_run_does(store, waiting, mine):
    (run, _), (other, _) = waiting(), waiting()
    now, day = NOW - timedelta(hours=23), timedelta(days=1)

    store.write(set_back, day, now, run.id if mine else other.id)

    (kept,) = [
        each for each in store.read(event_waits.not_looked_back, NOW + timedelta(days=1), 10) if each.run_id == run.id
    ]
    assert kept.created_at == (NOW - day if mine else NOW)


@pytest.mark.parametrize("mine", [True, False])
def test_people_are_asked_as_long_as_the_run_that_asks_waits(store, waiting, mine):
    run, _ = waiting(approval)
    now, day = NOW - timedelta(hours=23), timedelta(days=1)

    store.write(set_back, day, now, run.id if mine else "run_other")

    (asked,) = store.read(approvals.of_run, run.id)
    assert asked.approval.asked_at == (NOW - day if mine else NOW)


@pytest.mark.parametrize("query", [approvals.open_of, event_waits.of_run, show.children])
def test_what_a_run_waits_for_is_found_by_indexes(plan, query):
    scans = [step for step in plan(query, "run_1") if step.startswith("SCAN")]

    assert set(scans) <= {"SCAN asking", "SCAN CONSTANT ROW", "SCAN (subquery-1)"}  # what the query has found itself


def test_what_an_event_has_ended_is_found_by_indexes(plan):
    assert not [step for step in plan(event_waits.ended_among, ["evt_1"]) if step.startswith("SCAN")]
