"""Branches are handed what came for them, each signal once."""

from engine.path.branches import Branches, Wait
from engine.store.rows import Signal


def test_a_signal_that_is_read_twice_ends_one_wait(clock):
    def root():
        return [(yield Wait(None, "step")).output, (yield Wait(None, "step")).output]

    branches = Branches(root())
    first, second = (Signal("run_a", "step", number, None, clock.now()) for number in (1, 2))

    branches.advance(clock.now(), signals=[first])
    branches.advance(clock.now(), signals=[first])
    assert not branches.ended

    branches.advance(clock.now(), signals=[second])
    assert branches.result == [1, 2]
