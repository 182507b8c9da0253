"""What workflows did lately, for lists of them."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.store import activity
from engine.store import workflows as stored
from engine.words import Outcome

DAY = timedelta(days=1)


@pytest.fixture
def put(store, clock):
    """Write down workflows of these names."""

    def write(*names):
        for name in names:
            store.write(stored.put, name, "v", b"", now=clock.now(), expected=None)

    return write


def test_the_newest_run_of_each_workflow(store, put, queued):
    put("a", "b", "never")
    queued(workflow="a")
    newest = {"a": queued(workflow="a").id, "b": queued(workflow="b").id}

    found = store.read(activity.last_runs, ["a", "b", "never", "gone"])

    assert {name: run.id for name, run in found.items()} == newest


def test_runs_are_counted_by_outcome(store, put, queued, clock):
    put("a", "b")
    for workflow in ("a", "a", "b", "other"):
        queued(workflow=workflow)

    found = store.read(activity.runs_since, ["a", "b"], clock.now() - DAY)

    assert found == {"a": {Outcome.QUEUED: 2}, "b": {Outcome.QUEUED: 1}}


def test_older_runs_are_not_counted(store, put, queued):
    put("a")
    queued(workflow="a")

    assert store.read(activity.runs_since, ["a"], datetime.now(UTC) + DAY) == {}


def test_of_very_many_runs_the_newest_are_counted(store, put, queued, clock, monkeypatch):
    monkeypatch.setattr(activity, "MOST_COUNTED", 3)
    put("a")
    for _ in range(5):
        queued(workflow="a")

    assert store.read(activity.runs_since, ["a"], clock.now() - DAY) == {"a": {Outcome.QUEUED: 3}}


def test_neither_walks_through_all_runs(plan, clock):
    steps = plan(activity.last_runs, ["a", "b"]) + plan(activity.runs_since, ["a", "b"], clock.now() - DAY)

    assert any("INDEX runs_by_workflow" in step for step in steps)
    assert not [step for step in steps if step.startswith("SCAN runs")], steps
