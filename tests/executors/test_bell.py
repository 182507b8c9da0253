"""Whoever receives rings for workers, by a broker that may be away, and waits for nobody."""

import re
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from engine.errors import BrokerUnavailable
from engine.executors import bell
from engine.executors.bell import CROWD, LARGEST, Bell, Lane
from engine.executors.celery import Broker
from engine.store.deployment import deployment
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from tests.brokers import broker_of
from tests.serving import eventually, free_port

GUIDE = Path(__file__).parents[2] / "docs" / "cluster.md"


class _Line:
    """A broker in memory, which can be away."""

    def __init__(self):
        self.sent, self.is_there, self.is_closed, self.asked = [], True, False, 0

    def send(self, lane, ids):
        self.check()
        self.sent.append((lane, list(ids)))

    def check(self):
        self.asked += 1
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


def test_what_comes_after_many_events_gathers(line, ringing, monkeypatch):
    monkeypatch.setattr(bell, "GATHERING", 1.0)
    found = ringing()
    found.accept(_events(*(f"evt_{n}" for n in range(CROWD))))
    eventually(lambda: len(line.sent) == 1)

    found.accept(_events("evt_late"))
    found.accept(_events("evt_later"))

    eventually(lambda: len(line.sent) == 2)
    assert line.sent[1] == (Lane.NEW, ["evt_late", "evt_later"])


def test_what_has_gathered_already_waits_for_no_more(line, ringing, monkeypatch):
    monkeypatch.setattr(bell, "GATHERING", 60.0)

    ringing().accept(_events(*(f"evt_{n}" for n in range(3 * LARGEST))))

    eventually(lambda: len(line.sent) == 3)


def test_a_broker_that_is_away_keeps_nobody_waiting_and_is_found_again(line, ringing):
    line.is_there = False
    found = ringing()
    found.notify("run_1")
    assert found.broker_answers is False

    line.is_there = True
    eventually(lambda: found.broker_answers)
    found.notify("run_2")

    eventually(lambda: (Lane.RESUME, ["run_2"]) in line.sent)


def test_a_broker_that_is_away_is_not_there_because_nothing_waits_for_it(line, ringing):
    line.is_there = False
    found = ringing()
    answers, asked = set(), line.asked

    def is_asked_again():
        found.accept([])
        answers.add(found.broker_answers)
        return line.asked > asked + 2

    eventually(is_asked_again)
    assert answers == {False}


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


def test_a_message_is_acknowledged_before_it_is_acted_on(broker_url):
    heard, name = [], "test-of-acknowledging"
    with broker_of(broker_url, name) as broker, broker_of(broker_url, name) as other:
        for event_id in ("evt_1", "evt_2"):
            broker.send(Lane.NEW, [event_id])

        def hear(_, ids):
            if ids == ["evt_2"]:
                broker.leave()
            eventually(lambda: _unread(other, Lane.NEW) == 0, within=5)  # so the second was handed over
            heard.extend(ids)

        broker.listen(hear)

    assert heard == ["evt_1", "evt_2"]


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


def _unread(broker, lane):
    """Return how many messages nobody was handed."""
    broker.check()
    return broker._queues[lane](broker._connection.default_channel).queue_declare(passive=True).message_count


def _raise(error):
    raise error


def test_the_guide_takes_away_what_a_wink_leaves_in_rabbitmq(postgresql_url):
    guide = GUIDE.read_text()
    (wanted,) = re.findall(r"SELECT convert_from.*'deployment'", guide)
    with closing(open_store(postgresql_url, cipher_from("test"))) as store:
        made = store.write(deployment)
        found = store.read(lambda connection: connection.scalar(text(wanted)))

    broker = Broker(f"amqp://guest:guest@127.0.0.1:{free_port()}", made)
    named = {each.replace("${id:?}", found) for each in re.findall(r'"(wink\.\$\{id:\?\}[.a-z]*)"', guide)}
    assert {queue.name for queue in broker._queues.values()} == named
    assert broker._queues[Lane.NEW].exchange.name == f"wink.{found}"
    broker.close()
