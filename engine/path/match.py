"""Ask a trigger and its workflows about an event, and record what they answer, also when it is no."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from engine.definitions.workflow import Workflow
from engine.ids import new_id
from engine.language.condition import Condition
from engine.language.patterns import compile_glob
from engine.path.one_by_one import one_by_one
from engine.path.scope import Scope, event_scope
from engine.published import Live, Snapshot
from engine.runtime import Pending
from engine.store.latest import Place
from engine.store.rows import Event, Match, Run
from engine.words import TRIGGER, Answer, OnUnknown, Outcome, Reason, TriggerState


class Start(NamedTuple):
    """A run that an answer starts, with what its steps may name of what started it."""

    workflow: Workflow
    run: Run
    scope: Scope


class Answered(NamedTuple):
    """What was answered about an event, and the runs that follow."""

    matches: Sequence[Match]
    starts: Sequence[Start] = ()
    #: Whether the trigger wants the event, and no person has to decide about it first: it can end a step's wait.
    is_let_through: bool = False
    #: Where the event stands by the order of its trigger; None: in none.
    place: Place | None = None


def match(pending: Pending, snapshot: Snapshot, now: datetime) -> Answered:
    """Ask the event's trigger where it asks for something, and unless it says no, each of its workflows."""
    event = pending.event
    live = snapshot.by_id.get(event.trigger_id)
    if live is None:
        explanation = {"text": "the trigger was deleted, or cannot be used now", "answer": "no"}
        return Answered([_answer(event, TRIGGER, "", now, Answer.NO, explanation)])
    asking = _Asking(pending, live, now)
    own = [asking.own_answer()] if live.asks else []
    answer = own[0].answer if own else Answer.YES
    place = _place(asking, live)
    if not _wanted(answer, live):
        return Answered(own, place=place)
    free = _lets_through(answer, event, live)
    settled = [_settle(asking, live, workflow, free=free) for workflow in snapshot.workflows.get(live.trigger.name, ())]
    starts = [Start(workflow, run, asking.scope()) for _, workflow, run in settled if run is not None]
    return Answered([*own, *(answer for answer, _, _ in settled)], starts, is_let_through=free, place=place)


def _place(asking: "_Asking", live: Live) -> Place | None:
    found = None if live.order is None else live.order.place(asking.scope(), asking.now)
    return None if found is None else Place(live.trigger.id, *found)


def ends_waits(event: Event, live: Live, scope: Scope, now: datetime) -> bool:
    """Tell whether an event can end a step's wait: its trigger lets it through, and no person has to decide first."""
    answer, _ = judge(event.type, live.trigger.events or (), live.condition, lambda: scope, now)
    return _lets_through(answer, event, live)


def new_run(workflow: Workflow, now: datetime, event: Event | None = None) -> Run:
    """Return a queued run of the workflow, for the event, by hand or by its schedule."""
    return Run(
        id=new_id("run"),
        workflow=workflow.identity,
        version=workflow.version,
        trigger_id=event.trigger_id if event else None,
        event_id=event.id if event else None,
        inputs=None,
        outcome=Outcome.QUEUED,
        token=0,
        lease_until=None,
        deaths=0,
        due_at=None,
        queued_at=now,
        started_at=None,
        finished_at=None,
        error=None,
        outputs=None,
        rerun_of=None,
    )


@dataclass(slots=True)  # not frozen: the scope is made in its place when it is asked for
class _Asking:
    """One event, about which a trigger and its workflows are asked."""

    pending: Pending
    live: Live
    now: datetime
    _scope: Scope | None = None

    def scope(self) -> Scope:
        """Return what conditions and steps may name; it is made when the first of them asks."""
        if self._scope is None:
            self._scope = event_scope(self.pending.event, self.live.trigger, self.pending.data)
        return self._scope

    def own_answer(self) -> Match:
        """Return the answer of the trigger itself."""
        answer, explanation = self.judge(self.live.trigger.events or (), self.live.condition)
        return _answer(self.pending.event, TRIGGER, "", self.now, answer, explanation)

    def judge(self, types: Sequence[str], condition: Condition | None) -> tuple[Answer, object]:
        """Return what one asked answers, with the explanation."""
        return judge(self.pending.event.type, types, condition, self.scope, self.now)


def judge(
    event_type: str, types: Sequence[str], condition: Condition | None, scope: Callable[[], Scope], now: datetime
) -> tuple[Answer, object]:
    """Return what event types, globs of which any may fit, and then a condition answer, with the explanation."""
    if not is_of(types, event_type):
        explanation = {"text": f"event.type is {' or '.join(types)}", "answer": "no", "value": event_type}
        return Answer.NO, explanation
    if condition is None:
        return Answer.YES, None
    judgement = condition.ask(scope(), now)
    return judgement.answer, judgement.explanation.to_json()


def is_of(types: Sequence[str], event_type: str) -> bool:
    """Tell whether a type of event is one of those: globs, of which any may fit; none stand for every type."""
    return not types or any(compile_glob(glob).search(event_type.encode()) is not None for glob in types)


def _answer(  # noqa: PLR0913, PLR0917 - the columns of one row
    event: Event, workflow: str, version: str, now: datetime, answer: Answer, explanation: object
) -> Match:
    return Match(event.id, workflow, version, answer, explanation, False, None, now)  # noqa: FBT003 - a column; by name it takes almost twice as long


def _wanted(answer: Answer, live: Live) -> bool:
    return answer is Answer.YES or (answer is Answer.UNKNOWN and live.trigger.on_unknown is not OnUnknown.DROP)


def waits_for_a_person(event: Event, live: Live) -> bool:
    """Whether the event waits for a person; one that a pause held does not when the pause has ended meanwhile."""
    return event.held is Reason.SCHEMA_MISMATCH or (
        event.held is Reason.HELD and live.trigger.state is TriggerState.PAUSED
    )


def _lets_through(answer: Answer, event: Event, live: Live) -> bool:
    """Tell whether an answer suffices for the event to go on, without a person who decides first."""
    suffices = answer is Answer.YES or (answer is Answer.UNKNOWN and live.trigger.on_unknown is OnUnknown.RUN)
    return suffices and not waits_for_a_person(event, live)


def _settle(asking: _Asking, live: Live, workflow: Workflow, *, free: bool) -> tuple[Match, Workflow, Run | None]:
    """Ask a workflow, and return its answer with the run that it starts, if any."""
    event, now = asking.pending.event, asking.now
    answer, explanation = asking.judge(workflow.events, workflow.condition)
    wanted = _wanted(answer, live)
    starts = wanted and free and _lets_through(answer, event, live)
    run = one_by_one(new_run(workflow, now, event), workflow, asking.scope, now) if starts else None
    held = wanted and not starts
    answered = Match(
        event.id, workflow.identity, workflow.version, answer, explanation, held, run.id if run else None, now
    )
    return answered, workflow, run
