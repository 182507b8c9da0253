"""Do it again: an event as new runs, or a run from one of its steps on. And end a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import structlog

from engine.definitions.workflow import Step, Then, Workflow
from engine.errors import Conflict, Invalid, NotFound
from engine.ids import new_id
from engine.path.inputs import checked_inputs
from engine.path.match import match
from engine.path.one_by_one import one_by_one
from engine.path.scope import parsed
from engine.path.start import begin
from engine.path.take import started_by
from engine.runtime import Engine, Pending
from engine.store import journal, ledger, show, workflows
from engine.store.journal import Started
from engine.store.one_by_one import next_of
from engine.store.rows import Entry, Match, Run
from engine.words import Outcome

#: Steps that ended so need not run again before the step from which a run is repeated.
_DONE = frozenset({Outcome.SUCCEEDED, Outcome.SKIPPED})

log = structlog.get_logger()


class Version(StrEnum):
    """Which version of the workflow repeats a run."""

    SAME = "same"
    CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the trigger and its workflows answer about an event now, who starts, and the runs that did."""

    answers: Sequence[Match]
    workflows: Sequence[str]
    runs: Sequence[str]


def replay(engine: Engine, event_id: str, *, dry_run: bool = False) -> Replayed:
    """Ask the trigger's present workflows about an event again, and start a new run for each that wants it.

    What was answered first stays in the ledger. An event that was held is held no more: a person asks for this.

    Raises:
        NotFound: there is no such event (404).
    """
    event = engine.store.read(ledger.events_of, [event_id]).get(event_id)
    if event is None:
        raise NotFound(f"there is no event {event_id!r}")
    answered = match(Pending(event._replace(held=None), parsed(event)), engine.published.now(), engine.clock.now())
    runs = [] if dry_run else [begin(engine, Started(start.run)).id for start in answered.starts]
    return Replayed(answered.matches, [start.workflow.identity for start in answered.starts], runs)


def cancel(engine: Engine, run_id: str) -> Run:
    """End a run at once: what it does now is not recorded any more.

    Raises:
        NotFound: there is no such run (404).
        Conflict: it has ended already (409).
    """
    run = engine.store.read(show.run, run_id)
    if not engine.store.write(journal.cancel, run_id, engine.clock.now()):
        raise Conflict(f"the run {run_id} has ended already")
    if run.parent_path is not None:
        engine.executor.notify(run.parent_id or "")
    if run.runs_per is not None and (successor := engine.store.read(next_of, run)):
        engine.executor.notify(successor)
    engine.metrics.count(engine.metrics.runs, Outcome.CANCELLED)
    log.info("run.cancelled", run=run_id)
    return engine.store.read(show.run, run_id)


def rerun(engine: Engine, run_id: str, *, first: str | None, version: Version) -> Run:
    """Repeat a run as a new one, for the same event and with the same inputs.

    first: id of a top-level step; what the steps before it came to is taken over, as far as they ended well.

    Raises:
        NotFound: there is no such run, or its workflow is gone (404).
        Invalid: there is no such step at the top of the workflow, or its present version takes other inputs (422).
    """
    old = engine.store.read(show.run, run_id)
    current = old.version if version is Version.SAME else engine.store.read(workflows.find, old.workflow).version
    workflow = engine.published.workflow(old.workflow, current)
    run = _again(old, workflow, engine)
    run = one_by_one(run, workflow, partial(started_by, engine, run), run.queued_at)
    if old.inputs is not None and version is Version.CURRENT:
        run = run._replace(inputs=checked_inputs(workflow, old.inputs))
    kept = _taken_over(engine, old, _before(workflow, first))
    entries = tuple(entry._replace(run_id=run.id, position=position) for position, entry in enumerate(kept))
    return begin(engine, Started(run, entries))


def _again(old: Run, workflow: Workflow, engine: Engine) -> Run:
    """Return the run that repeats another; a step that waits for that one gets its end if that was interrupted."""
    run = old if old.outcome is Outcome.INTERRUPTED else old._replace(parent_id=None, parent_path=None, depth=0)
    return run._replace(
        id=new_id("run"),
        version=workflow.version,
        outcome=Outcome.QUEUED,
        token=0,
        lease_until=None,
        deaths=0,
        due_at=None,
        queued_at=engine.clock.now(),
        started_at=None,
        finished_at=None,
        error=None,
        outputs=None,
        rerun_of=old.id,
        runs_per=None,
        when_busy=None,
    )


def _before(workflow: Workflow, first: str | None) -> Sequence[Step]:
    """Return the top-level steps before the one with that id."""
    ids = [step.id for step in workflow.steps]
    if first is None:
        return ()
    if first not in ids:
        raise Invalid(f"there is no step {first!r} at the top of the workflow; there are {', '.join(ids)}", "from")
    return workflow.steps[: ids.index(first)]


def _taken_over(engine: Engine, old: Run, steps: Sequence[Step]) -> list[Entry]:
    """Return the journal entries of those of the steps that need not run again, with everything below them."""
    entries = engine.store.read(journal.entries_of, [old.id]).get(old.id, ())
    ended = {entry.path: entry.outcome for entry in entries if entry.finished_at is not None}
    kept = {step.id for step in steps if _is_done(step, ended.get(step.id))}
    return [entry for entry in entries if _top(entry.path) in kept]


def _is_done(step: Step, outcome: Outcome | None) -> bool:
    seen_to = step.on_error is not None and step.on_error.then is Then.CONTINUE
    return outcome in _DONE or (outcome is Outcome.FAILED and seen_to)


def _top(path: str) -> str:
    """Return the id of the top-level step that a path is below: ``reset`` of ``reset[2]/delete``."""
    return path.partition("/")[0].partition("[")[0]
