"""Walk the steps of a run against its journal.

A walk starts from the top each time, also after a crash or a wait: a step that the journal knows to have ended is not
run again, its recorded outcome counts. So the journal alone says where a run stands, and nothing waits in memory.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import structlog

from engine import json_bytes
from engine.actions.action import Action
from engine.bounds import USUAL, Bounds, unkeepable
from engine.definitions.workflow import Step, StepKind, Then, Workflow
from engine.errors import UnknownPath
from engine.language.values import MAX_SHOWN, Unknown, phrase, shorten
from engine.path.branches import Branch, Branches, Done, Fork, Task
from engine.path.record import Ended, Opener, Record, StepFailed, StepResult, nothing_to_open, recall, without_output
from engine.path.step import Frame, use
from engine.store.journal import Advance
from engine.store.rows import Entry, Run, Signal
from engine.words import Answer, Outcome

#: What the journal says a step was given when its ``else`` runs instead.
ELSE = {"branch": "else"}

#: Fills in a template: scope and time in, value out.
Render = Callable[[Mapping[str, object], datetime], object]

log = structlog.get_logger()


class Progress(NamedTuple):
    """What one advance of a walk led to: what to commit, and which tasks to start after that."""

    advance: Advance
    tasks: Sequence[Task]

    def without_tasks(self) -> "Progress":
        """Return it without what it would begin next, also at a person's word: the run is handed back instead."""
        begun = {task.path for task in self.tasks}
        entries = tuple(entry for entry in self.advance.entries if entry.path not in begun)
        signalled = tuple(path for path in self.advance.signalled if path not in begun)
        return Progress(self.advance._replace(entries=entries, signalled=signalled), ())


@dataclass(slots=True)
class Walk:
    """One run that this process owns.

    scope: what its expressions may name, as :mod:`engine.path.scope` makes it; entries: its journal so far; opener:
    finds what a step is to wait for; bounds: what it may take.
    """

    workflow: Workflow
    run: Run
    actions: Mapping[str, Action]
    scope: Mapping[str, object]
    entries: Sequence[Entry] = ()
    opener: Opener = nothing_to_open
    bounds: Bounds = USUAL
    _record: Record = field(init=False)
    _branches: Branches = field(init=False)

    def __post_init__(self) -> None:
        self._record = Record(self.run, self.entries, self.opener, self.bounds)
        self._branches = Branches(self._main())

    def advance(
        self, now: datetime, done: Sequence[tuple[Task, Done]] = (), signals: Sequence[Signal] = ()
    ) -> Progress:
        """Go on as far as possible without an effect.

        done: tasks of an earlier advance, each with what it came to; signals: what has come for steps that wait.
        """
        self._record.now = now
        tasks = self._branches.advance(now, done, signals)
        return Progress(self._standing(), tasks)

    @property
    def due_at(self) -> datetime | None:
        """When the next wait of the run ends; None when nothing waits."""
        return self._branches.due_at

    @property
    def overdue(self) -> Sequence[str]:
        """Paths of steps whose time is over, unless something has come for them that is not known here."""
        return self._branches.overdue

    def _standing(self) -> Advance:
        if self._branches.ended:
            return self._final(self._branches.failure)
        if self._branches.outstanding or self._branches.overdue:
            return self._stand(Outcome.RUNNING)
        outcome = Outcome.INTERRUPTED if self._record.in_doubt else Outcome.WAITING
        return self._stand(outcome, due_at=self._branches.due_at)

    def _final(self, failure: Exception | None) -> Advance:
        self._record.close()
        now = self._record.now
        match failure:
            case None:
                return self._stand(Outcome.SUCCEEDED, finished_at=now, outputs=self._branches.result)
            case StepFailed():
                return self._stand(Outcome.FAILED, finished_at=now, error=failure.error)
            case Ended():
                return self._stand(failure.outcome, finished_at=now)
        log.error("run.internal_error", run=self.run.id, exc_info=failure)
        message = f"Wink itself failed ({type(failure).__name__}): its log at this time says more"
        return self._stand(
            Outcome.FAILED, finished_at=now, error={"step": None, "kind": "internal", "message": message}
        )

    def _stand(self, outcome: Outcome, **standing: object) -> Advance:
        changes = self._record.changes()
        return Advance(
            self.run.id,
            self.run.token,
            outcome,
            changes.entries,
            opened=changes.opened,
            signalled=changes.signalled,
            given_up=changes.given_up,
            is_child=self.run.parent_path is not None,
            **standing,  # type: ignore[arg-type]
        )

    def _main(self) -> Branch:
        limit = min(self.workflow.limits.timeout or self.bounds.run_timeout, self.bounds.run_timeout)
        deadline = self.run.started_at and self.run.started_at + limit
        top = Frame("", {**self.scope, "steps": {}}, deadline)
        try:
            top.scope["vars"] = self._rendered("vars", self.workflow.vars.render, top)
            yield from self._steps(self.workflow.steps, top)
            outputs = self.workflow.outputs
            return None if outputs is None else self._rendered("outputs", outputs.render, top)
        except StepFailed as failure:
            inside = top._replace(deadline=None)  # else nobody could be told that the run's time is over
            with suppress(StepFailed):  # the journal has it; the run says what failed first
                yield from self._steps(self.workflow.on_error, inside.inside("on_error/", error=failure.error))
            raise

    def _steps(self, steps: Sequence[Step], frame: Frame) -> Branch:
        results = frame.steps
        for step in steps:
            results[step.id] = yield from self._step(step, frame)
        return {step.id: _handed_up(step, results[step.id]) for step in steps}

    def _step(self, step: Step, frame: Frame) -> Branch:
        path = frame.prefix + step.id
        try:
            decided = self._decided(step, frame, path)
            return decided if isinstance(decided, dict) else (yield from decided)
        except StepFailed as failure:
            if step.on_error is None:
                raise
            inside = frame.inside(f"{path}/on_error/", error=failure.error)
            yield from self._steps(step.on_error.steps, inside)
            if step.on_error.then is Then.FAIL:
                raise
            return {"outcome": Outcome.FAILED.value, "output": None, "error": failure.error}

    def _decided(self, step: Step, frame: Frame, path: str) -> Branch | StepResult:
        """Return what is to be run, the step or its ``else``, or the result where that is nothing.

        What the journal knows to have been decided is not asked again. Whatever only chooses what runs is a function:
        a generator for each would stay in memory as long as the run.
        """
        known = self._record.known(path)
        if known is not None and known.finished_at is not None:
            return recall(known, keep=step.keep_output)
        answer = self._guard(step, frame, path) if known is None else None
        if step.disabled or (answer is Answer.NO and not step.otherwise):
            return self._record.end(self._record.begin(path), Outcome.SKIPPED)
        if answer is Answer.NO or (known is not None and known.uses is None and known.input == ELSE):
            return self._compound(step, path, ELSE, self._steps(step.otherwise, frame.inside(f"{path}/")))
        if step.for_each is not None:
            return self._loop(step, frame, path)
        if step.while_true is not None:
            return self._repeat(step, frame, path)
        return self._once(step, frame, path)

    def _guard(self, step: Step, frame: Frame, path: str) -> Answer:
        if step.condition is None or step.disabled:
            return Answer.YES
        judgement = step.condition.ask(frame.scope, self._record.now)
        if judgement.answer is Answer.UNKNOWN:
            raise self._failed(path, f"its `if` is unknown: {judgement.reason}")
        return judgement.answer

    def _once(self, step: Step, frame: Frame, path: str) -> Branch:
        """Return a step's own body, to be run: a whole group, branches, a case, or one use of its action."""
        if step.kind is StepKind.USES:
            return use(step, frame, path, self._record, self.actions.get(step.uses or ""))
        if step.kind is StepKind.SWITCH:
            return self._switch(step, frame, path)
        inside = frame.inside(f"{path}/", self._deadline(step, path))
        return self._compound(step, path, None, self._body(step, inside))

    def _body(self, step: Step, inside: Frame) -> Branch:
        """Run a group's steps one after the other, or the branches of a ``parallel`` side by side."""
        if step.kind is StepKind.GROUP:
            return (yield from self._steps(step.steps, inside))
        results = yield from _forked([self._step(branch, inside) for branch in step.steps], len(step.steps))
        return {branch.id: _handed_up(branch, result) for branch, result in zip(step.steps, results, strict=True)}

    def _switch(self, step: Step, frame: Frame, path: str) -> Branch:
        """Run the steps of the case that was chosen, once and for all; or of ``else``, or none."""
        known = self._record.known(path)
        given = self._chosen(step, frame, path) if known is None else known.input
        entry, steps = self._record.begin(path, None, given), _steps_of(step, given)
        if not steps:
            return self._record.end(entry, Outcome.SKIPPED)
        inside = frame.inside(f"{path}/", self._deadline(step, path))
        return (yield from self._compound(step, path, given, self._steps(steps, inside)))

    def _chosen(self, step: Step, frame: Frame, path: str) -> object:
        """Return which case is for the value of ``switch``, as the journal keeps it."""
        value = step.switch.evaluate(frame.scope, self._record.now) if step.switch else None
        if isinstance(value, Unknown) and not step.otherwise:
            raise self._failed(path, f"its `switch` is unknown, and there is no `else`: {value.reason}")
        case = next((case for case in step.cases if case.fits(value)), None)
        if case is not None:
            return {"case": case.value}
        why = (
            f"`switch` is unknown: {value.reason}" if isinstance(value, Unknown) else f"no case is for {_shown(value)}"
        )
        return {**ELSE, "why": why} if step.otherwise else {"why": why}

    def _loop(self, step: Step, frame: Frame, path: str) -> Branch:
        begun = self._record.known(path) is not None
        items = self._items(step, frame, path)
        self._record.begin(path, None, {"items": items})
        deadline = self._deadline(step, path)
        turns = [self._turn(step, frame, f"{path}[{i}]", (i, item, deadline)) for i, item in enumerate(items)]
        result = yield from self._compound(step, path, None, _forked(turns, step.at_once))
        return without_output(result) if begun and not step.keep_output else result

    def _turn(self, step: Step, frame: Frame, path: str, at: tuple[int, object, datetime | None]) -> Branch:
        index, item, deadline = at
        inside = frame.inside(f"{path}/", deadline, **{step.item: item, "loop": {"index": index}})
        if step.kind in (StepKind.GROUP, StepKind.PARALLEL):
            return (yield from self._body(step, inside))
        known = self._record.known(path)
        if known is not None and known.finished_at is not None:
            return recall(known, keep=step.keep_output).get("output")
        result = yield from self._once(step, inside, path)
        return result["output"]

    def _items(self, step: Step, frame: Frame, path: str) -> list[object]:
        known = self._record.known(path)
        if known is not None and isinstance(known.input, Mapping):
            return known.input["items"]  # type: ignore[no-any-return]
        items = self._rendered(path, step.for_each.render, frame) if step.for_each else []
        if not isinstance(items, list):
            raise self._failed(path, f"for_each needs a list, and this is {type(items).__name__}")
        return items

    def _repeat(self, step: Step, frame: Frame, path: str) -> Branch:
        """Repeat a group for as long as its condition is true."""
        self._record.begin(path, None, {"turns": 0})
        deadline = self._deadline(step, path)
        return (yield from self._compound(step, path, None, self._turns(step, frame, path, deadline)))

    def _turns(self, step: Step, frame: Frame, path: str, deadline: datetime | None) -> Branch:
        outputs: list[object] = []
        while True:
            turn = {"index": len(outputs), **({"previous": outputs[-1]} if outputs else {})}
            inside = frame.inside(f"{path}[{len(outputs)}]/", deadline, loop=turn)
            if not self._goes_on(step, inside, path, len(outputs)):
                return outputs
            outputs.append((yield from self._steps(step.steps, inside)))

    def _goes_on(self, step: Step, inside: Frame, path: str, turn: int) -> bool:
        """Ask whether there is another turn, and write it down: a turn that has begun is not asked about again."""
        entry = self._record.begin(path)
        if turn < entry.input["turns"]:  # type: ignore[index]  # as _repeat began it
            return True
        judgement = step.while_true.ask(inside.scope, self._record.now) if step.while_true else None
        if judgement is None or judgement.answer is Answer.NO:
            return False
        if judgement.answer is Answer.UNKNOWN:
            raise self._failed(path, f"its `while` is unknown: {judgement.reason}")
        if turn == step.max_turns:
            turns = "1 turn" if turn == 1 else f"{turn} turns"
            raise StepFailed(path, "failed", f"its `while` is still true after {turns}, and `max` allows no more")
        self._record.put(entry._replace(input={"turns": turn + 1}))
        return True

    def _compound(self, step: Step, path: str, given: object, body: Branch) -> Branch:
        """Run something made of steps, with a journal entry around it."""
        self._record.begin(path, None, given)
        try:
            output = yield from body
            if why := unkeepable(output, self.bounds.max_output):
                raise self._failed(path, why)
        except StepFailed as failure:
            self._record.fail(self._record.begin(path), failure)
            raise
        return self._record.end(self._record.begin(path), Outcome.SUCCEEDED, output, keep=step.keep_output)

    def _deadline(self, step: Step, path: str) -> datetime | None:
        if step.timeout is None:
            return None
        return self._record.begin(path).started_at + step.timeout

    def _rendered(self, path: str, render: Render, frame: Frame) -> object:
        try:
            return render(frame.scope, self._record.now)
        except UnknownPath as unknown:
            raise self._failed(path, unknown.detail) from unknown

    def _failed(self, path: str, message: str) -> StepFailed:
        """Record that a step cannot even begin."""
        return self._record.fail(self._record.begin(path), StepFailed(path, "invalid", message))


def _handed_up(step: Step, result: StepResult) -> StepResult:
    """Return what the journal may keep of a step in the output of its group."""
    return result if step.keep_output else without_output(result)


def _steps_of(step: Step, given: object) -> Sequence[Step]:
    """Return the steps that a ``switch`` runs for what the journal says it was given."""
    if isinstance(given, Mapping) and "case" in given:
        return next(case.steps for case in step.cases if case.fits(given["case"]))
    return step.otherwise


def _shown(value: object) -> str:
    """Return a value of a ``switch`` as people write it, or in a word or two."""
    if isinstance(value, Mapping | list | tuple):
        return phrase(value)
    return shorten(json_bytes.dump(value).decode(), MAX_SHOWN)


def _forked(turns: Sequence[Branch], at_once: int) -> Branch:
    return (yield Fork(turns, at_once))
