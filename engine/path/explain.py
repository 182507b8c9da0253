"""Why an event led to what it led to: its delivery's verdict, every answer with its tree, the runs, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.errors import NotFound
from engine.path.captured import mistyped
from engine.runtime import Engine
from engine.store import presence, show, workflows
from engine.store.rows import Event, Match, Run
from engine.store.show import EventHistory
from engine.words import TRIGGER, Answer, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing that happened on the way, in a sentence."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Explained:
    """An event with all that hangs on it, and its way told in order."""

    history: EventHistory
    stages: tuple[Stage, ...]


def explain(engine: Engine, event_id: str) -> Explained:
    """Return an event with all that hangs on it.

    Raises:
        NotFound: there is no such event (404).
    """
    history = engine.store.read(show.event_history, event_id)
    return Explained(history, (*_stages(engine, history), *_disabled(engine, history)))


def _stages(engine: Engine, history: EventHistory) -> Iterator[Stage]:
    delivery, event = history.delivery, history.event
    why = f" ({delivery.reason})" + (f": {delivery.detail}" if delivery.detail else "")
    yield Stage(delivery.received_at, f"A delivery from {delivery.address} was {delivery.verdict}{why}.")
    if words := mistyped(delivery):
        yield Stage(delivery.received_at, words)
    if history.late_proof is not None:
        late = history.late_proof
        yield Stage(late.judged_at, f"It was sealed, and was proved then: it is {late.verdict} ({late.reason}).")
    if event.matched_at is None:
        yield Stage(event.received_at, _unasked(engine))
    elif not history.matches:
        yield Stage(event.matched_at, _nobody(history))
    elif history.matches[0].workflow != TRIGGER:
        yield Stage(event.matched_at, "The trigger answered yes: it asks for nothing.")
    for match in history.matches:
        yield Stage(match.created_at, _answer(match, event))
    if event.matched_at and [(match.workflow, match.answer) for match in history.matches] == [(TRIGGER, Answer.YES)]:
        yield Stage(event.matched_at, "No enabled workflow starts by the trigger's events: nothing was started.")
    yield from _waits(history)
    for workflow, decision in history.decisions.items():
        started = f", as {decision.run_id}" if decision.run_id else ""
        yield Stage(decision.at, f"What {workflow or 'the pause'} held was decided: {decision.action}{started}.")
    yield from _runs(history)


def _disabled(engine: Engine, history: EventHistory) -> Iterator[Stage]:
    """Tell of workflows that wait for the trigger's events, and were not asked because they are disabled."""
    live = engine.published.now().by_id.get(history.event.trigger_id)
    if live is None or any(match.workflow == TRIGGER and match.answer is Answer.NO for match in history.matches):
        return
    asked = {match.workflow for match in history.matches}
    for name, version in engine.store.read(workflows.disabled):
        if name not in asked and live.trigger.name in _triggers(engine, name, version):
            words = f"The workflow {name} is disabled and is not asked: enable it, then replay the event."
            yield Stage(history.event.matched_at or history.event.received_at, words)


def _triggers(engine: Engine, name: str, version: str) -> Sequence[str]:
    try:
        return engine.published.workflow(name, version).triggers
    except NotFound:  # this Wink cannot read it any more
        return ()


def _waits(history: EventHistory) -> Iterator[Stage]:
    """Tell of the steps that waited for the event."""
    if history.asks_waits:
        at = history.event.matched_at or history.event.received_at
        yield Stage(at, "The steps that wait for the trigger's events are about to be asked.")
    for ended in history.ended_waits:
        yield Stage(ended.ended_at, f"It ended the wait of {ended.run_id}, step {ended.path}.")


def _unasked(engine: Engine) -> str:
    is_unmanned = engine.settings.broker_url is not None and not engine.store.read(presence.workers)
    why = ": no worker is there, so start `wink worker`" if is_unmanned else ""
    return f"No workflow was asked about it yet{why}."


def _nobody(history: EventHistory) -> str:
    if history.delivery.verdict is Verdict.SAMPLED:
        return "It is a sample: no workflow is asked about it."
    if history.asks_waits or history.ended_waits:
        return "No workflow was asked whether to start: none that is enabled starts by the trigger's events."
    return "Nobody was asked: the trigger has no condition, and no enabled workflow starts by its events."


def _answer(match: Match, event: Event) -> str:
    asked = "The trigger" if match.workflow == TRIGGER else f"The workflow {match.workflow}"
    said = f"{asked} answered {match.answer}"
    if match.held:
        return f"{said}; its run waits for a person" + (f" ({event.held})." if event.held else ".")
    reason = match.explanation.get("reason") if isinstance(match.explanation, dict) else None
    return f"{said}: {reason}." if reason else f"{said}."


def _runs(history: EventHistory) -> Iterator[Stage]:
    """Tell what became of the runs, and of those that no answer or decision started why they did."""
    answered = {match.run_id for match in history.matches}
    decided = {decision.run_id for decision in history.decisions.values()}
    for run in history.runs:
        if run.id not in answered | decided and run.parent_id is None:
            yield Stage(run.queued_at, _asked_for(run))
        yield Stage(run.finished_at or run.started_at or run.queued_at, _run(run))


def _asked_for(run: Run) -> str:
    """Return what a person did; the ledger keeps the run that it led to, and neither the name nor which of the two."""
    if run.rerun_of is not None:
        return f"Somebody repeated the run {run.rerun_of}, as {run.id}."
    return f"Somebody replayed the event, or ran {run.workflow} with it by hand: it started {run.id}."


def _run(run: Run) -> str:
    verb = "has" if run.outcome in {Outcome.SUCCEEDED, Outcome.FAILED} else "is"
    failed = f": {run.error.get('message')}".rstrip(".") if run.error else ""
    return f"The run {run.id} of {run.workflow} {verb} {run.outcome}{failed}."
