"""What the modules of faults share: a stage to play on, and the sentence that holds after each fault."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.crash.stage.faults import BUSY, Fault
from tests.crash.stage.play import Play
from tests.crash.stage.processes import Missing
from tests.crash.stage.stage import Stage


@contextmanager
def staged(kind: Callable[[Path], AbstractContextManager[Stage]], folders: pytest.TempPathFactory) -> Iterator[Play]:
    """Give a play on a stage of the kind; skip where this machine lacks a part of it."""
    with ExitStack() as stack:
        try:
            stage = stack.enter_context(kind(folders.mktemp("stage")))
        except Missing as error:
            pytest.skip(str(error))
        yield Play(stage)


def after(play: Play, fault: Fault) -> None:
    """Check what became of the events that were sent during a fault; skip where it could not strike."""
    if error := play.broken.get(fault):
        if isinstance(error, Missing):
            pytest.skip(str(error))
        raise error
    assert len(play.loads[fault].acknowledged) >= BUSY
    assert play.complaints(fault) == []
    assert play.repeated(fault) > 0 or not fault.repeats
