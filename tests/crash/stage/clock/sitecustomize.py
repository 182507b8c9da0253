"""Let the clock of this process be off: Python reads this file when it starts, where its folder is in PYTHONPATH."""

import os
from datetime import datetime, timedelta

from engine.clock import SystemClock

_OFF = timedelta(seconds=int(os.environ["TEST_CLOCK_OFF"]))

_right = SystemClock.now


def _wrong(clock: SystemClock) -> datetime:
    return _right(clock) + _OFF


SystemClock.now = _wrong  # type: ignore[method-assign]
