"""What makes a row by the order of its columns makes the same as by their names."""

from datetime import timedelta

from engine.store.rows import Entry, Run
from engine.words import Outcome


def test_a_run_that_begins_is_the_queued_one_with_what_that_changes(clock):
    now, queued = clock.now(), Run(*Run._fields)  # each column is told from every other

    begun = queued.begun(now, now + timedelta(seconds=9))

    changed = {"outcome": Outcome.RUNNING, "token": 1, "lease_until": now + timedelta(seconds=9), "started_at": now}
    assert begun == queued._replace(**changed)


def test_a_step_that_begins_has_each_column_in_its_place(clock):
    begun = Entry.begun("run_1", "a/b", 7, "http.post", clock.now(), {"url": "x"})

    assert begun == Entry(
        run_id="run_1",
        path="a/b",
        visit=1,
        position=7,
        uses="http.post",
        outcome=Outcome.RUNNING,
        attempts=1,
        started_at=clock.now(),
        finished_at=None,
        due_at=None,
        input={"url": "x"},
        output=None,
        error=None,
    )


def test_a_step_that_ends_is_the_one_that_began_with_what_that_changes(clock):
    began = Entry(*Entry._fields)

    ended = began.ended(Outcome.SUCCEEDED, clock.now(), {"is": "out"})

    changed = {"outcome": Outcome.SUCCEEDED, "finished_at": clock.now(), "output": {"is": "out"}}
    assert ended == began._replace(**changed, due_at=None, error=None)
