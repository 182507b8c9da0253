"""The embedded executor finishes what is on disk, whoever put it there and whatever happened to the process."""

import socket
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from threading import Event
from time import sleep

import pytest
import structlog
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from engine import app
from engine.app import build
from engine.executors import embedded, room
from engine.logs import configure
from engine.path import take
from engine.path.match import match
from engine.path.run import Walk
from engine.settings import LogFormat, Settings
from engine.store import journal, tables
from engine.store.journal import Claim
from engine.store.rows import Run
from engine.words import Outcome
from tests.doubt import interrupted
from tests.engines import deliver, trigger, workflow
from tests.serving import eventually

STEPS = "steps: [{id: say, uses: core.set, with: {values: {n: '${{ event.data.n }}'}}}]"


@pytest.fixture(autouse=True)
def _lines():
    """Write lines as Wink does."""
    before = structlog.get_config()
    configure(LogFormat.CONSOLE)
    yield
    structlog.configure(**before)


@pytest.fixture
def settings(tmp_path):
    return Settings.load({}, tmp_path, data=tmp_path / "data")


def _prepare(engine, steps=STEPS, *, condition=None):
    """Make the trigger and the workflow, and return what sends an event."""
    trigger(engine, condition=condition)
    workflow(engine, f"name: W\non: {{trigger: t}}\n{steps}")
    return lambda number: deliver(engine, b'{"n": %d}' % number)


def _runs(engine, outcome=None):
    wanted = select(tables.runs) if outcome is None else select(tables.runs).where(tables.runs.c.outcome == outcome)
    with engine.store.reading() as connection:
        return [Run(**row) for row in connection.execute(wanted).mappings()]


def _matches(engine):
    with engine.store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(tables.matches))


def test_an_event_becomes_a_finished_run(settings):
    with build(settings) as engine:
        send = _prepare(engine)

        assert send(1).reply.status == 202

        (run,) = eventually(lambda: _runs(engine, Outcome.SUCCEEDED))
        (entry,) = engine.store.read(journal.entries_of, [run.id])[run.id]
        assert entry.output == {"n": 1}


def test_a_no_is_recorded_and_starts_nothing(settings):
    with build(settings) as engine:
        send = _prepare(engine, condition="event.data.n == 2")

        send(1)

        eventually(lambda: _matches(engine) == 1)
        assert _runs(engine) == []


def test_more_runs_than_have_room_all_finish(settings, monkeypatch):
    monkeypatch.setattr(app, "Embedded", partial(embedded.Embedded, room=4))
    steps = "steps: [{id: wait, uses: core.wait, with: {for: 1ms}}]"
    with build(settings) as engine:
        send = _prepare(engine, steps)

        for number in range(30):
            send(number)

        eventually(lambda: len(_runs(engine, Outcome.SUCCEEDED)) == 30)


def test_there_is_no_room_for_events_while_many_are_on_their_way_to_disk(settings, monkeypatch):
    door, record = Event(), journal.record_matches
    monkeypatch.setattr(room, "MATCHING", 1)
    monkeypatch.setattr(room, "PATIENCE", timedelta())
    monkeypatch.setattr(journal, "record_matches", lambda *given: door.wait() and record(*given))
    with build(settings) as engine:
        _prepare(engine)(1)

        eventually(lambda: not engine.executor.await_room(timedelta()))
        monkeypatch.setattr(room, "PATIENCE", timedelta(seconds=10))
        door.set()

        assert engine.executor.await_room(timedelta(seconds=10))


def test_a_waiting_run_goes_on_when_it_is_due(settings):
    steps = "steps: [{id: wait, uses: core.wait, with: {for: 300ms}}]"
    with build(settings) as engine:
        _prepare(engine, steps)(1)

        (run,) = eventually(lambda: _runs(engine, Outcome.SUCCEEDED))

        assert run.finished_at - run.queued_at >= timedelta(milliseconds=300)


def test_a_run_whose_time_is_over_while_its_wait_is_written_goes_on(settings, monkeypatch):
    advance = journal.advance
    monkeypatch.setattr(embedded, "SWEEP", timedelta(milliseconds=15))
    monkeypatch.setattr(journal, "advance", lambda *given: (sleep(0.01), advance(*given))[1])
    given = "{title: Go on?, approvers: ['role:editor'], timeout: 1ms, default: approved}"
    ask = f"{{id: ask, uses: core.approve, with: {given}}}"
    later = "{id: later, uses: core.wait_for_event, timeout: 1ms, with: {trigger: t, if: 'false'}, on_error: continue}"
    with build(settings) as engine:
        send = _prepare(engine, f"steps: [{ask}, {later}]")

        for number in range(20):
            send(number)

        eventually(lambda: len(_runs(engine, Outcome.SUCCEEDED)) == 20)


def test_a_stop_hands_waiting_and_queued_work_to_the_next_process(settings):
    steps = "steps: [{id: wait, uses: core.wait, with: {for: 1s}}]"
    with build(settings) as engine:
        _prepare(engine, steps)(1)
        eventually(lambda: _runs(engine, Outcome.WAITING))

    with build(settings) as engine:
        (run,) = eventually(lambda: _runs(engine, Outcome.SUCCEEDED))
        assert run.deaths == 0


def test_an_event_that_nobody_was_told_of_is_found(settings, monkeypatch):
    with build(settings) as engine:
        send = _prepare(engine)
        monkeypatch.setattr(embedded.Embedded, "accept", lambda self, events: None)
        send(1)

    with build(settings) as engine:
        eventually(lambda: _runs(engine, Outcome.SUCCEEDED))


def test_a_run_of_a_dead_process_is_taken_over_at_the_start(settings):
    with build(settings) as engine:
        _prepare(engine)(1)
        (run,) = eventually(lambda: _runs(engine, Outcome.SUCCEEDED))
        engine.store.write(_undo, run.id)

    with capture_logs() as lines, build(settings) as engine:
        (again,) = eventually(lambda: _runs(engine, Outcome.SUCCEEDED))
        assert (again.deaths, again.token) == (1, run.token + 1)
    assert {"event": "runs.taken_over", "log_level": "info", "runs": 1} in lines


def _undo(connection, run_id):
    """Leave the run as a crash in its middle would."""
    owned = {"outcome": Outcome.RUNNING, "finished_at": None}
    connection.execute(update(tables.runs).where(tables.runs.c.id == run_id).values(owned))


def test_a_cancelled_run_ends_at_once_and_stays_cancelled(settings):
    steps = "steps: [{id: wait, uses: core.wait, with: {for: 200ms}}]"
    with build(settings) as engine:
        _prepare(engine, steps)(1)
        (run,) = eventually(lambda: _runs(engine, Outcome.WAITING))

        assert engine.store.write(journal.cancel, run.id, engine.clock.now())

        (cancelled,) = _runs(engine, Outcome.CANCELLED)
        assert (
            engine.store.submit(journal.claim, Claim(run.id, cancelled.finished_at + timedelta(days=1))).result()
            is None
        )


def test_a_run_whose_workflow_is_gone_fails_in_words(settings):
    with build(settings) as engine:
        _prepare(engine, "steps: [{id: wait, uses: core.wait, with: {for: 1s}}]")(1)
        eventually(lambda: _runs(engine, Outcome.WAITING))
        engine.store.write(lambda connection: connection.execute(tables.workflow_versions.delete()))

    with build(settings) as engine:
        (run,) = eventually(lambda: _runs(engine, Outcome.FAILED))
        assert "version" in run.error["message"]


def test_an_event_that_breaks_the_matching_keeps_no_other_waiting(settings, monkeypatch):
    def broken(pending, snapshot, now):
        if pending.data == {"n": 1}:
            raise RuntimeError
        return match(pending, snapshot, now)

    monkeypatch.setattr(embedded, "match", broken)
    with build(settings) as engine:
        send = _prepare(engine)
        send(1)
        send(2)

        eventually(lambda: len(_runs(engine, Outcome.SUCCEEDED)) == 1)


def test_a_run_whose_walk_breaks_is_let_go_and_its_lease_ends(settings, monkeypatch):
    with build(settings) as engine:
        send = _prepare(engine, "steps: [{id: wait, uses: core.wait, with: {for: 1ms}}]")
        monkeypatch.setattr(embedded, "take", lambda engine, claimed: _Broken(claimed.run))

        send(1)

        (run,) = eventually(lambda: _runs(engine, Outcome.RUNNING))
        eventually(lambda: run.id not in engine.executor._owned)


class _Broken:
    """A walk with a mistake of ours."""

    def __init__(self, run):
        self.run = run

    def advance(self, now, done=()):
        raise RuntimeError


def test_a_run_whose_trigger_cannot_be_compiled_now_goes_on_all_the_same(settings):
    with build(settings) as engine:
        _prepare(engine, "steps: [{id: wait, uses: core.wait, with: {for: 1s}}]")(1)
        eventually(lambda: _runs(engine, Outcome.WAITING))
        _set_connector(engine, "gone")

    with build(settings) as engine:
        assert eventually(lambda: _runs(engine, Outcome.SUCCEEDED))


def test_an_event_whose_trigger_cannot_be_compiled_now_waits_until_it_is_mended(settings, monkeypatch):
    with build(settings) as engine, monkeypatch.context() as lost:
        lost.setattr(embedded.Embedded, "accept", lambda self, events: None)
        _prepare(engine)(1)
        _set_connector(engine, "gone")
    with build(settings) as engine:
        _wait_for_looks(engine)
        assert _matches(engine) == 0
        _set_connector(engine, "custom")

    with build(settings) as engine:
        assert eventually(lambda: _runs(engine, Outcome.SUCCEEDED))


def _set_connector(engine, name):
    engine.store.write(lambda connection: connection.execute(update(tables.triggers).values(connector=name)))


def _wait_for_looks(engine):
    """Wait until the executor has done what it was called for at its start."""
    looked = Event()
    engine.executor._loop.call(looked.set)
    assert looked.wait(20)


def test_of_an_event_whose_second_run_breaks_no_run_is_owned(settings, monkeypatch):
    def broken(workflow, *args):
        if workflow.identity == "x":
            raise RuntimeError
        return Walk(workflow, *args)

    monkeypatch.setattr(take, "Walk", broken)
    with build(settings) as engine:
        send = _prepare(engine)
        workflow(engine, f"name: X\non: {{trigger: t}}\n{STEPS}", "x")

        send(1)

        _wait_for_looks(engine)
        assert engine.executor._owned == {}


@pytest.mark.parametrize("write", ["claim", "record_matches"])
def test_a_write_that_fails_is_told(settings, monkeypatch, capsys, write):
    def broken(connection, items):
        raise RuntimeError

    monkeypatch.setattr(journal, write, broken)
    with build(settings) as engine:
        send = _prepare(engine)

        send(1)
        engine.executor.notify("run_nobody")

        told = {"claim": "run.claim_failed", "record_matches": "outbox.write_failed"}[write]
        eventually(lambda: told in capsys.readouterr().err)


def test_a_step_that_a_crash_interrupted_is_told_in_the_log_with_how_to_decide(settings):
    with build(settings) as engine, capture_logs() as lines:
        run = interrupted(engine)

    decide = f"wink runs show {run.id}"
    told = {"event": "step.interrupted", "log_level": "warning", "run": run.id, "step": "ticket", "decide": decide}
    assert lines.count(told) == 1


def test_a_stop_that_leaves_tasks_behind_names_their_runs(settings, monkeypatch):
    monkeypatch.setattr(embedded, "GRACE", timedelta(milliseconds=50))
    with ExitStack() as stack, capture_logs() as lines:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = silent.getsockname()[1]
        with build(settings, reachable=[("127.0.0.1", port)]) as engine:
            _prepare(engine, f"steps: [{{id: call, uses: http.get, with: {{url: 'http://127.0.0.1:{port}/'}}}}]")(1)
            stack.enter_context(silent.accept()[0])
            (run,) = _runs(engine)

    (left,) = [line for line in lines if line["event"] == "executor.tasks_left"]
    assert (left["runs"], left["tasks"] >= 1) == ([run.id], True)  # a write may be under way too
