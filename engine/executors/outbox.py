"""Hand writes to the store a batch at a time: what comes while one is under way gathers for the next."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from engine.errors import StoreUnavailable
from engine.executors.loop import Loop, failed
from engine.store.store import Store

Item = TypeVar("Item")
Row = TypeVar("Row")
Told_contra = TypeVar("Told_contra", contravariant=True)

#: Items of one batch.
LARGEST = 128


class Settle(Protocol[Told_contra]):
    """What follows when an item is on disk, or is not, because it was not ours to write or could not be written."""

    def __call__(self, item: Told_contra, *, ours: bool) -> None:
        """Go on."""
        ...


@dataclass(slots=True)
class Outbox(Generic[Item, Row]):
    """Writes of one kind, all from the loop's own thread."""

    loop: Loop
    store: Store
    #: The change that writes a batch of rows, and says of each whether it was ours to write.
    write: Callable[[Any, Sequence[Row]], list[bool]]
    #: The part of an item that is written.
    row: Callable[[Item], Row]
    settle: Settle[Item]
    _waiting: deque[Item] = field(init=False, default_factory=deque)
    _under_way: int = field(init=False, default=0)

    def put(self, item: Item) -> None:
        """Write the item with the next batch."""
        self._waiting.append(item)

    def flush(self) -> None:
        """Send what has gathered, unless a batch is under way."""
        if self._waiting and not self._under_way:
            self._send([self._waiting.popleft() for _ in range(min(LARGEST, len(self._waiting)))])

    def _send(self, batch: Sequence[Item]) -> None:
        self._under_way += 1
        future = self.store.send(self.write, [self.row(item) for item in batch])
        self.loop.when_done(future, partial(self._written, batch))

    def _written(self, batch: Sequence[Item], ended: Future[list[bool]]) -> None:
        self._under_way -= 1
        error = ended.exception()
        if error is None:
            for item, ours in zip(batch, ended.result(), strict=True):
                self.settle(item, ours=ours)
        elif len(batch) > 1 and not isinstance(error, StoreUnavailable):
            for item in batch:  # one bad row fails alone
                self._send([item])
        else:
            failed("outbox.write_failed", ended)
            for item in batch:
                self.settle(item, ours=False)
