"""What is only counted is counted with one write at a time, and is not lost when that fails."""

from collections import Counter
from threading import Event

from sqlalchemy import select

from engine.errors import StoreUnavailable
from engine.store.counting import Counting
from engine.store.ledger import Tally
from engine.store.tables import tallies
from engine.words import Reason, Verdict
from tests.serving import eventually


def _tally(clock) -> Tally:
    return Tally("", clock.now(), Verdict.REJECTED, Reason.UNKNOWN_ADDRESS)


def _counted(store) -> int:
    return sum(store.read(lambda connection: connection.scalars(select(tallies.c.count)).all()))


class Refusing:
    """A writer that takes nothing at first."""

    def __init__(self, writer, times: int) -> None:
        self.writer, self.left, self.written = writer, times, []

    def submit(self, operation, item):
        self.written.append(item)
        self.left -= 1
        if self.left >= 0:
            return self.writer.submit(self._refuse, item)
        return self.writer.submit(operation, item)

    def _refuse(self, connection, items):
        raise StoreUnavailable


def test_a_flood_is_counted_with_few_writes(store, clock):
    writer, gate = Refusing(store.writer, 0), Event()
    counting = Counting(writer)
    held = store.submit(lambda connection, items: [gate.wait(5) for _ in items], None)
    for _ in range(1000):
        counting.count(_tally(clock))
    gate.set()
    held.result()

    eventually(lambda: _counted(store) == 1000)
    assert writer.written == [Counter({_tally(clock): 1}), Counter({_tally(clock): 999})]


def test_what_could_not_be_written_is_written_with_the_next(store, clock):
    writer = Refusing(store.writer, 1)
    counting = Counting(writer)
    counting.count(_tally(clock))
    store.submit(lambda connection, items: items, None).result()

    counting.count(_tally(clock))

    eventually(lambda: _counted(store) == 2)


def test_what_is_counted_when_the_store_closes_is_on_disk(store, clock):
    gate = Event()
    store.submit(lambda connection, items: [gate.wait(5) for _ in items], None)
    for _ in range(5):
        store.counting.count(_tally(clock))

    store.counting.close()
    gate.set()

    eventually(lambda: _counted(store) == 5)
