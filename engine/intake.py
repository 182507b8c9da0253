"""How much may be on its way in at once: beyond it a sender is told to come again, before its body is read.

What is let in is written down within seconds, and what lies in memory meanwhile has a bound. Who is turned away has
left nothing but a count.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from random import uniform
from threading import Lock
from types import TracebackType

from engine.errors import Overloaded

#: Bytes that deliveries on their way to the disk may take.
ROOM = 32 * 1024 * 1024

#: What each of them takes at least, in bytes, whatever its size: so many of its bytes are not counted on top. That is
#: 512 small ones at once.
EACH = 64 * 1024

#: Seconds that a write may wait for the database: the senders that wait least give up after 3 s (Slack, Okta, Zoom,
#: Microsoft Graph), and what is answered later they send again all the same.
LONGEST = 2.0

#: Seconds within which whoever is turned away is asked back: beside the minutes of the schedules by which vendors try
#: again it is nothing, and those who heed it do not come back all at once.
SOONEST, LATEST = 1.0, 30.0

#: What share of the room is in use, or how many seconds a write waits, when other work should make way.
PRESSED = 0.25
SLOW = 0.008


@dataclass(slots=True)
class Intake:
    """The room that deliveries share; it may be asked from any thread.

    delay: returns in how many seconds a write would be on disk that is handed in now; largest: bytes of the largest
    body that is taken, for which there is always room when there is nothing else.
    """

    delay: Callable[[], float]
    largest: int
    _room: int = field(init=False)
    _left: int = field(init=False)
    _lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        self._room = self._left = max(ROOM, 2 * self.largest + EACH)

    def place(self) -> "Place":
        """Return the place of a delivery that has come, before anything of its body is read.

        Raises:
            Overloaded: it could not be written down soon.
        """
        if self._left < EACH or self.delay() > LONGEST:
            raise self._overloaded()
        return Place(self)

    def is_pressed(self) -> bool:
        """Tell whether so much comes in that other work should make way for it; never where nothing does."""
        taken = self._room - self._left
        return taken > self._room * PRESSED or (taken > 0 and self.delay() > SLOW)

    def take(self, octets: int) -> None:
        """Take room from what is left.

        Raises:
            Overloaded: there is not so much.
        """
        with self._lock:
            if octets > self._left:
                raise self._overloaded()
            self._left -= octets

    def give_back(self, octets: int) -> None:
        """Give room back that was taken."""
        with self._lock:
            self._left += octets

    def _overloaded(self) -> Overloaded:
        wait = max(SOONEST, self.delay())
        return Overloaded(timedelta(seconds=min(LATEST, uniform(wait, 2 * wait + SOONEST))))  # noqa: S311 - no secret


class Place(AbstractContextManager["Place"]):
    """The room that one delivery has taken; it is given back when the delivery is answered."""

    __slots__ = ("_intake", "_taken")

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._taken = 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._taken:
            self._intake.give_back(self._taken)

    def hold(self, size: int) -> None:
        """Take room for so many bytes of the body.

        They are counted as they come: who sends slowly, or only says that much will come, keeps nobody out.

        Raises:
            Overloaded: there is not so much.
        """
        wanted = max(size, EACH) - self._taken
        if wanted > 0:
            self._intake.take(wanted)
            self._taken += wanted
