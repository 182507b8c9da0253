"""What every use case is given first: the parts of one running Wink."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from engine.actions.documents import Documents
from engine.actions.guard import Guard
from engine.actions.registry import Actions
from engine.clock import Clock
from engine.definitions.connector import Connector
from engine.finder.recogniser import Recogniser
from engine.intake import Intake
from engine.lazy import Lazy
from engine.metrics import Metrics
from engine.published import Published
from engine.settings import Settings
from engine.store.rows import Event
from engine.store.store import Store


class Pending(NamedTuple):
    """An event that is on disk and that no workflow was asked about yet, with its data as parsed."""

    event: Event
    data: object


class Executor(Protocol):
    """Runs what is on disk: where and when. The tables are the only truth; these are doorbells."""

    @property
    def broker_answers(self) -> bool | None:
        """Whether the broker answers; None where there is none, or nobody knows yet."""
        ...

    def start(self, engine: "Engine") -> None:
        """Begin to work, with what an earlier process left."""
        ...

    def stop(self) -> None:
        """Take no more work, finish or hand back what runs, and return within ten seconds."""
        ...

    def accept(self, events: Sequence[Pending]) -> None:
        """Say that events are on disk; the sweep finds those that are lost on the way."""
        ...

    def notify(self, run_id: str) -> None:
        """Say that a run can be claimed."""
        ...


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts of one running Wink; :func:`engine.app.build` makes it, and tests make their own."""

    settings: Settings
    store: Store
    connectors: Lazy[Connector]
    #: Says which of them a captured request looks like.
    recogniser: Recogniser
    #: Decides where steps, and tests of connections, may connect to.
    guard: Guard
    #: Vendors' published keys, as far as they were fetched.
    documents: Documents
    actions: Actions
    published: Published
    #: How much may be on its way in at once.
    intake: Intake
    executor: Executor
    metrics: Metrics
    clock: Clock
