"""How a vendor sends: when it tries again, and what its side of a webhook looks like. Data for ``wink emulate``."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pydantic import Field

from engine.authentication.spec import Duration, Spec
from engine.definitions.manifest import Limits

#: What a vendor can do beside the endpoints themselves.
Ability = Literal["regenerate", "reveal", "retry", "test"]


class HealthWords(Spec):
    """What the vendor calls the states of an endpoint; None: it shows no such state."""

    #: Nothing was delivered yet.
    pending: str | None = None
    #: The last attempt was answered well.
    healthy: str | None = None
    #: The last attempt was not, and there are more to come.
    failing: str | None = None
    #: A delivery had its last attempt.
    given_up: str | None = None


class Supposed(Spec):
    """What the vendor does not publish, and an emulator has to do somehow."""

    retries: list[Duration] = Field(min_length=1)
    because: str


class Api(Spec):
    """Where the vendor's own API has its endpoints and the catalogue of its events, as paths."""

    endpoints: str = Field(pattern="^/")
    catalogue: str = Field(pattern="^/")


class SenderSpec(Spec):
    """``sender.yaml``: the vendor's side of a webhook, as far as known; what it does when refused is in ``limits``."""

    source: str = Field(min_length=1)
    can: list[Ability] = Field(default_factory=list)
    health: HealthWords = HealthWords()
    #: How many of the latest attempts its page keeps; None: not known.
    lists: int | None = Field(default=None, ge=1)
    supposed: Supposed | None = None
    api: Api | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a vendor tries again."""

    #: Before each further attempt, counted from the end of the one before.
    waits: tuple[timedelta, ...]
    #: How many of them, from the first, the vendor publishes; the others are supposed.
    published: int
    #: How long it waits for an answer; None: not known.
    answer_within: timedelta | None
    #: Whether it sends nothing more to an address once a delivery had its last attempt.
    disables: bool

    @property
    def attempts(self) -> int:
        """The most attempts that one delivery gets."""
        return 1 + len(self.waits)

    @property
    def lasts(self) -> timedelta:
        """From the first attempt to the last, when each is answered at once."""
        return sum(self.waits, timedelta())

    def wait_after(self, attempt: int) -> timedelta | None:
        """Return how long the vendor waits after an attempt that failed, counted from 1; None after the last."""
        return self.waits[attempt - 1] if attempt <= len(self.waits) else None

    def is_supposed(self, attempt: int) -> bool:
        """Tell whether nobody knows how long the vendor waits after this attempt."""
        return self.published < attempt <= len(self.waits)


def schedule_of(limits: Limits, sender: SenderSpec | None = None) -> Schedule:
    """Return the schedule: the published waits, and behind them, for attempts without one, each twice the last."""
    waits = list(limits.retries)
    if not waits and sender is not None and sender.supposed is not None:
        waits = list(sender.supposed.retries)
    while waits and 1 + len(waits) < (limits.attempts or 0):
        waits.append(2 * waits[-1])
    return Schedule(tuple(waits), len(limits.retries), limits.answer_within, limits.disables)
