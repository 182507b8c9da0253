"""Hand writes to the store a batch at a time: what comes while one is under way gathers for the next."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from engine.errors import StoreUnavailable
from engine.executors.loop import Loop, failed
from engine.store.journal import Advance, Matched
from engine.store.store import Store

Item = TypeVar("Item")
Row = TypeVar("Row", Matched, Advance)
Told_contra = TypeVar("Told_contra", contravariant=True)

#: Items of one batch, and journal entries after which it takes no more: the writer has others waiting behind it.
LARGEST = 128
MOST = 128


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
    #: Journal entries of those.
    _entries: int = field(init=False, default=0)
    _under_way: int = field(init=False, default=0)

    @property
    def is_full(self) -> bool:
        """Whether what waits fills a batch."""
        return len(self._waiting) >= LARGEST or self._entries >= MOST

    def put(self, item: Item) -> None:
        """Write the item with the next batch."""
        self._waiting.append(item)
        self._entries += len(self.row(item).entries)

    def flush(self) -> None:
        """Send what has gathered, unless a batch is under way."""
        if self._waiting and not self._under_way:
            self._send(list(self._batch()))

    def _batch(self) -> Iterator[Item]:
        entries = 0
        for _ in range(min(LARGEST, len(self._waiting))):
            item = self._waiting.popleft()
            entries += len(self.row(item).entries)
            yield item
            if entries >= MOST:
                break
        self._entries -= entries

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
