"""One step that uses an action: fill in its inputs, act, retry or not, record."""

import traceback
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

import structlog

from engine.actions.action import Action, Call, End, Pause
from engine.actions.waiting import Await
from engine.bounds import unkeepable
from engine.clock import format_duration, rfc3339
from engine.definitions.workflow import Retry, Step
from engine.errors import ActionFailed, UnknownPath, nearest
from engine.path.branches import Branch, Done, Task, Wait
from engine.path.doubt import begun_at, settle
from engine.path.record import Asked, Ended, Record, StepFailed, StepResult, recall
from engine.redact import redact_text, redact_value
from engine.store.connections import OpenConnection
from engine.store.rows import Entry, Run, Signal
from engine.store.signals import OVER
from engine.words import Effect, Outcome

#: Growth of the pause beyond this many attempts would only overflow: ``max_wait`` was reached long before.
_DOUBLINGS = 64

_NO_CONNECTIONS: Mapping[str, OpenConnection] = MappingProxyType({})

log = structlog.get_logger()


class Frame(NamedTuple):
    """Where a list of steps stands.

    prefix: the path before its ids; scope: what is in scope, with ``steps`` as far as they ran; deadline: when it has
    to be over.
    """

    prefix: str
    scope: dict[str, object]
    deadline: datetime | None

    @property
    def steps(self) -> dict[str, StepResult]:
        """The results of the steps before, by id."""
        return self.scope["steps"]  # type: ignore[return-value]

    def inside(self, prefix: str, deadline: datetime | None = None, **names: object) -> "Frame":
        """Return the frame of a list of steps below: it sees our steps, and we do not see its."""
        scope = {**self.scope, "steps": dict(self.steps), **names}
        return Frame(prefix, scope, earlier(self.deadline, deadline))


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the earlier of two deadlines, where None means that there is none."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def use(step: Step, frame: Frame, path: str, record: Record, action: Action | None) -> Branch:
    """Use the step's action until it succeeds, fails for good, or is over time; return the step's result.

    Raises:
        StepFailed: it failed for good.
        Ended: it ended the run.
    """
    known = record.known(path)
    entry = _begin(step, frame, path, record) if known is None else (yield from _go_on(step, known, record, action))
    if entry.finished_at is not None:
        return recall(entry, keep=step.keep_output)
    if action is None:
        raise record.fail(entry, StepFailed(path, "invalid", f"there is no action {step.uses!r}"))
    deadline = earlier(frame.deadline, None if step.timeout is None else begun_at(entry) + step.timeout)
    entry = _measured(entry, record, action, deadline)
    while True:
        awaits = action.spec.awaits and entry.error is None
        if entry.outcome is Outcome.WAITING and not awaits:
            yield from _sleep(entry, record, deadline)
            if entry.error is None:
                return record.end(entry, Outcome.SUCCEEDED)
            entry = record.put(entry._replace(outcome=Outcome.RUNNING, attempts=entry.attempts + 1, due_at=None))
        if entry.outcome is Outcome.WAITING:
            done = yield from _await(entry, record, action)
        else:
            attempt = _attempt(step, entry, action, record, deadline)
            done = attempt if isinstance(attempt, Done) else _bounded((yield attempt), attempt.call, record)
        if done.failure is None:
            result = _conclude(step, entry, record, _opened(done.output, entry, record, frame.scope, deadline))
            if result is not None:
                return result
        else:
            _retry_or_fail(step, entry, record, done.failure)
        entry = record.known(path) or entry


async def perform(
    task: Task, now: Callable[[], datetime], connections: Mapping[str, OpenConnection] = _NO_CONNECTIONS
) -> Done:
    """Make one attempt of an action, outside any transaction; whatever goes wrong is the attempt's failure.

    connections: those that there are, by name. The credentials that the attempt used are in nothing that it came to.
    """
    call = task.call
    try:
        call = _connected(task, connections)
        output = await task.action.run(call)
    except Exception as error:  # noqa: BLE001 - an action's own mistake must not take the worker down
        return Done(now(), failure=_without_secrets(_failure(task.action, error, call.hidden), call.hidden))
    if call.hidden and not isinstance(output, Pause | End):
        output = redact_value(output, call.hidden)
    return Done(now(), output)


def _connected(task: Task, connections: Mapping[str, OpenConnection]) -> Call:
    if task.connection is None:
        return task.call
    found = connections.get(task.connection)
    if found is None:
        words = f"there is no connection {task.connection!r}{nearest(task.connection, connections)}"
        raise ActionFailed("invalid", f"{words}; an administrator can make it: wink connections set {task.connection}")
    return replace(task.call, connection=found)


def _without_secrets(failure: ActionFailed, hidden: Collection[str]) -> ActionFailed:
    if not hidden:
        return failure
    output = redact_value(failure.output, hidden)
    return ActionFailed(
        failure.kind, redact_text(failure.detail, hidden), output=output, retry_after=failure.retry_after
    )


def _compute(action: Action, call: Call) -> Done:
    """Use a pure action."""
    try:
        output = action.run(call)
    except Exception as error:  # noqa: BLE001 - as above
        return Done(call.now, failure=_failure(action, error, ()))
    return Done(call.now, output)


def _failure(action: Action, error: Exception, hidden: Collection[str]) -> ActionFailed:
    if isinstance(error, ActionFailed):
        return error
    # As text, not as exc_info: what an unforeseen error quotes may hold credentials.
    trace = redact_text("".join(traceback.format_exception(error)), hidden)
    log.error("action.internal_error", action=action.spec.name, exception=trace)
    return ActionFailed("internal", f"the action {action.spec.name} broke: {type(error).__name__}")


def _begin(step: Step, frame: Frame, path: str, record: Record) -> Entry:
    try:
        given = step.inputs.render(frame.scope, record.now)
    except UnknownPath as unknown:
        failure = StepFailed(path, "invalid", unknown.detail)
        raise record.fail(record.begin(path, step.uses), failure) from unknown
    return record.begin(path, step.uses, given)


def _go_on(step: Step, entry: Entry, record: Record, action: Action | None) -> Branch:
    """Repeat a step that a crash left in doubt, with the same key; of one that may happen once, a person decides."""
    if entry.outcome is Outcome.WAITING:
        return entry
    effect = step.effect or (action.spec.effect if action else Effect.IDEMPOTENT)
    if effect is Effect.IDEMPOTENT and entry.outcome is not Outcome.INTERRUPTED:
        return record.put(entry._replace(attempts=entry.attempts + 1))
    entry = record.put(entry._replace(outcome=Outcome.INTERRUPTED))
    signal: Signal = yield Wait(None, entry.path)
    return settle(entry, signal, record, keep=step.keep_output)


def _measured(entry: Entry, record: Record, action: Action, deadline: datetime | None) -> Entry:
    """Work out from when a step began until when it waits, where that is gone: the clock was set back since."""
    if entry.outcome is not Outcome.WAITING or entry.due_at is not None:
        return entry
    wanted: Pause | Await = action.run(_call(entry, record, entry.started_at, entry.started_at))
    until = earlier(wanted.until, deadline)
    return entry if until is None else record.put(entry._replace(due_at=until))


def _sleep(entry: Entry, record: Record, deadline: datetime | None) -> Branch:
    """Wait until the entry is due; past the deadline the step fails at the deadline."""
    until = earlier(entry.due_at, deadline) or record.now
    yield Wait(until)
    if entry.due_at is not None and until < entry.due_at:
        raise record.fail(entry, _over_time(entry, record))


def _await(entry: Entry, record: Record, action: Action) -> Branch:
    """Wait for the signal of what the attempt came to; when the time is over, the action has an answer, or it fails."""
    signal: Signal = yield Wait(entry.due_at, entry.path)
    in_vain = signal.error == OVER
    record.waited(entry, in_vain=in_vain)
    if in_vain:
        output = action.overdue(_mapping(entry.input)) if action.overdue else None
        if output is None:
            raise record.fail(entry, _over_time(entry, record))
        return Done(record.now, output)
    error = signal.error
    failure = None if error is None else ActionFailed(str(error["kind"]), str(error["message"]))
    return Done(record.now, signal.output, failure)


def _attempt(step: Step, entry: Entry, action: Action, record: Record, deadline: datetime | None) -> Task | Done:
    """Return the attempt that is to be made, or what it came to where the action is pure."""
    if deadline is not None and record.now >= deadline:
        raise record.fail(entry, _over_time(entry, record))
    latest = record.now + record.bounds.attempt_timeout
    until = deadline if step.timeout is not None and deadline is not None else min(deadline or latest, latest)
    call = _call(entry, record, record.now, until)
    return _compute(action, call) if action.spec.pure else Task(entry.path, action, call, step.connection)


def _bounded(done: Done, call: Call, record: Record) -> Done:
    """Say of an attempt that took all of its time which setting gave it no more."""
    if done.failure is None or done.failure.kind != "timeout":
        return done
    latest = call.now + record.bounds.attempt_timeout
    if not call.deadline == latest <= done.finished_at:
        return done
    limit = format_duration(record.bounds.attempt_timeout)
    why = f"{done.failure.detail}; without a `timeout` an attempt may take {limit} here (WINK_ATTEMPT_TIMEOUT)"
    return done._replace(failure=ActionFailed("timeout", why, output=done.failure.output))


def _call(entry: Entry, record: Record, now: datetime, deadline: datetime) -> Call:
    return Call(_mapping(entry.input), f"{record.run.id}/{entry.path}/{entry.visit}", now, deadline)


def _opened(
    output: object, entry: Entry, record: Record, scope: Mapping[str, object], deadline: datetime | None
) -> object:
    """Write down what the action wants of somebody else; return how long the step waits for it, or its output."""
    if not isinstance(output, Await):
        return output
    wanted, longest = output.wanted, record.now + record.bounds.max_wait
    _check_wait(output.until, entry, record)
    until = earlier(earlier(output.until, deadline), longest)
    try:
        opening = record.opener(Asked(wanted, record.run, entry.path, scope, record.now, until))
    except ActionFailed as failure:
        raise record.fail(entry, StepFailed(entry.path, failure.kind, failure.detail)) from failure
    record.open(opening)
    if isinstance(opening, Run) and opening.parent_path is None:
        return {"run": opening.id}
    return Pause(until)


def _conclude(step: Step, entry: Entry, record: Record, output: object) -> StepResult | None:
    """Record what an attempt returned; None when the step waits now."""
    match output:
        case Pause(until):
            _check_wait(until, entry, record)
            record.put(entry._replace(outcome=Outcome.WAITING, due_at=until, error=None))
            return None
        case End(Outcome.FAILED, message):
            raise record.fail(entry, StepFailed(entry.path, "failed", message))
        case End(outcome, message):
            record.end(entry, outcome, {"message": message})
            raise Ended(outcome, message)
        case _ if why := unkeepable(output, record.bounds.max_output):
            raise record.fail(entry, StepFailed(entry.path, "invalid", why))
        case _:
            return record.end(entry, Outcome.SUCCEEDED, output, keep=step.keep_output)


def _retry_or_fail(step: Step, entry: Entry, record: Record, failure: ActionFailed) -> None:
    """Let the step wait for its next attempt, or fail."""
    failed = StepFailed(entry.path, failure.kind, failure.detail)
    retry = step.retry
    entry = entry._replace(output=failure.output if step.keep_output else None)
    if retry is None or failure.kind not in retry.when or entry.attempts >= retry.attempts:
        raise record.fail(entry, failed)
    due_at = record.now + _pause(retry, entry.attempts, failure.retry_after)
    _check_wait(due_at, entry, record)
    error = {"kind": failure.kind, "message": failure.detail}
    record.put(entry._replace(outcome=Outcome.WAITING, due_at=due_at, error=error))


def _pause(retry: Retry, attempts: int, asked: timedelta | None) -> timedelta:
    """Return how long to wait after so many attempts; what the other side asks for counts when it is longer."""
    longest = retry.max_wait / retry.wait if retry.wait else 1.0
    growth = min(retry.factor ** min(attempts - 1, _DOUBLINGS), longest)
    return max(retry.wait * growth, asked or timedelta())


def _check_wait(until: datetime | None, entry: Entry, record: Record) -> None:
    """Fail a step at once that would wait for longer than it may."""
    longest = record.bounds.max_wait
    if until is not None and until - record.now > longest:
        why = f"it would wait until {rfc3339(until)}, and {format_duration(longest)} is the most here (WINK_MAX_WAIT)"
        raise record.fail(entry, StepFailed(entry.path, "invalid", why))


def _over_time(entry: Entry, record: Record) -> StepFailed:
    bounds, started_at = record.bounds, record.run.started_at
    message = "the time for this step, or for what it is part of, is over: raise its `timeout`"
    if entry.due_at is not None and entry.due_at - entry.started_at >= bounds.max_wait:
        message = f"it has waited for {format_duration(bounds.max_wait)}, which is the most here (WINK_MAX_WAIT)"
    elif started_at is not None and record.now - started_at >= bounds.run_timeout:
        message = f"the run has taken {format_duration(bounds.run_timeout)}, which is the most here (WINK_RUN_TIMEOUT)"
    return StepFailed(entry.path, "timeout", message)


def _mapping(given: object) -> Mapping[str, object]:
    return given if isinstance(given, Mapping) else {}
