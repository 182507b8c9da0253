"""Walk workflows without a database: the journal is a list, and actions do what the test says."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from engine.actions.action import Action, Call
from engine.actions.core import core_actions
from engine.bounds import USUAL, Bounds
from engine.definitions.action import ActionSpec
from engine.definitions.checker import check_workflow
from engine.path.branches import Done, Task
from engine.path.match import new_run
from engine.path.run import Progress, Walk
from engine.path.step import perform
from engine.runtime import Engine
from engine.store.rows import Entry
from engine.words import Effect, Outcome
from tests.engines import running


@dataclass
class Theatre:
    """Plays a workflow: keeps its journal, performs its tasks, and can crash and begin again."""

    clock: object
    text: str
    scope: Mapping[str, object]
    calls: list[Call] = field(default_factory=list)
    script: Callable[[Call], object] = lambda call: {"echo": call.inputs}
    effect: Effect = Effect.IDEMPOTENT
    journal: dict[str, Entry] = field(default_factory=dict)
    bounds: Bounds = USUAL

    def __post_init__(self):
        spec = ActionSpec("test.act", "Act", {"n": {}, "branch": {}}, {}, self.effect)
        self.actions = {action.spec.name: action for action in core_actions()} | {"test.act": Action(spec, self._act)}
        specs = {name: action.spec for name, action in self.actions.items()}
        checked = check_workflow(self.text, "play", actions=specs, schemas=lambda trigger, event_type: None)
        assert checked.workflow is not None, [str(mistake) for mistake in checked.mistakes]
        self.workflow = checked.workflow
        self.run = new_run(self.workflow, self.clock.now())._replace(
            outcome=Outcome.RUNNING, token=1, started_at=self.clock.now()
        )

    async def _act(self, call):
        self.calls.append(call)
        return self.script(call)

    def perform(self, task: Task) -> Done:
        return asyncio.run(perform(task, self.clock.now))

    def begin(self) -> Walk:
        """Return a walk that starts from the journal, as after a crash."""
        scope = {"run": {"id": self.run.id}, "inputs": {}, **self.scope}
        return Walk(self.workflow, self.run, self.actions, scope, tuple(self.journal.values()), bounds=self.bounds)

    def commit(self, progress: Progress) -> None:
        self.journal |= {entry.path: entry for entry in progress.advance.entries}

    def play(self):
        """Walk to the end, through every wait, and return how the run stands."""
        walk = self.begin()
        progress = walk.advance(self.clock.now())
        while True:
            self.commit(progress)
            standing = progress.advance
            if standing.finished_at is not None or standing.outcome is Outcome.INTERRUPTED:
                return standing
            if progress.tasks:
                done = [(task, self.perform(task)) for task in progress.tasks]
                progress = walk.advance(self.clock.now(), done)
                continue
            self.clock.advance(max(timedelta(), standing.due_at - self.clock.now()))
            walk = self.begin()
            progress = walk.advance(self.clock.now())

    def outcomes(self) -> dict[str, str]:
        return {path: entry.outcome.value for path, entry in self.journal.items()}


@pytest.fixture
def theatre(clock) -> Callable[..., Theatre]:
    def make(steps: str, *, more: str = "", data: object = None, **kw) -> Theatre:
        text = f"name: Play\non: {{trigger: t}}\n{more}\nsteps:\n{steps}"
        return Theatre(clock, text, {"event": {"data": data or {}}, "trigger": {"name": "t"}}, **kw)

    return make


@pytest.fixture
def engine(tmp_path) -> Iterator[Engine]:
    """Run an engine on a folder of its own, whose clock can be moved on."""
    with running(tmp_path) as engine:
        yield engine
