"""What runs and events take in memory has a bound in bytes: what is beyond it waits on disk, and has its turn."""

from datetime import timedelta

from engine.app import build_resting
from engine.executors import arrivals, weight
from engine.executors.arrivals import Arrivals, in_portions
from engine.executors.loop import Loop
from engine.executors.weight import Weight
from engine.path.scope import parsed
from engine.runtime import Pending
from engine.settings import Settings
from engine.store import ledger
from engine.words import Outcome
from tests.engines import deliver, running, runs_of, trigger, workflow
from tests.serving import eventually
from tests.sink import open_sink

MIB = 1024 * 1024


def test_a_large_event_finds_no_room_where_a_small_one_does():
    held = Weight(largest=MIB)
    held.put("run_a", weight.MOST - 10)

    assert (held.fits(11), held.fits(10)) == (False, True)


def test_what_is_let_go_weighs_nothing_however_often_it_was_counted():
    held = Weight(largest=MIB)
    for octets in (5, 7):
        held.put("run_a", octets)
    held.put("run_b", 1)

    assert held.total == 8
    held.drop("run_a")
    held.drop("run_a")
    assert held.total == 1


def test_there_is_room_for_two_of_the_largest_whatever_these_weigh():
    held = Weight(largest=weight.MOST)
    held.put("run_a", weight.MOST)

    assert held.fits(weight.MOST)


def _events(folder, number, size):
    """Leave events of so many bytes that nobody was asked about, and return their ids."""
    body = b'{"text": "%s"}' % (b"x" * size)
    with build_resting(Settings.load({}, folder, threads=2)) as engine:
        trigger(engine)
        workflow(engine, "name: W\non: {trigger: t}\nsteps: [{uses: core.log, with: {message: x}}]")
        return [deliver(engine, body).event_ids[0] for _ in range(number)]


def test_events_are_read_as_many_at_a_time_as_there_is_room_for(tmp_path, monkeypatch):
    monkeypatch.setattr(arrivals, "ROOM", 3 * MIB)
    ids = _events(tmp_path, 5, MIB)

    with build_resting(Settings.load({}, tmp_path, threads=2)) as engine:
        assert list(in_portions(engine, ids)) == [ids[:2], ids[2:4], ids[4:]]


def test_an_event_larger_than_the_room_is_read_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(arrivals, "ROOM", MIB)
    ids = _events(tmp_path, 2, MIB)

    with build_resting(Settings.load({}, tmp_path, threads=2)) as engine:
        assert list(in_portions(engine, ids)) == [[one] for one in ids]


def test_events_beyond_the_room_are_left_to_the_sweep(tmp_path, monkeypatch):
    monkeypatch.setattr(arrivals, "ROOM", 2 * MIB)
    ids = _events(tmp_path, 1, MIB)
    with build_resting(Settings.load({}, tmp_path, threads=2)) as engine:
        event = engine.store.read(ledger.events_of, ids)[ids[0]]
        waiting = Arrivals(Loop(engine.clock, lambda: None, lambda _: None, 1), lambda _: None)

        for number in range(5):
            waiting.accept([Pending(event._replace(id=f"evt_{number}"), parsed(event))])

    assert len(waiting) == 2


def test_what_was_lost_is_all_looked_for_at_once_a_portion_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(arrivals, "ROOM", 2 * MIB)
    ids = _events(tmp_path, 30, MIB)

    with running(tmp_path) as engine:
        engine.clock.advance(timedelta(seconds=10))  # so that they are not new any more
        # The sweep alone would take 30 times two seconds.
        eventually(lambda: all(e.matched_at for e in engine.store.read(ledger.events_of, ids).values()), within=20)
        assert {run.outcome for one in ids for run in runs_of(engine, one)} == {Outcome.SUCCEEDED}


def test_runs_of_large_events_begin_as_others_end_and_small_ones_pass_them(tmp_path, monkeypatch):
    monkeypatch.setattr(weight, "MOST", 3 * MIB)
    large = b'{"text": "%s"}' % (b"x" * MIB)
    with open_sink() as sink, running(tmp_path, allow_private_addresses="127.0.0.1/32", max_body="1536KiB") as engine:
        for name in ("large", "small"):
            trigger(engine, name=name)
            workflow(engine, f"name: W\non: {{trigger: {name}}}\nsteps:\n" + sink.step("/", "1", sends="json"), name)
        with sink.closed():
            heavy = [deliver(engine, large, "large").event_ids[0] for _ in range(8)]
            eventually(lambda: len(sink.calls) == 2)
            light = deliver(engine, name="small").event_ids[0]
            eventually(lambda: len(sink.calls) == 3)

            assert 2 * MIB < engine.executor._weight.total < 3 * MIB
        assert [run.outcome for one in (*heavy, light) for run in runs_of(engine, one)] == [Outcome.SUCCEEDED] * 9
        assert eventually(lambda: engine.executor._weight.total == 0)
