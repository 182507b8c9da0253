"""What can go wrong: each strikes a stage under load, and is over when its block ends."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import amqp

from engine.store.journal import LEASE
from tests.crash.stage.hosts import clock_off_by
from tests.crash.stage.processes import Missing, frozen
from tests.crash.stage.stage import AHEAD, COMES_ABOUT, Stage
from tests.crash.stage.vendor import Load
from tests.serving import Wink, eventually

#: Acknowledgements between two deeds, so that each falls into work.
BUSY = 8

LONG_STEP = timedelta(seconds=25)

Strike = Callable[[Stage, Load], AbstractContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """A fault by its name; what strikes begins it, and mends it when the block ends."""

    name: str
    strike: Strike
    #: Whether it leaves steps in doubt, which are done once more.
    repeats: bool = False


def busy(load: Load, number: int = BUSY) -> None:
    """Return when so many more events were acknowledged."""
    before = len(load.acknowledged)
    eventually(lambda: len(load.acknowledged) >= before + number, within=COMES_ABOUT)


def refused(load: Load) -> None:
    """Return when the vendor was refused once more."""
    before = load.refused.total()
    eventually(lambda: load.refused.total() > before, within=COMES_ABOUT)


def passes(length: timedelta, since: float | None = None) -> None:
    """Return when so much time has passed."""
    end = (monotonic() if since is None else since) + length.total_seconds()
    eventually(lambda: monotonic() >= end, within=length.total_seconds() + 1)


@contextmanager
def amid_steps(stage: Stage, load: Load) -> Iterator[list[str]]:
    """Hold steps back in their midst until the block ends, and give the vendor's ids of their events."""
    path = _path(load)
    with stage.sink.closed(path):
        names = [stage.vendor.send(stage.long, load, to=path) for _ in range(BUSY)]
        eventually(lambda: len(stage.sink.at(path)) >= BUSY, within=COMES_ABOUT)
        yield names


def _path(load: Load) -> str:
    """Return a path that nothing was sent to before."""
    return f"/{load.name.replace(' ', '-')}/{len(load.acknowledged)}"


@contextmanager
def idle(hosts: Sequence[Wink]) -> Iterator[None]:
    """Let these do nothing until the block ends, for less than a lease."""
    with ExitStack() as stack:
        for host in hosts:
            assert host.process is not None
            stack.enter_context(frozen(host.process))
        yield


@contextmanager
def kill_server(stage: Stage, load: Load) -> Iterator[None]:
    web = stage.webs[-1]
    with amid_steps(stage, load):
        web.kill()
    refused(load)
    web.start()
    busy(load)
    yield


@contextmanager
def kill_worker(stage: Stage, load: Load) -> Iterator[None]:
    worker, *others = stage.workers
    with idle(others), amid_steps(stage, load):  # so that it is this one that is in the midst of them
        worker.kill()
    busy(load)
    worker.start()
    yield


@contextmanager
def kill_database(stage: Stage, load: Load) -> Iterator[None]:
    assert stage.database is not None
    busy(load)
    stage.database.program.kill()
    refused(load)
    stage.database.start()
    busy(load)
    yield


@contextmanager
def hang_database(stage: Stage, load: Load) -> Iterator[None]:
    assert stage.database is not None
    assert stage.database.program.process is not None
    busy(load)
    with frozen(stage.database.program.process):
        refused(load)
        passes(stage.away)
    busy(load)
    yield


@contextmanager
def fill_disk(stage: Stage, load: Load) -> Iterator[None]:
    if stage.disk is None:
        raise Missing("a disk that can be filled: nothing may be mounted here")
    busy(load)
    with stage.disk.full():
        refused(load)
    busy(load)
    yield


@contextmanager
def kill_broker(stage: Stage, load: Load) -> Iterator[None]:
    """Kill it and start it again; deliveries are taken meanwhile."""
    assert stage.broker is not None
    busy(load)
    stage.broker.program.kill()
    busy(load)
    stage.broker.start()
    busy(load)
    yield


@contextmanager
def cut_broker_off(stage: Stage, load: Load) -> Iterator[None]:
    assert stage.broker is not None
    if stage.broker.cable is None:
        raise Missing("a network of the broker's own: none may be made here")
    busy(load)
    with stage.broker.cable.cut():
        busy(load)
        passes(stage.away)
    busy(load)
    yield


@contextmanager
def purge_messages(stage: Stage, load: Load) -> Iterator[None]:
    broker = stage.broker
    assert broker is not None
    with idle(stage.workers):
        busy(load)
        eventually(broker.purge, within=COMES_ABOUT)
    busy(load)
    yield


@contextmanager
def intercept(stage: Stage, load: Load) -> Iterator[list[tuple[str, amqp.Message]]]:
    """Give every message that waits while the workers are idle; they are the broker's no more."""
    broker = stage.broker
    assert broker is not None
    with broker.channel() as channel, idle(stage.workers):
        busy(load)
        yield eventually(lambda: list(_taken(channel, broker.queues())), within=COMES_ABOUT)


def _taken(channel: amqp.Channel, queues: Sequence[str]) -> Iterator[tuple[str, amqp.Message]]:
    for queue in queues:
        while message := channel.basic_get(queue, no_ack=True):
            yield queue, message


def _deliver(stage: Stage, messages: Sequence[tuple[str, amqp.Message]], times: int) -> None:
    assert stage.broker is not None
    with stage.broker.channel() as channel:
        for queue, message in messages:
            again = amqp.Message(message.body, **message.properties)
            for _ in range(times):
                channel.basic_publish(again, routing_key=queue)


@contextmanager
def never_deliver(stage: Stage, load: Load) -> Iterator[None]:
    with intercept(stage, load):
        pass
    busy(load)
    yield


@contextmanager
def deliver_twice(stage: Stage, load: Load) -> Iterator[None]:
    with intercept(stage, load) as messages:
        _deliver(stage, messages, 2)
    busy(load)
    yield


@contextmanager
def deliver_late(stage: Stage, load: Load) -> Iterator[None]:
    """Deliver messages when what they are about has been found without them, and has ended."""
    with intercept(stage, load) as messages:
        waiting = set(load.acknowledged)
    eventually(lambda: waiting <= {call.body.decode() for call in stage.sink.at("/three")}, within=COMES_ABOUT)
    _deliver(stage, messages, 1)
    busy(load)
    yield


@contextmanager
def freeze_past_lease(stage: Stage, load: Load) -> Iterator[None]:
    """Freeze one that walks, in the midst of steps, until its leases have long been over.

    Where others have taken over what was begun there, it changes nothing of that any more.
    """
    host, ended = stage.hosts[0], None
    assert host.process is not None
    with ExitStack() as freezing:
        with idle(stage.hosts[1:]), amid_steps(stage, load) as names:  # so that it is this one that is amid them
            freezing.enter_context(frozen(host.process))
        since = monotonic()
        yield
        passes(LEASE + timedelta(seconds=2), since)
        if len(stage.hosts) > 1:
            ended = stage.ended(names)
            assert sum(call.body.decode() in names for call in list(stage.sink.calls)) > BUSY, "nobody took over"
    busy(load)
    assert ended in {None, stage.ended(names)}, "it changed what others had ended"


@contextmanager
def take_long(stage: Stage, load: Load) -> Iterator[None]:
    """Let a step take 25 seconds, and do the block meanwhile."""
    path = _path(load)
    with stage.sink.closed(path):
        ours = stage.vendor.send(stage.long, load, to=path)
        eventually(lambda: stage.sink.at(path), within=COMES_ABOUT)
        since = monotonic()
        yield
        passes(LONG_STEP, since)
        assert [call.body.decode() for call in stage.sink.at(path)] == [ours]


@contextmanager
def set_clock(stage: Stage, load: Load) -> Iterator[None]:
    """Let the only host's clock be ahead for a while, and then right again."""
    (web,) = stage.webs
    right = web.settings
    for clock in (clock_off_by(AHEAD), {}):
        busy(load)
        web.stop()
        web.settings = {**right, **clock}
        web.start()
    busy(load)
    yield


@contextmanager
def differing_clocks(stage: Stage, load: Load) -> Iterator[None]:
    """Do nothing but work, where the hosts' clocks differ."""
    busy(load, 3 * BUSY)
    yield


ON_EVERY_STAGE = (
    Fault("a server is killed", kill_server),
    Fault("the disk is full", fill_disk),
)
ON_POSTGRESQL = (
    Fault("PostgreSQL is killed", kill_database),
    Fault("PostgreSQL hangs", hang_database),
)
ON_ONE_HOST = (Fault("the clock is set ahead and back", set_clock),)
ON_A_CLUSTER = (
    Fault("a worker is killed", kill_worker, repeats=True),
    Fault("the clocks of hosts differ", differing_clocks),
)
OF_THE_BROKER = (
    Fault("RabbitMQ is killed", kill_broker),
    Fault("all messages are purged", purge_messages),
    Fault("the broker is cut off", cut_broker_off),
    Fault("a message never comes", never_deliver),
    Fault("a message comes twice", deliver_twice),
    Fault("a message comes late", deliver_late),
)
FROZEN = Fault("a host stands still for longer than its lease", freeze_past_lease)
LONG = Fault("a step takes 25 seconds over a restart of the broker", take_long)
