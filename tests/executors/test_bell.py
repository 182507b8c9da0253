"""Whoever receives rings for workers, by a broker that may be away, and waits for nobody."""

from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from engine.errors import BrokerUnavailable
from engine.executors import bell
from engine.executors.bell import LARGEST, Bell, Lane
from engine.executors.celery import Broker
from tests.brokers import broker_of
from tests.serving import eventually, free_port


class _Line:
    """A broker in memory, which can be away."""

    def __init__(self):
        self.sent, self.is_there, self.is_closed = [], True, False

    def send(self, lane, ids):
        self.check()
        self.sent.append((lane, list(ids)))

    def check(self):
        if not self.is_there:
            raise BrokerUnavailable

    def close(self):
        self.is_closed = True


@pytest.fixture
def line():
    return _Line()


@pytest.fixture
def ringing(line, monkeypatch):
    """Return a bell on that line, which has found out whether it is there."""
    monkeypatch.setattr(bell, "open_line", lambda *_: line)
    monkeypatch.setattr(bell, "PAUSE", 0.05)
    with ExitStack() as stack:

        def start():
            found = Bell("amqp://nobody")
            found.start(None)
            stack.callback(found.stop)
            eventually(lambda: found.broker_answers is not None)
            return found

        yield start


def _events(*ids):
    return [SimpleNamespace(event=SimpleNamespace(id=id_)) for id_ in ids]


def test_one_event_is_one_message(line, ringing):
    ringing().accept(_events("evt_1"))

    assert eventually(lambda: line.sent) == [(Lane.NEW, ["evt_1"])]


def test_many_events_are_few_messages(line, ringing):
    ringing().accept(_events(*(f"evt_{n}" for n in range(2 * LARGEST))))

    eventually(lambda: len(line.sent) == 2)
    assert [len(ids) for _, ids in line.sent] == [LARGEST, LARGEST]


def test_a_broker_that_is_away_keeps_nobody_waiting_and_is_found_again(line, ringing):
    line.is_there = False
    found = ringing()
    found.notify("run_1")
    assert found.broker_answers is False

    line.is_there = True
    eventually(lambda: found.broker_answers)
    found.notify("run_2")

    eventually(lambda: (Lane.RESUME, ["run_2"]) in line.sent)


def test_whoever_stops_lets_go_of_the_broker(line, ringing):
    ringing().stop()

    assert line.is_closed


def test_a_run_that_goes_on_is_heard_before_a_backlog_of_events(broker_url):
    heard = []
    with broker_of(broker_url, "test-of-lanes") as broker:
        for number in range(20):
            broker.send(Lane.NEW, [f"evt_{number}"])
        broker.send(Lane.RESUME, ["run_1"])

        def hear(lane, ids):
            heard.append((lane, ids))
            if lane is Lane.RESUME:
                broker.leave()

        broker.listen(hear)

    assert (Lane.RESUME, ["run_1"]) in heard
    assert len(heard) < 10


def test_a_broker_that_lets_nobody_in_at_first_is_heard_later(broker_url, monkeypatch):
    heard, refusals = [], [BrokerUnavailable("ACCESS_REFUSED")]
    check = Broker.check
    monkeypatch.setattr(Broker, "check", lambda broker: _raise(refusals.pop()) if refusals else check(broker))
    with broker_of(broker_url, "test-of-refusals") as broker:
        broker.send(Lane.NEW, ["evt_1"])

        broker.listen(lambda lane, ids: (heard.append((lane, ids)), broker.leave()))

    assert heard == [(Lane.NEW, ["evt_1"])]


def test_a_broker_that_is_not_there_is_told():
    with pytest.raises(BrokerUnavailable):
        Broker(f"amqp://guest:guest@127.0.0.1:{free_port()}", "nobody").check()


def _raise(error):
    raise error
