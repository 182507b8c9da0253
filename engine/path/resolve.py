"""A person decides about a step of which nobody knows whether it happened before a crash.

The decision is a signal for the step, which waits for it as others wait for an approval; the commit that goes on with
the step keeps in the journal what was decided, by whom and when.
"""

from collections.abc import Mapping
from datetime import datetime

import structlog

from engine.bounds import unkeepable
from engine.clock import parse_time, rfc3339
from engine.errors import Invalid
from engine.path.access import Holder
from engine.path.record import Record, StepFailed
from engine.runtime import Engine
from engine.store import doubts
from engine.store.rows import Entry, Signal
from engine.store.signals import Spot
from engine.words import Outcome, Resolution

log = structlog.get_logger()


def resolve(engine: Engine, spot: Spot, decision: Resolution, *, by: Holder, output: object = None) -> None:
    """Decide about a step in doubt, and go on with its run.

    spot: the run's id and the step's path; output: what a step that happened gives back, any JSON.

    Raises:
        NotFound: there is no such run or step (404).
        Invalid: the output is too large, or of a step that did not happen (422).
        Conflict: there is nothing to decide about it, or not any more (409).
    """
    if output is not None and decision is not Resolution.HAPPENED:
        raise Invalid(f"only a step that {Resolution.HAPPENED} has an output", "output")
    if why := unkeepable(output, engine.settings.bounds.max_output):
        raise Invalid(why, "output")
    run_id, path = spot
    said = {"decision": decision.value, "by": by.name, "output": output}
    engine.store.write(doubts.decide, Signal(run_id, path, said, None, engine.clock.now()))
    log.info("run.resolved", run=run_id, step=path, decision=decision.value, by=by.name)
    engine.executor.notify(run_id)


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
