"""Run the examples: the checker, the walk and the actions are those of a real run; the outside and the time are not."""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast
from urllib.parse import urlsplit

from engine.actions.action import Action, build_action
from engine.actions.declaration import read_connection
from engine.actions.registry import build_actions
from engine.actions.waiting import LaterEvent
from engine.app import CONNECTORS
from engine.clock import parse_time
from engine.definitions.catalog import read_connectors
from engine.definitions.checker import check_workflow
from engine.definitions.connector import Connector
from engine.definitions.example import Example, Gives, HttpAnswer
from engine.definitions.workflow import Workflow
from engine.path.branches import Done, Task
from engine.path.inputs import checked_inputs
from engine.path.match import judge
from engine.path.opening import opening
from engine.path.record import Asked
from engine.path.run import Walk
from engine.path.scope import run_scope
from engine.path.step import perform
from engine.published import Published
from engine.store.connections import OpenConnection
from engine.store.journal import Advance
from engine.store.rows import Entry, Run, Signal
from engine.store.signals import Opening
from engine.testing.model import Given, Happening
from engine.testing.play import run_of, started_by
from engine.words import Answer, ConnectionScheme, Outcome
from tests.reference.sink import Answers, Rerouted, sink

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
#: Where a vendor's customers each have an address of their own.
_OWN_ADDRESS = "https://acme.example.com"
#: Advances of one example: beyond them something goes on for ever.
_MOST_ADVANCES = 1_000


class Wrong(Exception):
    """An example does not do what it is to show."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of an example."""

    outcome: Outcome
    #: The journal, in the order in which steps began.
    entries: Sequence[Entry]
    outputs: object = None
    error: Mapping[str, object] | None = None

    def output(self, action: str) -> object:
        """Return what the first step that used the action gave back."""
        return next((entry.output for entry in self.entries if entry.uses == action), None)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where examples run, one after the other."""

    actions: Mapping[str, Action]
    connectors: Mapping[str, Connector]
    #: What the sink answers next.
    answers: Answers
    loop: asyncio.Runner

    def run(self, example: Example) -> Ran:
        """Check the example, and run it as far as it goes.

        Raises:
            Wrong: it has a mistake, it does not end as it says, or it leaves an answer over.
        """
        self.answers.left = deque(answer for answer in example.answers if isinstance(answer, HttpAnswer))
        self.answers.unanswered = 0
        play = _Play(self, example, deque(answer for answer in example.answers if isinstance(answer, Gives)))
        ran = play.started()
        if self.answers.unanswered:
            raise Wrong(f"it asks for more answers than it has\n{example.text}")
        if ran.outcome is not example.outcome:
            raise Wrong(f"it ends as {ran.outcome}, not as {example.outcome}: {ran.error}\n{example.text}")
        if self.answers.left or play.given:
            raise Wrong(f"it asks for fewer answers than it has\n{example.text}")
        return ran

    def workflow(self, text: str, name: str) -> Workflow:
        """Return a workflow that has no mistake, and nothing that a check warns of."""
        specs = {action.spec.name: action.spec for action in self.actions.values()}
        checked = check_workflow(text, name, actions=specs, schemas=lambda *_: None)
        if checked.workflow is None or checked.mistakes:
            raise Wrong(f"{'; '.join(map(str, checked.mistakes))}\n{text}")
        return checked.workflow

    def connection(self, task: Task) -> OpenConnection:
        """Return made-up credentials for what a task calls."""
        name, uses = task.connection or "", task.action.spec.name
        connector = self.connectors.get(uses.partition(".")[0])
        if connector is None or connector.connection is None:
            parts = urlsplit(str(task.call.inputs.get("url", _OWN_ADDRESS)))
            base = f"{parts.scheme}://{parts.netloc}/"
            return OpenConnection(name, None, ConnectionScheme.BEARER, base, values={"token": "made-up-token"})
        declared = read_connection(connector.connection, connector.name)
        values = {
            field: f"{_OWN_ADDRESS}/hook" if declared.sends.url else f"made-up-{field}" for field in declared.fields_
        }
        base = declared.base_url or _OWN_ADDRESS
        return OpenConnection(name, connector.name, ConnectionScheme.DECLARED, base, values=values)


@contextmanager
def stage() -> Iterator[Stage]:
    """Set up what examples need, until the block ends."""
    answers = Answers()
    connectors = read_connectors(CONNECTORS)
    with sink(answers) as base, asyncio.Runner() as loop:
        yield Stage(build_actions(lambda: Rerouted(base), connectors), connectors, answers, loop)


@dataclass(slots=True)
class _Play:
    """One example, as it runs."""

    stage: Stage
    example: Example
    #: What comes for steps that wait, and what actions that do not call by HTTP give back.
    given: deque[Gives]
    now: datetime = NOW
    journal: dict[str, Entry] = field(default_factory=dict)

    def started(self) -> Ran:
        workflow = self.stage.workflow(self.example.file, "example")
        given = _given(workflow, self.example)
        scope, event = started_by(given)
        if event is not None:
            answer, why = judge(event.type, workflow.events, workflow.condition, lambda: scope, NOW)
            if answer is not Answer.YES:
                raise Wrong(f"the event starts nothing: {why}")
        run = run_of(workflow, given, event)
        end = self.walk(Walk(workflow, run, self.actions(), run_scope(scope, workflow, run), opener=self.open))
        entries = sorted(self.journal.values(), key=lambda entry: entry.position)
        return Ran(end.outcome, entries, end.outputs, end.error)

    def walk(self, walk: Walk) -> Advance:
        """Go on until the run ends, or waits for what nobody gives; a time that it waits for has come at once."""
        done: list[tuple[Task, Done]] = []
        signals: list[Signal] = []
        for _ in range(_MOST_ADVANCES):
            progress = walk.advance(self.now, done, signals)
            self.journal |= {entry.path: entry for entry in progress.advance.entries}
            if progress.advance.finished_at:
                return progress.advance
            done = [(task, self.attempt(task)) for task in progress.tasks]
            signals = [signal for opened in progress.advance.opened for signal in self.signals(opened)]
            if progress.advance.opened and not signals:
                return progress.advance
            if not done and not signals and walk.due_at is not None:
                self.now = max(self.now, walk.due_at)
        raise Wrong(f"it never ends\n{self.example.text}")

    def actions(self) -> Mapping[str, Action]:
        """Return the actions as they are, but for the one that the example stands in for: its inputs are checked."""
        actions, name = self.stage.actions, self.example.stood_in
        if not name:
            return actions
        return {**actions, name: build_action(replace(actions[name].spec, pure=False), self.take)}

    async def take(self, _call: object) -> object:
        """Give back the next output that the example has."""
        return self.given.popleft().output

    def attempt(self, task: Task) -> Done:
        connections = {} if task.connection is None else {task.connection: self.stage.connection(task)}
        return self.stage.loop.run(perform(task, lambda: self.now, connections))

    def open(self, asked: Asked) -> Opening:
        """Write down what a step wants as the engine does; the trigger that it names is there."""
        name = asked.wanted.trigger if isinstance(asked.wanted, LaterEvent) else ""
        live = SimpleNamespace(trigger=SimpleNamespace(id="trg_test", name=name))
        others = {name: self.stage.workflow(text, name) for name, text in self.example.others.items()}
        snapshot = SimpleNamespace(by_id={"trg_test": live}, by_name=others)
        return opening(cast("Published", SimpleNamespace(now=lambda: snapshot)), asked)

    def signals(self, opened: Opening) -> Iterator[Signal]:
        """Return what has come for a step that waits: what another run gives, or what the example says."""
        if isinstance(opened, Run):
            yield Signal("run_test", str(opened.parent_path), self.child(opened), None, self.now)
        elif self.given:
            yield Signal("run_test", opened.path, self.given.popleft().output, None, self.now)

    def child(self, run: Run) -> object:
        workflow = self.stage.workflow(self.example.others[run.workflow], run.workflow)
        started = run._replace(started_at=self.now)
        inside = _Play(self.stage, self.example, self.given, self.now)
        return inside.walk(Walk(workflow, started, self.actions(), run_scope({}, workflow, started))).outputs


def _given(workflow: Workflow, example: Example) -> Given:
    by_clock = None if example.scheduled_for is None else parse_time(example.scheduled_for)
    by_hand = None if example.inputs is None else checked_inputs(workflow, example.inputs)
    unasked = by_clock is None and by_hand is None and example.silence is None
    event = Happening(example.event, example.data) if unasked else None
    trigger = workflow.triggers[0] if event else example.silence
    return Given(event, trigger, by_hand, by_clock, NOW + timedelta(), silent=example.silence is not None)
