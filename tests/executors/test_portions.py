"""What the loop that walks runs does at a stretch, and writes at once, has a bound: others come to their turn."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event
from time import monotonic
from types import SimpleNamespace

import pytest

from engine.app import build_resting
from engine.clock import SystemClock
from engine.executors import arrivals, outbox
from engine.executors.arrivals import Arrivals
from engine.executors.loop import TURN, Loop
from engine.executors.outbox import Outbox
from engine.runtime import Pending
from engine.settings import Settings

MakeLoop = Callable[[Callable[[], None]], Loop]


@pytest.fixture
def looping() -> Iterator[MakeLoop]:
    made: list[Loop] = []

    def make(after: Callable[[], None]) -> Loop:
        made.append(Loop(SystemClock(), after, lambda _: None, 1))
        return made[0]

    yield make
    made[0].call(made[0].end)
    assert made[0].join(timedelta(seconds=5))


def _pending(name: str) -> Pending:
    return Pending(SimpleNamespace(id=name, data=b"{}"), {})


def _work(seconds: float) -> None:
    end = monotonic() + seconds
    while monotonic() < end:
        pass


def test_a_turn_that_is_over_leaves_the_other_events_to_the_next(monkeypatch, looping) -> None:
    monkeypatch.setattr(arrivals, "TURN", 0)
    done, rounds, asked = Event(), [0], []

    def after() -> None:
        rounds[0] += 1
        waiting.flush()

    def match(pending: Pending) -> None:
        asked.append((rounds[0], pending.event.id))
        if len(asked) == 3:
            done.set()

    loop = looping(after)
    waiting = Arrivals(loop, match)
    waiting.accept([_pending(name) for name in "abc"])
    loop.start("test-walk")

    assert done.wait(5)
    assert [name for _, name in asked] == ["a", "b", "c"]
    assert len({number for number, _ in asked}) == 3


def test_an_event_that_is_found_again_waits_once(looping) -> None:
    asked: list[str] = []
    loop = looping(lambda: None)
    waiting = Arrivals(loop, lambda pending: asked.append(pending.event.id))

    for _ in range(2):
        waiting.accept([_pending("a")])
    waiting.flush()
    loop.start("test-walk")

    assert asked == ["a"]


def test_what_deeds_led_to_is_sent_before_many_long_ones_are_done(looping) -> None:
    done, sent, last = [], [], Event()
    loop = looping(lambda: sent.append(len(done)))
    for number in range(4):
        loop.call(lambda number=number: (_work(2 * TURN), done.append(number)))
    loop.call(last.set)
    loop.start("test-walk")

    assert last.wait(5)
    assert sent[:4] == [1, 2, 3, 4]


def test_a_batch_takes_no_more_once_it_has_many_journal_entries(tmp_path, looping) -> None:
    written, done = [], Event()

    def write(_: object, rows: list[SimpleNamespace]) -> list[bool]:
        written.append([len(row.entries) for row in rows])
        return [True] * len(rows)

    def settle(row: SimpleNamespace, *, ours: bool) -> None:
        if ours and not row.entries:
            done.set()

    def flush() -> None:
        writes.flush()

    with build_resting(Settings.load({}, tmp_path, threads=2)) as engine:
        loop = looping(flush)
        writes = Outbox(loop, engine.store, write, lambda row: row, settle)
        for number in (outbox.MOST - 1, 1, 5, outbox.MOST, 0):
            writes.put(SimpleNamespace(entries=range(number)))
        was_full = writes.is_full
        loop.start("test-walk")
        loop.call(lambda: None)

        assert done.wait(5)
    assert (was_full, writes.is_full) == (True, False)
    assert written == [[outbox.MOST - 1, 1], [5, outbox.MOST], [0]]
