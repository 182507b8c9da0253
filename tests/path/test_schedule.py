"""Workflows start by the clock: each time once, also after downtime, also with two processes and clocks that jump."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.app import build
from engine.path import replay, schedule
from engine.path.replay import Version
from engine.path.workflows import delete, enable
from engine.settings import Settings
from engine.store import schedules, tables
from engine.store.rows import Run
from engine.store.schedules import take_turns
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from engine.words import Outcome
from tests.engines import MovableClock, workflow
from tests.serving import eventually

TEXT = """
name: Every minute
on: {schedule: {cron: "* * * * *"}}
inputs: {asset: {type: string, default: www}}
steps: [{id: say, uses: core.set, with: {values: {for: "${{ run.scheduled_for }}", asset: "${{ inputs.asset }}"}}}]
outputs: {all: "${{ steps.say.output }}"}
"""
DAILY = TEXT.replace("* * * * *", "0 8 * * *")


class SetClock(MovableClock):
    """A clock that goes on from where a test sets it."""

    def set(self, moment: datetime) -> None:
        self._ahead = moment - datetime.now(UTC)


@pytest.fixture
def clock():
    clock = SetClock()
    clock.set(datetime(2026, 1, 2, 7, 30, tzinfo=UTC))
    return clock


@pytest.fixture
def wink(tmp_path, clock):
    """Return what starts a Wink on a folder and with a clock of the test."""
    return lambda: build(Settings.load({}, tmp_path, threads=2), clock=clock)


def runs(engine) -> list[Run]:
    with engine.store.reading() as connection:
        return [Run(**row) for row in connection.execute(select(tables.runs).order_by(tables.runs.c.id)).mappings()]


def next_at(engine, name="w"):
    return engine.store.read(schedules.next_times, [name]).get(name)


def swept(engine, clock):
    """Wait until the executor has looked after now: its sweep comes every two seconds."""
    with engine.store.reading() as connection:
        behind = select(tables.schedules.c.next_at).where(tables.schedules.c.next_at <= clock.now())
        return connection.scalar(behind) is None


def test_a_time_that_comes_starts_a_run_that_knows_it(wink, clock):
    with wink() as engine:
        workflow(engine, DAILY)
        clock.set(datetime(2026, 1, 2, 8, 0, 1, tzinfo=UTC))

        (run,) = eventually(lambda: [run for run in runs(engine) if run.outcome is Outcome.SUCCEEDED])

    assert (run.scheduled_for, run.missed, run.event_id) == (datetime(2026, 1, 2, 8, tzinfo=UTC), 0, None)
    assert run.outputs == {"all": {"for": "2026-01-02T08:00:00.000000Z", "asset": "www"}}


def test_a_missed_time_runs_once_and_says_so(wink, clock):
    with wink() as engine:
        workflow(engine, DAILY)
    clock.set(datetime(2026, 1, 5, 12, tzinfo=UTC))

    with wink() as engine:
        (run,) = eventually(lambda: runs(engine))
        eventually(lambda: swept(engine, clock))

        assert (run.scheduled_for, run.missed) == (datetime(2026, 1, 5, 8, tzinfo=UTC), 4)
        assert next_at(engine) == datetime(2026, 1, 6, 8, tzinfo=UTC)
        assert len(runs(engine)) == 1


def test_a_clock_that_jumps_back_starts_nothing_twice(wink, clock):
    with wink() as engine:
        workflow(engine, DAILY)
        clock.set(datetime(2026, 1, 2, 8, 0, 1, tzinfo=UTC))
        eventually(lambda: runs(engine))
        clock.set(datetime(2026, 1, 2, 7, 59, 59, tzinfo=UTC))

        for moment in (7, 8, 8.5):
            clock.set(datetime(2026, 1, 2, tzinfo=UTC) + timedelta(hours=moment))
            assert schedule.due(engine, clock.now(), timedelta()).turns == []

        # Also for a schedule that begins anew on the clock that was set back.
        clock.set(datetime(2026, 1, 2, 7, tzinfo=UTC))
        enable(engine, "w", enabled=False)
        enable(engine, "w", enabled=True)
        clock.set(datetime(2026, 1, 2, 8, 0, 2, tzinfo=UTC))
        eventually(lambda: swept(engine, clock))
        assert len(runs(engine)) == 1
        assert next_at(engine) == datetime(2026, 1, 3, 8, tzinfo=UTC)


def test_a_disabled_workflow_has_no_runs_and_catches_up_on_none(wink, clock):
    with wink() as engine:
        workflow(engine, TEXT)
        enable(engine, "w", enabled=False)
        assert next_at(engine) is None
        clock.set(datetime(2026, 1, 3, 12, 0, 30, tzinfo=UTC))
        workflow(engine, TEXT.replace("www", "mail"))  # saving it meanwhile changes nothing in that

        enable(engine, "w", enabled=True)

        assert runs(engine) == []
        assert next_at(engine) == datetime(2026, 1, 3, 12, 1, tzinfo=UTC)


def test_what_is_saved_without_another_schedule_keeps_the_time_that_is_due(wink, clock):
    with wink() as engine:
        workflow(engine, DAILY)
    clock.set(datetime(2026, 1, 2, 8, 0, 1, tzinfo=UTC))
    with wink() as engine:
        workflow(engine, DAILY.replace("www", "mail"))

        assert eventually(lambda: runs(engine))


def test_another_schedule_begins_when_it_is_saved_and_none_ends_it(wink, clock):
    with wink() as engine:
        workflow(engine, DAILY)
        workflow(engine, DAILY.replace("0 8 *", "45 7 *"))
        moved = next_at(engine)
        workflow(engine, DAILY.replace('{schedule: {cron: "0 8 * * *"}}', "{manual: true}"))

        assert moved == datetime(2026, 1, 2, 7, 45, tzinfo=UTC)
        assert next_at(engine) is None


def test_a_deleted_workflow_has_no_times(wink):
    with wink() as engine:
        workflow(engine, DAILY)
        delete(engine, "w")

        assert next_at(engine) is None


def test_a_run_that_is_repeated_keeps_its_time(wink, clock):
    with wink() as engine:
        workflow(engine, DAILY)
        clock.set(datetime(2026, 1, 2, 8, 0, 1, tzinfo=UTC))
        (run,) = eventually(lambda: runs(engine))

        again = replay.rerun(engine, run.id, first=None, version=Version.SAME)

        assert again.scheduled_for == run.scheduled_for


def test_a_turn_that_cannot_be_written_is_taken_later(wink, clock, monkeypatch):
    def broken(connection, turns):
        raise RuntimeError

    with wink() as engine:
        workflow(engine, DAILY)
        with monkeypatch.context() as patch:
            patch.setattr(schedules, "take_turns", broken)
            clock.set(datetime(2026, 1, 2, 8, 0, 1, tzinfo=UTC))
        assert eventually(lambda: runs(engine))


def test_of_two_processes_one_takes_the_turn(tmp_path, database_url, clock):
    """Two stores on one database are two processes to it."""
    with build(Settings.load({}, tmp_path, threads=2), clock=clock) as engine:
        workflow(engine, DAILY)
        engine.executor.stop()  # so that nobody else takes it
        row = schedule.first_time(engine.published.workflow("w", _version(engine)), clock.now())
        clock.set(datetime(2026, 1, 2, 8, 0, 1, tzinfo=UTC))
        turns = [schedule.due(engine, clock.now(), timedelta()).turns[0] for _ in range(2)]
    stores = [open_store(database_url, cipher_from("test")) for _ in turns]
    stores[0].write(schedules.keep, "w", row)

    futures = [store.submit(take_turns, turn) for store, turn in zip(stores, turns, strict=True)]

    assert sorted(future.result() for future in futures) == [False, True]
    with stores[0].reading() as connection:
        assert len(connection.execute(select(tables.runs)).all()) == 1
    for store in stores:
        store.close()


def _version(engine):
    with engine.store.reading() as connection:
        return connection.scalar(select(tables.workflows.c.version))
