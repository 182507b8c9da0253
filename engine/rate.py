"""How often something may be done: a token bucket, refilled as time passes; for triggers, and for tries to sign in.

Hosts that share a database share a trigger's bucket too, which is in that database: each takes portions of it.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple, Self

from engine.clock import UNITS
from engine.errors import Invalid, WinkError

#: Portions of what a rate allows at once: so many a host asks for at most in that time, and so much one of them is.
PORTIONS = 20

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


class PortionWanted(WinkError):
    """This host has used up its portion, and does not know whether there is another."""


class Portion(NamedTuple):
    """How many were taken from a bucket; where there was none, after how long there is a whole portion."""

    number: int
    wait: timedelta = timedelta()


@dataclass(slots=True)
class Share:
    """What one host has of a rate that hosts share.

    All together they let through what the rate allows, and at most a portion more for each host; one that has a
    portion left and receives nothing keeps as much from the others.
    """

    rate: Rate
    _left: int = field(init=False, default=0)
    _none_until: datetime | None = field(init=False, default=None)
    _asked: Future[Portion] | None = field(init=False, default=None)
    _lock: Lock = field(init=False, default_factory=Lock)

    @property
    def portion(self) -> int:
        """How many are asked for at once: one by one where the rate is low."""
        return max(1, self.rate.count // PORTIONS)

    def take(self, now: datetime) -> timedelta | None:
        """Take one; when it is known that none is left, return after how long there is one again.

        Raises:
            PortionWanted: that is not known: ask.
        """
        with self._lock:
            if self._left:
                self._left -= 1
                return None
            wait = (self._none_until or now) - now
            if timedelta() < wait <= self.rate.per:  # a clock can be set back
                return wait
        raise PortionWanted

    def ask(self, now: datetime, get: Callable[[int], Future[Portion]]) -> Future[Portion]:
        """Return what ends when a portion is here; who asks while one is under way waits for that one."""
        with self._lock:
            if self._asked is not None:
                return self._asked
            asked = self._asked = get(self.portion)
        asked.add_done_callback(lambda _: self._keep(asked, now))
        return asked

    def _keep(self, asked: Future[Portion], now: datetime) -> None:
        with self._lock:
            self._asked = None
            if asked.exception() is None:
                portion = asked.result()
                self._left += portion.number
                self._none_until = None if portion.number else now + portion.wait
