"""One attempt to deliver: what the receiver said, and what the vendor makes of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from engine.authentication.request import Inbound
from engine.clock import format_duration


class Status(StrEnum):
    """What became of a delivery so far."""

    #: No attempt was made yet.
    PENDING = "pending"
    DELIVERED = "delivered"
    #: The last attempt failed, and there is another to come.
    FAILED = "failed"
    #: The last attempt that there is has failed.
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back from the receiver."""

    #: None: nothing came back.
    status: int | None
    #: What it said beside, or why nothing came.
    error: str = ""
    took: timedelta = timedelta()

    @property
    def is_good(self) -> bool:
        """Whether the delivery counts as delivered: a redirect does not."""
        return self.status is not None and 200 <= self.status < 300

    def within(self, limit: timedelta | None) -> "Heard":
        """Return what the vendor heard, which waits no longer than this."""
        if limit is None or self.took <= limit:
            return self if not self.is_good else replace(self, error="")
        return Heard(None, f"no answer within {format_duration(limit)}", limit)


#: Takes a signed request, and tells what came of it.
Receiver = Callable[[Inbound], Heard]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A line of the vendor's list of deliveries."""

    event_id: str
    event_type: str
    #: After this attempt.
    status: Status
    #: How many there were, with this one; 0: none yet.
    attempts: int
    #: The HTTP status; None: no answer.
    code: int | None
    error: str
    happened_at: datetime
    attempted_at: datetime | None
    #: When the next one is due; None: never.
    next_at: datetime | None
