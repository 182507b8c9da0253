"""Count on disk what is not kept and what nobody waits for, however much of it comes."""

from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import RLock

from engine.store import ledger
from engine.store.ledger import Tally
from engine.store.writer import Writer


@dataclass(slots=True)
class Counting:
    """Adds to tallies with one write at a time: what is counted meanwhile gathers for the next.

    So a flood of requests that are only counted leaves the writer to those that are kept. A crash takes along what has
    gathered: nobody was told that anything was kept.
    """

    writer: Writer
    _gathered: Counter[Tally] = field(init=False, default_factory=Counter)
    _under_way: bool = field(init=False, default=False)
    _lock: RLock = field(init=False, default_factory=RLock)

    def count(self, tally: Tally) -> None:
        """Add one, soon; any thread may ask."""
        with self._lock:
            self._gathered[tally] += 1
            self._send()

    def close(self) -> None:
        """Hand what has gathered to the writer, which is closed after this."""
        with self._lock:
            self._under_way = False
            self._send()

    def _send(self) -> None:
        if self._under_way or not self._gathered:
            return
        self._under_way = True
        sent, self._gathered = self._gathered, Counter()
        # The writer ends futures on its own thread, or on this one, which has the lock then.
        self.writer.submit(ledger.add, sent).add_done_callback(lambda written: self._sent(sent, written))

    def _sent(self, sent: Counter[Tally], written: Future[None]) -> None:
        with self._lock:
            self._under_way = False
            if written.exception() is None:
                self._send()
            else:  # with the next one that is counted
                self._gathered.update(sent)
