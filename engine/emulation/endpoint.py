"""An address as the vendor keeps it: what it sends there, with which secret, and how it went."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.emulation.attempt import Attempt, Status


class Health(StrEnum):
    """How the vendor thinks of an endpoint; ``sender.yaml`` has its own words for these."""

    PENDING = "pending"
    HEALTHY = "healthy"
    FAILING = "failing"
    GIVEN_UP = "given_up"


@dataclass(slots=True)
class Endpoint:
    """One address; only :class:`engine.emulation.sender.Sender` changes it."""

    id: str
    url: str
    description: str
    creator: str
    #: Full names of the types of events that are sent.
    events: frozenset[str]
    created_at: datetime
    secrets: Mapping[str, str] = field(repr=False)
    #: The latest attempts, oldest first; as many as the vendor keeps.
    attempts: deque[Attempt]
    #: Whether anything is sent; a person turns it off and on, and some vendors turn it off themselves.
    active: bool = True
    #: Whether a delivery had its last attempt, and nothing went well since.
    given_up: bool = False
    #: Outlives the lists of attempts, and being turned off.
    last_attempt_at: datetime | None = None
    last_was_good: bool = False

    @property
    def health(self) -> Health:
        """How the vendor thinks of it."""
        if self.given_up:
            return Health.GIVEN_UP
        if self.last_attempt_at is None:
            return Health.PENDING
        return Health.HEALTHY if self.last_was_good else Health.FAILING

    def note(self, attempt: Attempt) -> None:
        """Take down an attempt."""
        self.attempts.append(attempt)
        self.last_attempt_at = attempt.attempted_at
        self.last_was_good = attempt.status is Status.DELIVERED
        self.given_up = attempt.status is Status.EXHAUSTED or (self.given_up and not self.last_was_good)

    def turn(self, *, on: bool) -> None:
        """Pause it, or let it go on; going on forgets that it was given up."""
        self.given_up = self.given_up and not on
        self.active = on
