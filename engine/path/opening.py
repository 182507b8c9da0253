"""What a step waits for, as it is written down: an approval, a later event that would end it, a run of its own."""

from collections.abc import Mapping
from hashlib import sha256
from typing import cast

from engine import json_bytes
from engine.actions.waiting import MAX_DEPTH, LaterEvent, Question, Subrun
from engine.clock import rfc3339
from engine.definitions.workflow import Workflow
from engine.errors import ActionFailed, ExpressionError, InvalidInputs, nearest
from engine.ids import new_id
from engine.language.condition import Condition, compile_condition
from engine.path.correlation import Key, keep, key_in
from engine.path.inputs import checked_inputs
from engine.path.match import new_run
from engine.path.one_by_one import one_by_one
from engine.path.record import Asked
from engine.published import Published
from engine.store.rows import Approval, EventWait, Run, Trigger
from engine.store.signals import Opening


def opening(published: Published, asked: Asked) -> Opening:
    """Return what is written down for what a step wants.

    Raises:
        ActionFailed: it cannot be had.
    """
    match asked.wanted:
        case Question() as question:
            return _approval(question, asked)
        case LaterEvent() as later:
            return _event_wait(published, later, asked)
        case Subrun() as subrun:
            return _child(published, subrun, asked)


def _approval(question: Question, asked: Asked) -> Approval:
    shown = {
        "run": asked.run.id,
        "path": asked.path,
        "title": question.title,
        "details": question.details,
        "fields": question.fields,
        "approvers": question.approvers,
        "quorum": question.quorum,
        "until": asked.until and rfc3339(asked.until),
    }
    return Approval(
        id=new_id("apr"),
        run_id=asked.run.id,
        path=asked.path,
        title=question.title,
        details=question.details,
        fields=question.fields,
        approvers=question.approvers,
        quorum=question.quorum,
        digest=sha256(json_bytes.dump(shown)).hexdigest(),
        asked_at=asked.now,
        expires_at=asked.until,
    )


def _event_wait(published: Published, later: LaterEvent, asked: Asked) -> EventWait:
    trigger = _trigger(published, later.trigger)
    condition = None if later.condition is None else _condition(later.condition)
    run = {**cast("Mapping[str, object]", asked.scope["run"]), "event": asked.scope.get("event")}
    kept = {} if condition is None else keep(condition, {**asked.scope, "run": run})
    key = Key() if condition is None else key_in(condition, kept, asked.now)
    return EventWait(
        run_id=asked.run.id,
        path=asked.path,
        trigger_id=trigger.id,
        types=later.types,
        condition=None if condition is None else condition.text,
        kept=kept,
        key_of=key.of,
        key=key.value,
        since=later.since or asked.now,
        created_at=asked.now,
    )


def _trigger(published: Published, name: str) -> Trigger:
    found = {live.trigger.name: live.trigger for live in published.now().by_id.values()}
    if name not in found:
        raise ActionFailed("invalid", f"there is no trigger {name!r}{nearest(name, found)}")
    return found[name]


def _condition(written: object) -> Condition:
    try:
        return compile_condition(written)
    except ExpressionError as error:
        raise ActionFailed("invalid", f"`if`: {error}") from error


def _child(published: Published, wanted: Subrun, asked: Asked) -> Run:
    parent = asked.run
    if parent.depth >= MAX_DEPTH:
        raise ActionFailed("failed", f"{MAX_DEPTH} runs stand above one another already: does the workflow run itself?")
    workflow = _callable(published, wanted.workflow)
    try:
        inputs = checked_inputs(workflow, wanted.inputs)
    except InvalidInputs as error:
        raise ActionFailed("invalid", f"the inputs of {wanted.workflow!r} do not fit: {error}") from error
    child = new_run(workflow, asked.now)._replace(
        inputs=inputs, parent_id=parent.id, parent_path=asked.path if wanted.waits else None, depth=parent.depth + 1
    )
    child = one_by_one(child, workflow, dict, asked.now)
    if child.error is not None:
        raise ActionFailed("invalid", f"{wanted.workflow}: {child.error['message']}")
    return child


def _callable(published: Published, name: str) -> Workflow:
    by_name = published.now().by_name
    if name not in by_name:
        raise ActionFailed("invalid", f"there is no enabled workflow {name!r}{nearest(name, by_name)}")
    if not by_name[name].manual:
        raise ActionFailed("invalid", f"the workflow {name!r} is not run by others: write `manual: true` in its `on:`")
    return by_name[name]
