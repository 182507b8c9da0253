"""Many runs of one workflow hold up no other, and a run that waits is a row and nothing else."""

from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest

from engine import app
from engine.executors.embedded import Embedded
from engine.executors.rounds import ROOM, SHARE, in_turn
from engine.path.start import start
from engine.store import show
from engine.store.turns import Due
from engine.words import Outcome
from tests.engines import WAITS, deliver, running, runs_of, trigger, workflow
from tests.serving import eventually
from tests.sink import open_sink


def _owned(**counts):
    walks = [
        SimpleNamespace(run=SimpleNamespace(workflow=name)) for name, count in counts.items() for _ in range(count)
    ]
    return dict(enumerate(walks))


def _grown(*workflows, owned=None):
    """Return how many runs of each workflow a process has when all of them have as many as they like."""
    due = [Due(f"{name}{number}", name) for number in range(ROOM) for name in workflows]
    taken = list(in_turn(owned or {}, due, ROOM))
    return [sum(one.startswith(name) for one in taken) for name in workflows]


def test_a_workflow_alone_leaves_a_quarter_of_the_room_and_two_a_seventh():
    assert _grown("a") == [ROOM * SHARE // (SHARE + 1)]
    assert _grown("a", "b") == [220, 219]


def test_there_is_room_for_a_workflow_that_has_none_while_others_have_their_share():
    full = _owned(a=384)

    assert list(in_turn(full, [Due("run_1", "a"), Due("run_2", "b"), Due("run_3", "a")], ROOM)) == ["run_2"]


@pytest.mark.parametrize("counts", [{"a": 512}, {"a": 500, "b": 20}])
def test_there_is_no_room_where_there_is_none(counts):
    assert list(in_turn(_owned(**counts), [Due("run_1", "c")], ROOM)) == []


def test_runs_that_take_long_leave_room_for_another_workflow(tmp_path, monkeypatch):
    monkeypatch.setattr(app, "Embedded", partial(Embedded, room=8))
    with open_sink() as sink, running(tmp_path, allow_private_addresses="127.0.0.1/32") as engine:
        for name in ("slow", "quick"):
            trigger(engine, name=name)
        workflow(engine, "name: S\non: {trigger: slow}\nsteps:\n" + sink.step("/", "1", sends="json"), "slow")
        workflow(engine, "name: Q\non: {trigger: quick}\nsteps: [{uses: core.log, with: {message: x}}]\n", "quick")
        with sink.closed():
            slow = [deliver(engine, name="slow").event_ids[0] for _ in range(20)]
            eventually(lambda: len(sink.calls) == 6)

            quick = runs_of(engine, deliver(engine, name="quick").event_ids[0])

            assert len(sink.calls) == 6
        assert [run.outcome for run in quick] == [Outcome.SUCCEEDED]
        assert {runs_of(engine, event)[0].outcome for event in slow} == {Outcome.SUCCEEDED}


def test_an_event_that_starts_many_workflows_begins_as_many_as_there_is_room_for(tmp_path, monkeypatch):
    monkeypatch.setattr(app, "Embedded", partial(Embedded, room=4))
    with open_sink() as sink, running(tmp_path, allow_private_addresses="127.0.0.1/32") as engine:
        trigger(engine)
        for number in range(12):
            workflow(engine, "name: W\non: {trigger: t}\nsteps:\n" + sink.step("/", "1", sends="json"), f"w{number}")
        with sink.closed():
            event = deliver(engine).event_ids[0]
            eventually(lambda: sink.calls)

            assert len(engine.executor._owned) == 4
        assert [run.outcome for run in runs_of(engine, event)] == [Outcome.SUCCEEDED] * 12


def test_runs_that_wait_have_one_timer_between_them(tmp_path):
    with running(tmp_path) as engine:
        workflow(engine, WAITS)
        begun = [start(engine, "w", {}).id for _ in range(20)]
        eventually(lambda: all(engine.store.read(show.run, one).outcome is Outcome.WAITING for one in begun))
        timers = len(engine.executor._loop._timers)
        engine.clock.advance(timedelta(hours=1))

        assert eventually(lambda: all(engine.store.read(show.run, one).finished_at for one in begun))
    assert timers <= 4  # the sweep, the leases, the tidying, and the first of the waits
