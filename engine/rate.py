"""How often something may be done: a token bucket, refilled as time passes; for triggers, and for tries to sign in."""

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Self

from engine.clock import UNITS
from engine.errors import Invalid

_RATE = re.compile(r"([1-9]\d{0,8})/(s|m|h)")


@dataclass(frozen=True, slots=True)
class Rate:
    """So often in such a time; that many may come at once."""

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


@dataclass(slots=True)
class Buckets:
    """A bucket for each key, for as many keys as were seen last: whoever invents keys fills no memory."""

    rate: Rate
    most: int = 10_000
    _kept: OrderedDict[str, Bucket] = field(init=False, default_factory=OrderedDict)
    _lock: Lock = field(init=False, default_factory=Lock)

    def take(self, key: str, now: datetime) -> timedelta | None:
        """Take one from the key's bucket; when none is left, return after how long there is one again."""
        return self._bucket(key).take(now)

    def _bucket(self, key: str) -> Bucket:
        with self._lock:
            bucket = self._kept.setdefault(key, Bucket(self.rate))
            self._kept.move_to_end(key)
            if len(self._kept) > self.most:
                self._kept.popitem(last=False)
            return bucket
