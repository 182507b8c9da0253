"""How many deliveries a trigger takes: a token bucket, refilled as time passes."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Self

from engine.clock import UNITS
from engine.errors import Invalid

_RATE = re.compile(r"([1-9]\d{0,8})/(s|m|h)")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many deliveries in such a time; that many may come at once."""

    count: int
    per: timedelta

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``100/s``, ``600/m`` or ``1000/h``.

        Raises:
            Invalid: it is none of these.
        """
        match = _RATE.fullmatch(text)
        if not match:
            raise Invalid(f"{text!r} is no rate: write a number per s, m or h, such as 100/s", "rate")
        return cls(int(match[1]), UNITS[match[2]])


@dataclass(slots=True)
class Bucket:
    """Counts what a rate still allows."""

    rate: Rate
    _level: float = field(init=False)
    _seen_at: datetime | None = field(init=False, default=None)
    _lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        self._level = float(self.rate.count)

    def take(self, now: datetime) -> timedelta | None:
        """Take one; when none is left, return after how long there is one again."""
        with self._lock:
            passed = now - (self._seen_at or now)
            self._seen_at = now
            refill = max(passed, timedelta()) / self.rate.per * self.rate.count
            self._level = min(self._level + refill, float(self.rate.count))
            if self._level >= 1:
                self._level -= 1
                return None
            return (1 - self._level) / self.rate.count * self.rate.per
