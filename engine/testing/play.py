"""Play a test: ask the workflow, then walk its steps in memory, with actions that are stood in for and no waiting."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.actions.action import Action, Call, Pause, build_action
from engine.actions.code import code_action
from engine.actions.sandbox import Sandbox
from engine.actions.waiting import Await, Subrun
from engine.definitions.action import ActionSpec
from engine.definitions.workflow import Workflow
from engine.errors import ActionFailed
from engine.path.branches import Done, Task
from engine.path.match import judge, new_run
from engine.path.run import Walk
from engine.path.scope import Scope, event_scope, run_scope, trigger_scope
from engine.path.step import perform
from engine.store.journal import Advance
from engine.store.rows import Entry, Event, Run, Signal, Trigger
from engine.testing.home import without_turns
from engine.testing.model import Answer as MockAnswer
from engine.testing.model import CannotPlay, Given, Happening, Mock
from engine.words import Answer, OnMismatch, OnUnknown, OnUnproven, Outcome, TriggerState

#: The action that is really used where no mock stands in for it: what comes of it depends on the workflow alone.
CODE = "core.code"

#: Advances of one test: beyond them something goes on for ever.
MOST_ADVANCES = 100_000

#: Entries of the journal that one test walks again after its waits: beyond them it takes minutes.
MOST_WALKED = 2_000_000


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a test."""

    #: None where no event asked.
    answer: Answer | None
    #: Why the answer is what it is, as the ledger keeps it.
    explanation: object = None
    #: None where nothing ran.
    end: Advance | None = None
    #: The journal, in the order in which steps began.
    entries: Sequence[Entry] = ()
    #: Every attempt of an action that is stood in for.
    calls: Sequence[Task] = ()

    @property
    def results(self) -> Mapping[str, object]:
        """What a test can expect, by the keys of ``expect``; a key that has no meaning here is missing."""
        found: dict[str, object] = {} if self.answer is None else {"condition": self.answer.value}
        if self.end is None:
            return found
        steps = [{entry.path: entry.outcome.value} for entry in self.entries]
        error = {} if self.end.error is None else {"error": self.end.error}
        outputs = {"outputs": self.end.outputs}
        calls = [_told(task) for task in self.calls]
        logs = [entry.input for entry in self.entries if entry.uses == "core.log"]
        return {
            **found,
            "outcome": self.end.outcome.value,
            "steps": steps,
            "calls": calls,
            "logs": logs,
            **outputs,
            **error,
        }


def is_real(spec: ActionSpec) -> bool:
    """Tell whether an action is used as it is: it touches nothing outside the run. Any other is stood in for.

    ``core.code`` is neither: it is really run, unless a mock stands in for it.
    """
    return spec.pure and not spec.awaits


def play(workflow: Workflow, given: Given, mocks: Mapping[str, Mock], actions: Mapping[str, Action]) -> Played:
    """Ask the workflow about what is given, and run it when it says yes.

    actions: every action that there is; of those that are stood in for, the description alone counts.

    Raises:
        CannotPlay: an action is used that nothing stands in for, or it never ends.
    """
    scope, event = started_by(given)
    answer, explanation = None, None
    if event is not None:
        answer, explanation = judge(event.type, workflow.events, workflow.condition, lambda: scope, given.now)
        if answer is not Answer.YES:
            return Played(answer, explanation)
    run = run_of(workflow, given, event)
    stage = _Stage(mocks, Counter(), given.now)
    staged = {name: _staged(action) for name, action in actions.items()}
    walk = Walk(workflow, run, staged, run_scope(scope, workflow, run))
    end = stage.walk(walk)
    entries = sorted(stage.journal.values(), key=lambda entry: entry.position)
    return Played(answer, explanation, end, entries, stage.calls)


@dataclass(slots=True)
class _Stage:
    """Where one test is played."""

    mocks: Mapping[str, Mock]
    used: Counter[str]
    now: datetime
    journal: dict[str, Entry] = field(default_factory=dict)
    calls: list[Task] = field(default_factory=list)
    #: One of its own: the test may be played beside an engine, on whose loop code takes turns.
    code: Action = field(default_factory=lambda: code_action(Sandbox()))
    #: What comes for steps that wait for somebody else, once nothing else is left to do.
    signals: list[Signal] = field(default_factory=list)
    walked: int = 0

    def walk(self, walk: Walk) -> Advance:
        """Go on until the run ends; where it waits, what it waits for has come at once, and it walks from the top."""
        done: list[tuple[Task, Done]] = []
        signals: list[Signal] = []
        for _ in range(MOST_ADVANCES):
            progress = walk.advance(self.now, done, signals)
            advance = progress.advance
            self.journal |= {entry.path: entry for entry in advance.entries}
            if advance.finished_at or advance.outcome is Outcome.INTERRUPTED:
                return advance
            done, signals = [(task, self._attempt(task, advance.run_id)) for task in progress.tasks], []
            if advance.outcome is Outcome.WAITING:
                walk, signals = self._anew(walk), self._come(advance.due_at)
        raise CannotPlay(f"the run has not ended after {MOST_ADVANCES:,} advances")

    def _anew(self, walk: Walk) -> Walk:
        """Return the walk from the top, as one that takes over a run that has waited."""
        self.walked += len(self.journal)
        if self.walked > MOST_WALKED:
            raise CannotPlay("the run waits too often to be played: give it fewer turns or items")
        return replace(walk, entries=tuple(self.journal.values()))

    def _come(self, due_at: datetime | None) -> list[Signal]:
        """Return what has come for steps that wait; when nothing does, the time that they wait for has come."""
        signals, self.signals = self.signals, []
        if not signals and due_at is None:
            raise CannotPlay("the run waits for something that a test cannot give")
        self.now = self.now if signals or due_at is None else max(self.now, due_at)
        return signals

    def _attempt(self, task: Task, run_id: str) -> Done:
        if task.action.spec.name == CODE and self._mocked(task) is None:
            return asyncio.run(perform(replace(task, action=self.code), lambda: self.now))
        self.calls.append(task)
        try:
            asked = task.action.run(task.call)
            answer = self._answer(task)
        except ActionFailed as failure:
            return Done(self.now, failure=failure)
        if not _waits(asked):
            return Done(self.now, answer.output, answer.failure)
        failed = answer.failure
        error = None if failed is None else {"kind": failed.kind, "message": failed.detail}
        self.signals.append(Signal(run_id, task.path, answer.output, error, self.now))
        return Done(self.now, Pause(None))

    def _answer(self, task: Task) -> MockAnswer:
        name = self._name(task)
        mock, count = self.mocks[name], self.used[name]
        self.used[name] += 1
        if mock.in_turn and count >= len(mock.answers):
            raise CannotPlay(
                f"the mock of `{name}` has {len(mock.answers)} answers, and `{task.path}` asks for one more"
            )
        return mock.answers[count if mock.in_turn else 0]

    def _mocked(self, task: Task) -> str | None:
        path, uses = task.path, task.action.spec.name
        return next((name for name in (path, without_turns(path), uses) if name in self.mocks), None)

    def _name(self, task: Task) -> str:
        path, uses = task.path, task.action.spec.name
        found = self._mocked(task)
        if found is None:
            example = f"mock: {{{without_turns(path)}: {{output: ..}}}}"
            raise CannotPlay(f"the step `{path}` uses {uses}, and no mock stands in for it: write `{example}`")
        return found


def _staged(action: Action) -> Action:
    """Return what takes the place of an action: it checks the inputs, and has no effect."""
    if action.spec.awaits:  # it says what it would wait for, and nothing else
        return replace(action, spec=replace(action.spec, pure=False))
    if not is_real(action.spec):
        return build_action(replace(action.spec, pure=False), _nothing)
    return build_action(action.spec, _nothing) if action.spec.name == "core.log" else action


def _nothing(_call: Call) -> None:
    """Do nothing, once the inputs are checked."""


def _waits(asked: object) -> bool:
    """Tell whether a step waits for what it asks for; the start of a run that it does not wait for is done at once."""
    return isinstance(asked, Await) and not (isinstance(asked.wanted, Subrun) and not asked.wanted.waits)


def started_by(given: Given) -> tuple[Scope, Event | None]:
    """Return what expressions see of what starts the workflow, and the event where it is one."""
    trigger = _trigger(given.trigger or "test", given)
    if given.event is None:
        return trigger_scope(trigger) if given.silent else {}, None
    event = _event(given.event, trigger, given.now)
    return event_scope(event, trigger, given.event.data), event


def _event(happening: Happening, trigger: Trigger, now: datetime) -> Event:
    return Event(
        id=happening.id or "evt_test",
        trigger_id=trigger.id,
        delivery_id="dlv_test",
        key=happening.key,
        type=happening.type,
        source=happening.source or f"/{trigger.connector}/{trigger.name}",
        time=happening.time or now,
        received_at=happening.received_at or now,
        data=b"",
        held=None,
        matched_at=None,
    )


def _trigger(name: str, given: Given) -> Trigger:
    """Return a trigger of that name, as far as expressions can see it."""
    return Trigger(
        id="trg_test",
        name=name,
        title=name,
        connector=given.event.type.partition(".")[0] if given.event else "",
        auth="",
        path="",
        state=TriggerState.PUBLISHED,
        recipe=None,
        events=None,
        condition=None,
        on_unknown=OnUnknown.DROP,
        on_mismatch=OnMismatch.OFF,
        on_unproven=OnUnproven.REFUSE,
        dedup=None,
        rate=None,
        networks=None,
        public_url=None,
        reply=None,
        listening_until=None,
        created_at=given.now,
        updated_at=given.now,
    )


def run_of(workflow: Workflow, given: Given, event: Event | None) -> Run:
    """Return a run that has begun."""
    run = new_run(workflow, given.now, event)
    return run._replace(
        id="run_test",
        outcome=Outcome.RUNNING,
        started_at=given.now,
        inputs=given.inputs,
        scheduled_for=given.scheduled_for,
    )


def _told(task: Task) -> Mapping[str, object]:
    connection = {} if task.connection is None else {"connection": task.connection}
    return {"step": task.path, "uses": task.action.spec.name, "with": task.call.inputs, **connection}
