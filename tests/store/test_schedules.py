"""Schedules and callbacks in the store: what is due is found by an index, and one of two takes it."""

from datetime import timedelta

import pytest

from engine.store import callbacks, schedules, workflows
from engine.store.rows import ScheduleRow
from engine.store.schedules import Turn


def put(store, clock, name, cron="0 8 * * *", wait=timedelta()):
    row = ScheduleRow(name, cron, "UTC", clock.now() + wait)
    store.write(workflows.put, name, "v", b"", now=clock.now(), expected=None, schedule=row)
    return row


def test_what_is_due_comes_earliest_first_with_its_version(store, clock):
    put(store, clock, "later", wait=timedelta(minutes=1))
    put(store, clock, "now")
    put(store, clock, "tomorrow", wait=timedelta(days=1))

    found = store.read(schedules.due, clock.now() + timedelta(minutes=1), 9)

    assert [(each.workflow, each.version) for each in found] == [("now", "v"), ("later", "v")]


def test_the_same_schedule_goes_on_and_another_begins_anew(store, clock):
    first = put(store, clock, "w")
    put(store, clock, "w", wait=timedelta(hours=1))
    same = store.read(schedules.next_times, ["w"])["w"]
    other = put(store, clock, "w", "0 9 * * *", wait=timedelta(hours=1))

    assert same == first.next_at
    assert store.read(schedules.next_times, ["w"])["w"] == other.next_at


@pytest.mark.parametrize("end", ["disable", "remove", "keep none"])
def test_a_schedule_ends_with_what_starts_by_it(store, clock, end):
    put(store, clock, "w")

    if end == "disable":
        store.write(workflows.enable, "w", enabled=False, now=clock.now())
    elif end == "remove":
        store.write(workflows.remove, "w")
    else:
        store.write(schedules.keep, "w", None)

    assert store.read(schedules.next_times, ["w"]) == {}


def test_a_turn_from_a_time_that_is_not_next_is_taken_by_nobody(store, clock):
    row = put(store, clock, "w")
    stale = Turn("w", row.next_at - timedelta(days=1), row.next_at, None)

    assert store.submit(schedules.take_turns, stale).result() is False
    assert store.read(schedules.next_times, ["w"])["w"] == row.next_at


def test_what_is_due_is_found_by_an_index(plan, clock):
    for query in (schedules.due, callbacks.due):
        steps = plan(query, clock.now(), 9)

        assert any("_by_time" in step for step in steps), steps
        assert not any(step.startswith("SCAN") for step in steps), steps
