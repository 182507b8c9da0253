"""Events as the API gives them."""

from collections.abc import Iterable

from pydantic import BaseModel

from engine.path.scope import parsed
from engine.runtime import Engine
from engine.store.rows import EndedWait, Event, Match, Run
from engine.store.search import EventLine
from engine.store.show import EventHistory
from engine.words import Answer, Outcome, Reason
from web.api.fields import Moment


class EventLineOut(BaseModel):
    """An event in a list."""

    id: str
    type: str
    source: str
    time: Moment
    #: The trigger's name, or its id where it was deleted.
    trigger: str
    delivery: str
    #: The vendor's id.
    key: str | None
    received_at: Moment
    #: Why its runs wait for a person.
    held: Reason | None
    #: When the workflows were asked.
    matched_at: Moment | None


class EventOut(EventLineOut):
    """An event."""

    data: object


class EventPage(BaseModel):
    """Events, newest first."""

    items: list[EventLineOut]
    next: str | None


class MatchOut(BaseModel):
    """What a workflow answered; the trigger's own condition has the empty name."""

    workflow: str
    version: str
    answer: Answer
    held: bool
    #: What a person decided about it where it was held: run or skip.
    decision: str | None
    run: str | None
    at: Moment


class ExplainedMatch(MatchOut):
    """An answer with the tree of its parts; null where there was no condition."""

    explanation: object


class StartedRun(BaseModel):
    """A run that an event started."""

    id: str
    workflow: str
    version: str
    outcome: Outcome
    rerun_of: str | None


class EndedWaitOut(BaseModel):
    """A step that waited for the event, and has gone on with it."""

    run: str
    step: str
    at: Moment


class FullEvent(EventOut):
    """An event with what was answered about it, what it started, and which waits it has ended."""

    matches: list[MatchOut]
    runs: list[StartedRun]
    #: Whether the steps that wait for such events are still to be asked about it.
    asks_waits: bool
    ended_waits: list[EndedWaitOut]


def event_fields(engine: Engine, event: Event | EventLine) -> dict[str, object]:
    """Return the fields that an event has in a list."""
    return {
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "time": event.time,
        "trigger": trigger_name(engine, event.trigger_id),
        "delivery": event.delivery_id,
        "key": event.key,
        "received_at": event.received_at,
        "held": event.held,
        "matched_at": event.matched_at,
    }


def event_out(engine: Engine, event: Event) -> EventOut:
    """Return an event with its data."""
    return EventOut.model_validate({**event_fields(engine, event), "data": parsed(event)})


def full_event(engine: Engine, history: EventHistory) -> FullEvent:
    """Return an event with all that hangs on it."""
    fields = {**event_fields(engine, history.event), "data": parsed(history.event)}
    matches = [MatchOut.model_validate(match_fields(match, history)) for match in history.matches]
    return FullEvent.model_validate(
        {
            **fields,
            "matches": matches,
            "runs": started_runs(history.runs),
            "asks_waits": history.asks_waits,
            "ended_waits": ended_waits_out(history.ended_waits),
        }
    )


def match_fields(match: Match, history: EventHistory) -> dict[str, object]:
    """Return the fields of an answer, with what was decided about it later."""
    decision = history.decisions.get(match.workflow)
    return {
        "workflow": match.workflow,
        "version": match.version,
        "answer": match.answer,
        "held": match.held,
        "decision": decision.action if decision else None,
        "run": decision.run_id if decision else match.run_id,
        "at": match.created_at,
    }


def started_runs(runs: Iterable[Run]) -> list[StartedRun]:
    """Return runs as they are shown with their event."""
    return [
        StartedRun(id=run.id, workflow=run.workflow, version=run.version, outcome=run.outcome, rerun_of=run.rerun_of)
        for run in runs
    ]


def ended_waits_out(ended: Iterable[EndedWait]) -> list[EndedWaitOut]:
    """Return the steps whose waits an event has ended."""
    return [EndedWaitOut(run=wait.run_id, step=wait.path, at=wait.ended_at) for wait in ended]


def trigger_name(engine: Engine, trigger_id: str) -> str:
    """Return the name of a trigger, or its id where it is gone."""
    live = engine.published.now().by_id.get(trigger_id)
    return live.trigger.name if live else trigger_id
