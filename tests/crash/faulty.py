"""The sentences that hold after each fault, for whichever stage a module plays on."""

import pytest

from tests.crash.stage.faults import BUSY, Fault
from tests.crash.stage.play import Play
from tests.crash.stage.processes import Missing


def after(play: Play, fault: Fault) -> None:
    """Check what became of the events that were sent during a fault; skip where it could not strike."""
    if error := play.broken.get(fault):
        if isinstance(error, Missing):
            pytest.skip(str(error))
        raise error
    assert len(play.loads[fault].acknowledged) >= BUSY
    assert play.complaints(fault) == []
