"""What the doctor is asked, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from engine.authentication.request import Inbound
from engine.authentication.secret import Secrets
from engine.authentication.way import Way
from engine.errors import WinkError
from engine.words import Finding, Reason


@dataclass(frozen=True, slots=True)
class Case:
    """A request that was refused for its proof, and everything that it could have been meant for."""

    way: Way
    #: As it was received, but for the values of headers and parameters that are keys: those are not kept.
    request: Inbound
    reason: Reason
    #: The ledger's words for the reason.
    detail: str
    #: Bytes of the body as the sender announced it.
    size: int
    #: By name, what counted when it was received, and what counts now.
    secrets: Secrets = field(repr=False)
    present: Secrets = field(repr=False)
    #: What had ended before it was received, where it is still kept.
    former: Secrets = field(default_factory=dict, repr=False)
    #: When the newest of the present secrets was set; None without one.
    set_at: datetime | None = None
    #: Of every other trigger, by name.
    others: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong: in words without any secret, and what to do about it."""

    finding: Finding
    words: str
    advice: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a proof failed, what weighs most first; ``unexplained`` alone where nothing was found."""

    findings: tuple[Found, ...]
    #: What the search went through, and what it left out because that would have been too much work.
    tried: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    #: What the request looks like, in sentences; only where nothing was found.
    looks: tuple[str, ...] = ()
    #: Signatures that were calculated.
    hashes: int = 0


def moment(at: datetime) -> str:
    """Return a moment as it stands in words."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


#: How much work one diagnosis may be, in bytes hashed with SHA-256: some 20 ms on a machine of 2024.
MOST_WORK = 16 * 2**20
#: What a hash costs however little is hashed, and how much dearer than SHA-256 other work is.
EACH_HASH = 16 * 2**10
DEARER: Mapping[str, int] = {"sha384": 3, "sha512": 3}


class Spent(WinkError):
    """What comes next is more work than one diagnosis may be."""


@dataclass(slots=True)
class Budget:
    """What is left of the work that one diagnosis may be: counted, not timed, so that the answer is always the same."""

    left: int = MOST_WORK
    hashes: int = 0

    def take(self, work: int) -> None:
        """Count work before it is done.

        Raises:
            Spent: it is more than is left; less can still be done.
        """
        self.needs(work)
        self.left -= work

    def needs(self, work: int) -> None:
        """Look ahead, so that nothing is prepared for work that will not be done.

        Raises:
            Spent: it is more than is left.
        """
        if work > self.left:
            raise Spent

    def hash(self, size: int, algorithm: str) -> None:
        """Count one hash of a text of that many bytes.

        Raises:
            Spent: it is more than is left.
        """
        self.take((size + EACH_HASH) * DEARER.get(algorithm, 1))
        self.hashes += 1
