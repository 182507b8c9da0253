"""Advance the branches of one run: generators that ask for effects, waits and forks, and get answers.

A branch yields a :class:`Task` and is sent its :class:`Done`, yields a :class:`Wait` and is sent the signal that came
for it, or None when it takes none and the time has come, or yields a :class:`Fork` and is sent the results of its
branches, in order.
Whatever it raises ends it and goes to the branch that forked it.
"""

from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from engine.actions.action import Action, Call
from engine.errors import ActionFailed
from engine.path.record import StepFailed
from engine.store.rows import Signal

#: What a branch asks for; what it is sent and returns depends on what it asked, and on what it is.
Branch = Generator["Task | Wait | Fork", Any, Any]


@dataclass(slots=True, eq=False)
class Task:
    """One attempt of an action, to be made outside any transaction once its intent is on disk."""

    path: str
    action: Action
    call: Call
    #: Name of the connection that the step names; its values are looked up when the attempt is made.
    connection: str | None = None


class Done(NamedTuple):
    """What an attempt came to: an output, or the failure."""

    finished_at: datetime
    output: object = None
    failure: ActionFailed | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on at that time, or when a signal comes for the step, where it names itself; no thread is held.

    A step that names itself goes on with a signal alone; :data:`engine.store.signals.OVER` says that its time is over.
    """

    #: None: there is no such time.
    until: datetime | None
    #: Path of a step that takes a signal.
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Fork:
    """Run branches side by side, at most so many at once; the first failure starts no further ones.

    Of several failures the first goes to the parent, unless one is no step's: ``on_error`` must not hide it.
    """

    branches: Sequence[Branch]
    at_once: int


@dataclass(slots=True, eq=False)
class _Join:
    """The branches of one fork, and the branch that waits for them."""

    parent: "_Strand"
    waiting: deque["_Strand"]
    results: list[object]
    running: int = 0
    failure: Exception | None = None


@dataclass(slots=True, eq=False)
class _Strand:
    branch: Branch
    join: _Join | None = None
    index: int = 0


@dataclass(slots=True)
class Branches:
    """All branches of one run, from its root."""

    root: Branch
    #: Whether the root has ended, and what it returned or raised.
    ended: bool = False
    result: object = None
    failure: Exception | None = None
    _tasks: dict[Task, _Strand] = field(default_factory=dict)
    _waits: list[tuple[Wait, _Strand]] = field(default_factory=list)
    #: What has come for steps, and what of it was handed to them: it can be read again before that is on disk.
    _signals: dict[str | None, Signal] = field(default_factory=dict)
    _handed: dict[str | None, Signal] = field(default_factory=dict)
    _now: datetime = field(init=False)
    _ready: deque[tuple[_Strand, object, Exception | None]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._ready.append((_Strand(self.root), None, None))

    @property
    def due_at(self) -> datetime | None:
        """Return when the next wait ends; None when nothing waits."""
        return min((wait.until for wait, _ in self._waits if wait.until is not None), default=None)

    @property
    def overdue(self) -> list[str]:
        """Return the steps whose time was over at the last advance and for which no signal had come."""
        return [wait.path for wait, _ in self._waits if wait.path and wait.until and wait.until <= self._now]

    @property
    def outstanding(self) -> int:
        """Return how many tasks were handed out and not answered."""
        return len(self._tasks)

    def advance(
        self, now: datetime, done: Sequence[tuple[Task, Done]] = (), signals: Sequence[Signal] = ()
    ) -> list[Task]:
        """Answer tasks, end the waits that are due, and return the tasks that the branches ask for next."""
        self._ready.extend((self._tasks.pop(task), answer, None) for task, answer in done)
        self._signals.update((signal.path, signal) for signal in signals)
        self._now = now
        self._wake()
        known = set(self._tasks)
        while self._ready and not self.ended:
            self._resume(*self._ready.popleft())
        return [task for task in self._tasks if task not in known]

    def _wake(self) -> None:
        waits, self._waits = self._waits, []
        for wait, strand in waits:
            self._wait(wait, strand)

    def _wait(self, wait: Wait, strand: _Strand) -> None:
        """Let a branch go on, with the signal that has come for it, or wait."""
        signal = self._signals.get(wait.path)
        if signal is not None and signal != self._handed.get(wait.path):
            self._handed[wait.path] = signal
            self._ready.append((strand, signal, None))
        elif wait.path is None and wait.until is not None and wait.until <= self._now:
            self._ready.append((strand, None, None))
        else:
            self._waits.append((wait, strand))

    def _resume(self, strand: _Strand, value: object, error: Exception | None) -> None:
        try:
            asked = strand.branch.throw(error) if error else strand.branch.send(value)
        except StopIteration as stop:
            self._end(strand, stop.value, None)
        except Exception as failure:  # noqa: BLE001 - whatever a branch raises is its end, and its parent's to judge
            self._end(strand, None, failure)
        else:
            self._ask(strand, asked)

    def _ask(self, strand: _Strand, asked: Task | Wait | Fork) -> None:
        match asked:
            case Task():
                self._tasks[asked] = strand
            case Wait():
                self._wait(asked, strand)
            case Fork(branches, at_once):
                join = _Join(strand, deque(), [None] * len(branches))
                join.waiting.extend(_Strand(branch, join, index) for index, branch in enumerate(branches))
                self._start(join, at_once)

    def _start(self, join: _Join, count: int) -> None:
        """Start so many more branches of a fork, or give the parent its answer when none is left."""
        while join.waiting and count and join.failure is None:
            self._ready.append((join.waiting.popleft(), None, None))
            join.running += 1
            count -= 1
        if not join.running:
            self._ready.append((join.parent, join.results, join.failure))

    def _end(self, strand: _Strand, result: object, failure: Exception | None) -> None:
        join = strand.join
        if join is None:
            self.ended, self.result, self.failure = True, result, failure
            return
        join.running -= 1
        join.results[strand.index] = result
        join.failure = _graver(join.failure, failure)
        self._start(join, 1)


def _graver(one: Exception | None, other: Exception | None) -> Exception | None:
    """Return which of two failures counts: a step's can be seen to, and the end of the run cannot."""
    found = [failure for failure in (one, other) if failure is not None]
    return min(found, key=lambda failure: isinstance(failure, StepFailed), default=None)
