"""``/events``: find them, explain them, replay them, decide about what is held."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field, StrictBool, StrictInt

from engine.path import explain as explaining
from engine.path import release, replay
from engine.path.replay import Replayed
from engine.runtime import Engine
from engine.store import search, show
from engine.store.search import EventFilter, EventLine, Page
from engine.words import Answer, Held, Reason, Verdict
from web.api.event_shapes import (
    EndedWaitOut,
    EventLineOut,
    EventOut,
    EventPage,
    ExplainedMatch,
    FullEvent,
    StartedRun,
    ended_waits_out,
    event_fields,
    event_out,
    full_event,
    match_fields,
    started_runs,
)
from web.api.fields import Given, Moment, Name, SpanQuery, Text
from web.api.named import trigger_id
from web.context import the_engine

events = APIBlueprint("events", __name__, url_prefix="/api/v1/events")


class EventQuery(SpanQuery):
    """Which events."""

    trigger: Name | None = None
    type: Name | None = None
    #: Whether a workflow said yes, or a step waited for it.
    matched: bool | None = None
    #: Text that the data has to hold, as it was sent.
    q: Text | None = None

    def page(self, engine: Engine) -> Page[EventLine]:
        """Return the page of events that fit."""
        which = EventFilter(
            trigger_id=trigger_id(engine, self.trigger), type=self.type, matched=self.matched, text=self.q
        )
        return engine.store.read(search.list_events, which, self.span())


class StageOut(BaseModel):
    """One thing that happened on the way, in a sentence."""

    at: Moment
    words: str


class VerdictOut(BaseModel):
    """What became of the delivery that brought the event."""

    id: str
    received_at: Moment
    verdict: Verdict
    reason: Reason
    detail: str


class ExplanationOut(BaseModel):
    """Why an event led to what it led to."""

    event: EventOut
    delivery: VerdictOut
    matches: list[ExplainedMatch]
    runs: list[StartedRun]
    ended_waits: list[EndedWaitOut]
    stages: list[StageOut]


class AnswerOut(BaseModel):
    """What a workflow answers now."""

    workflow: str
    answer: Answer


class ReplayedOut(BaseModel):
    """What an event leads to now: the answers, who starts, and the runs that did."""

    event: str
    answers: list[AnswerOut]
    workflows: list[str]
    runs: list[str]


class ReplayQuery(EventQuery):
    """Which events to replay: at most ``limit`` of them, newest first."""

    limit: StrictInt = Field(default=50, ge=1, le=500)
    matched: StrictBool | None = None
    #: Say what would run, and run nothing.
    dry_run: StrictBool = True


class ReplayReport(BaseModel):
    """What a replay of many events leads to; with ``dry_run``, what it would lead to."""

    dry_run: bool
    items: list[ReplayedOut]
    next: str | None


class Decision(Given):
    """What becomes of what is held."""

    held: Held = Held.RUN


class Decided(BaseModel):
    """The runs that started."""

    runs: list[str]


@events.get("")
@events.input(EventQuery, location="query")
@events.output(EventPage)
def list_events(query_data: EventQuery) -> EventPage:
    """List events, newest first, without their data."""
    engine = the_engine()
    page = query_data.page(engine)
    items = [EventLineOut.model_validate(event_fields(engine, line)) for line in page.items]
    return EventPage(items=items, next=page.next)


@events.get("/<event_id>")
@events.output(FullEvent)
def get(event_id: str) -> FullEvent:
    """Show an event with what was answered about it and what it started."""
    engine = the_engine()
    return full_event(engine, engine.store.read(show.event_history, event_id))


@events.get("/<event_id>/explain")
@events.output(ExplanationOut)
def explain(event_id: str) -> ExplanationOut:
    """Say why an event led to what it led to."""
    engine = the_engine()
    explained = explaining.explain(engine, event_id)
    history = explained.history
    return ExplanationOut(
        event=event_out(engine, history.event),
        delivery=VerdictOut.model_validate(history.delivery, from_attributes=True),
        matches=[
            ExplainedMatch.model_validate({**match_fields(match, history), "explanation": match.explanation})
            for match in history.matches
        ],
        runs=started_runs(history.runs),
        ended_waits=ended_waits_out(history.ended_waits),
        stages=[StageOut(at=stage.at, words=stage.words) for stage in explained.stages],
    )


@events.post("/<event_id>/replay")
@events.output(ReplayedOut, status_code=202)
def replay_event(event_id: str) -> ReplayedOut:
    """Ask the present workflows about an event again, and start new runs."""
    return _replayed(event_id, replay.replay(the_engine(), event_id))


@events.post("/replay")
@events.input(ReplayQuery)
@events.output(ReplayReport, status_code=202)
def replay_events(json_data: ReplayQuery) -> ReplayReport:
    """Replay every event that fits; unless `dry_run` is false, only say what would run."""
    engine, dry_run = the_engine(), json_data.dry_run
    page = json_data.page(engine)
    items = [_replayed(line.id, replay.replay(engine, line.id, dry_run=dry_run)) for line in page.items]
    return ReplayReport(dry_run=dry_run, items=items, next=page.next)


@events.post("/<event_id>/release")
@events.input(Decision)
@events.output(Decided)
def release_event(event_id: str, json_data: Decision) -> Decided:
    """Run or skip what is held of an event: in quarantine, or by a paused trigger."""
    return Decided(runs=release.release_event(the_engine(), event_id, json_data.held))


def _replayed(event_id: str, replayed: Replayed) -> ReplayedOut:
    answers = [AnswerOut(workflow=match.workflow, answer=match.answer) for match in replayed.answers]
    return ReplayedOut(event=event_id, answers=answers, workflows=list(replayed.workflows), runs=list(replayed.runs))
