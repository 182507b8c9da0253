"""What a run knows of its steps: the journal as read, and the entries that the next commit has to write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from engine.actions.waiting import LaterEvent, Question, Subrun
from engine.bounds import Bounds
from engine.errors import ActionFailed, WinkError
from engine.store.rows import Entry, Run
from engine.store.signals import STANDING, Opening
from engine.words import Outcome

#: A step's result, as later steps see it: ``{outcome, output}``, with ``error`` where it failed and that was seen to;
#: without ``output`` where that was not kept and the walk began anew since.
StepResult = dict[str, object]


class Ended(WinkError):
    """A step ended the run."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        self.outcome = outcome
        super().__init__(message)


class StepFailed(WinkError):
    """A step failed for good."""

    def __init__(self, step: str, kind: str, message: str) -> None:
        #: As ``error`` is in scope of ``on_error``, and as the run keeps it: the path of the step, what kind, and why.
        self.error = {"step": step, "kind": kind, "message": message}
        super().__init__(message)


class Asked(NamedTuple):
    """What a step wants of somebody else: which step of which run, what its expressions may name, and until when."""

    wanted: Question | LaterEvent | Subrun
    run: Run
    path: str
    scope: Mapping[str, object]
    now: datetime
    until: datetime | None


#: Returns what is written down for it; raises :class:`engine.errors.ActionFailed` where it cannot be had.
Opener = Callable[[Asked], Opening]


def nothing_to_open(asked: Asked) -> Opening:
    """Refuse what a step wants, where there is nobody that it could wait for."""
    raise ActionFailed("invalid", f"{asked.path} cannot wait for anybody here")


class Changes(NamedTuple):
    """What one commit writes of a run's steps; each as in :class:`engine.store.journal.Advance`."""

    entries: tuple[Entry, ...]
    opened: tuple[Opening, ...]
    signalled: tuple[str, ...]
    given_up: tuple[str, ...]


@dataclass(slots=True)
class Record:
    """The journal of one run in the hands of its owner."""

    run: Run
    entries: Sequence[Entry]
    #: Finds what a step is to wait for.
    opener: Opener
    bounds: Bounds
    #: The time of the present advance.
    now: datetime = field(init=False)
    _known: dict[str, Entry] = field(init=False)
    _changed: dict[str, Entry] = field(init=False, default_factory=dict)
    _opened: list[Opening] = field(init=False, default_factory=list)
    #: Steps that wait no more: whether with the signal that they waited for.
    _waited: dict[str, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._known = {entry.path: entry for entry in self.entries}

    def known(self, path: str) -> Entry | None:
        """Return what the journal says of a step; None when it has not begun."""
        return self._known.get(path)

    def begin(self, path: str, uses: str | None = None, given: object = None) -> Entry:
        """Write down that a step begins, with what it is given; a step that had begun stays as it is."""
        known = self._known.get(path)
        return known or self.put(Entry.begun(self.run.id, path, len(self._known), uses, self.now, given))

    def put(self, entry: Entry) -> Entry:
        """Keep an entry for the next commit."""
        self._known[entry.path] = self._changed[entry.path] = entry
        return entry

    def end(self, entry: Entry, outcome: Outcome, output: object = None, *, keep: bool = True) -> StepResult:
        """Write down that a step ended; its output is not stored unless it is to be kept."""
        kept = output if keep else None
        self.put(entry.ended(outcome, self.now, kept))
        return {"outcome": outcome.value, "output": output}

    def fail(self, entry: Entry, failure: StepFailed) -> StepFailed:
        """Write down that a step failed, and return the failure to raise."""
        self.put(entry._replace(outcome=Outcome.FAILED, finished_at=self.now, due_at=None, error=failure.error))
        return failure

    @property
    def in_doubt(self) -> bool:
        """Whether there is a step of which nobody knows whether it happened."""
        return any(entry.outcome is Outcome.INTERRUPTED for entry in self._known.values())

    def open(self, opening: Opening) -> None:
        """Write down what a step begins to wait for, or a run that it starts."""
        self._opened.append(opening)

    def waited(self, entry: Entry, *, in_vain: bool) -> None:
        """Write down that a step waits no more."""
        self._waited[entry.path] = not in_vain

    def close(self) -> None:
        """Write down of steps under way, when their run is stopped, that they did not end by themselves."""
        for entry in [entry for entry in self._known.values() if entry.finished_at is None]:
            if entry.outcome in STANDING:
                self.waited(entry, in_vain=True)
            self.put(entry._replace(outcome=Outcome.CANCELLED, finished_at=self.now, due_at=None))

    def changes(self) -> Changes:
        """Return what the next commit has to write, and forget it."""
        signalled = tuple(path for path, came in self._waited.items() if came)
        given_up = tuple(path for path, came in self._waited.items() if not came)
        changes = Changes(tuple(self._changed.values()), tuple(self._opened), signalled, given_up)
        for gathered in (self._changed, self._opened, self._waited):
            gathered.clear()
        return changes


def recall(entry: Entry, *, keep: bool) -> StepResult:
    """Return the result of a step that the journal knows to have ended, or end again as it did.

    keep: False where the output was not stored.

    Raises:
        StepFailed: it failed.
        Ended: it ended the run.
    """
    if entry.outcome is Outcome.FAILED:
        error = entry.error or {}
        raise StepFailed(str(error.get("step", entry.path)), str(error.get("kind")), str(error.get("message")))
    if entry.outcome is Outcome.STOPPED:
        said = entry.output if isinstance(entry.output, Mapping) else {}
        raise Ended(entry.outcome, str(said.get("message", "")))
    result = {"outcome": entry.outcome.value, "output": entry.output}
    return result if keep or entry.outcome is Outcome.SKIPPED else without_output(result)


def without_output(result: StepResult) -> StepResult:
    """Return a result whose output is not there: null would be a wrong answer, and what asks for it fails in words."""
    return {name: value for name, value in result.items() if name != "output"}
