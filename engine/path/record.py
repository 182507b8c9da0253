"""What a run knows of its steps: the journal as read, and the entries that the next commit has to write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.errors import WinkError
from engine.store.rows import Entry
from engine.words import Outcome

#: A step's result, as later steps see it: ``{outcome, output}``, with ``error`` where it failed and that was seen to;
#: without ``output`` where that was not kept and the walk began anew since.
StepResult = Mapping[str, object]


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


@dataclass(slots=True)
class Record:
    """The journal of one run in the hands of its owner."""

    run_id: str
    entries: Sequence[Entry]
    #: The time of the present advance.
    now: datetime = field(init=False)
    _known: dict[str, Entry] = field(init=False)
    _changed: dict[str, Entry] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._known = {entry.path: entry for entry in self.entries}

    def known(self, path: str) -> Entry | None:
        """Return what the journal says of a step; None when it has not begun."""
        return self._known.get(path)

    def begin(self, path: str, uses: str | None = None, given: object = None) -> Entry:
        """Write down that a step begins, with what it is given; a step that had begun stays as it is."""
        known = self._known.get(path)
        return known or self.put(
            Entry(
                run_id=self.run_id,
                path=path,
                visit=1,
                position=len(self._known),
                uses=uses,
                outcome=Outcome.RUNNING,
                attempts=1 if uses else 0,
                started_at=self.now,
                finished_at=None,
                due_at=None,
                input=given,
                output=None,
                error=None,
            )
        )

    def put(self, entry: Entry) -> Entry:
        """Keep an entry for the next commit."""
        self._known[entry.path] = self._changed[entry.path] = entry
        return entry

    def end(self, entry: Entry, outcome: Outcome, output: object = None, *, keep: bool = True) -> StepResult:
        """Write down that a step ended; its output is not stored unless it is to be kept."""
        kept = output if keep else None
        self.put(entry._replace(outcome=outcome, finished_at=self.now, due_at=None, output=kept, error=None))
        return {"outcome": outcome.value, "output": output}

    def fail(self, entry: Entry, failure: StepFailed) -> StepFailed:
        """Write down that a step failed, and return the failure to raise."""
        self.put(entry._replace(outcome=Outcome.FAILED, finished_at=self.now, due_at=None, error=failure.error))
        return failure

    def close(self) -> None:
        """Write down of steps under way, when their run is stopped, that they did not end by themselves."""
        for entry in [entry for entry in self._known.values() if entry.finished_at is None]:
            self.put(entry._replace(outcome=Outcome.CANCELLED, finished_at=self.now, due_at=None))

    def changes(self) -> tuple[Entry, ...]:
        """Return the entries to commit, and forget that they changed."""
        changed = tuple(self._changed.values())
        self._changed.clear()
        return changed


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
        raise Ended(entry.outcome, "a step ended the run before a crash")
    result = {"outcome": entry.outcome.value, "output": entry.output}
    return result if keep or entry.outcome is Outcome.SKIPPED else without_output(result)


def without_output(result: StepResult) -> StepResult:
    """Return a result whose output is not there: null would be a wrong answer, and what asks for it fails in words."""
    return {name: value for name, value in result.items() if name != "output"}
