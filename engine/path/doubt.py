"""A step of which nobody knows whether it happened before a crash goes on as a person decided.

The commit that goes on with it keeps in the journal what was decided, by whom and when.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog

from engine.clock import parse_time, rfc3339
from engine.path.record import Record, StepFailed
from engine.store.rows import Entry, Signal
from engine.words import Outcome, Resolution

log = structlog.get_logger()


def settle(entry: Entry, signal: Signal, record: Record, *, keep: bool) -> Entry:
    """Write down what a person decided about a step in doubt, and return what the journal says of it then.

    keep: whether its output is stored.
    """
    said = signal.output if isinstance(signal.output, Mapping) else {}
    decided = {"decision": said["decision"], "by": said["by"], "at": rfc3339(signal.created_at)}
    entry = entry._replace(resolutions=[*(entry.resolutions or ()), decided])
    record.waited(entry, in_vain=False)
    match Resolution(said["decision"]):
        case Resolution.HAPPENED:
            record.end(entry, Outcome.SUCCEEDED, said["output"], keep=keep)
        case Resolution.FAIL:
            message = f"a crash interrupted it, and {said['by']} decided that it counts as failed"
            record.fail(entry, StepFailed(entry.path, "interrupted", message))
        case Resolution.REPEAT:
            record.put(entry._replace(outcome=Outcome.RUNNING, attempts=entry.attempts + 1))
    return record.known(entry.path) or entry


def begun_at(entry: Entry) -> datetime:
    """Return from when on the time of a step counts: its start, or the decision that went on with it."""
    return parse_time(str(entry.resolutions[-1]["at"])) if entry.resolutions else entry.started_at


def warn(entries: Iterable[Entry]) -> None:
    """Say in the log how to decide about those of which nobody knows whether they happened before a crash."""
    for entry in entries:
        if entry.outcome is Outcome.INTERRUPTED:
            log.warning("step.interrupted", run=entry.run_id, step=entry.path, decide=f"wink runs show {entry.run_id}")
