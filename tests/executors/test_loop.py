"""The loop that walks runs makes way for what comes in, and comes to its end all the same."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from time import monotonic

import pytest
from structlog.testing import capture_logs

from engine.clock import SystemClock
from engine.errors import StoreUnavailable
from engine.executors.loop import Loop


def _nothing(*_: object) -> None:
    return None


class Pressed:
    """Says what a test wants it to say."""

    now = True

    def __call__(self) -> bool:
        return self.now


@pytest.fixture
def pressed() -> Pressed:
    return Pressed()


@pytest.fixture
def loop(pressed: Pressed) -> Iterator[Loop]:
    loop = Loop(SystemClock(), _nothing, _nothing, 1, pressed)
    loop.start("test-walk")
    yield loop
    loop.call(loop.end)
    assert loop.join(timedelta(seconds=5))


def _work(seconds: float) -> float:
    """Be busy for so long, and return when that was over."""
    end = monotonic() + seconds
    while (now := monotonic()) < end:
        pass
    return now


def test_under_pressure_it_rests_for_as_long_as_it_has_worked(loop: Loop) -> None:
    ended, begun, done = [], [], Event()
    loop.call(lambda: ended.append(_work(0.1)))
    loop.call(lambda: loop.call(lambda: (begun.append(monotonic()), done.set())))

    assert done.wait(5)
    assert begun[0] - ended[0] >= 0.09


def test_under_pressure_every_deed_is_done_in_order(loop: Loop) -> None:
    done, last = [], Event()
    for number in range(1_000):
        loop.call(lambda number=number: done.append(number))
    loop.call(last.set)

    assert last.wait(5)
    assert done == list(range(1_000))


def test_when_the_pressure_is_gone_it_rests_no_more(loop: Loop, pressed: Pressed) -> None:
    rested, done = Event(), Event()
    loop.call(rested.set)
    assert rested.wait(5)
    pressed.now = False
    loop.call(lambda: loop.call(done.set))

    assert done.wait(5)


def test_a_database_that_is_away_is_no_error_of_its_own(loop: Loop) -> None:
    done = Event()

    def ask() -> None:
        raise StoreUnavailable

    with capture_logs() as logs:
        loop.call(ask)
        loop.call(done.set)

        assert done.wait(5)
    assert logs == []
