"""Receivers to send to: one that always answers the same, one that is down, and one that is down at times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.authentication.request import Inbound
from engine.clock import Clock
from engine.emulation.attempt import Heard, Receiver

DOWN = Heard(None, "connection refused")


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which nobody answers, to before its end."""

    begins: datetime
    #: None: for good.
    ends: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment is in it."""
        return self.begins <= moment and (self.ends is None or moment < self.ends)


def says(status: int) -> Receiver:
    """Return a receiver that always answers with this status, at once."""
    return lambda _request: Heard(status, "" if status < 300 else f"HTTP {status}")


def down(_request: Inbound) -> Heard:
    """Do not answer."""
    return DOWN


def with_outages(receive: Receiver, clock: Clock, outages: Sequence[Outage]) -> Receiver:
    """Return a receiver that is down at times, and at others the one that is given."""
    return lambda request: DOWN if any(outage.holds(clock.now()) for outage in outages) else receive(request)
