"""Keep workflows: check, put, enable, disable and delete them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog

from engine.actions.registry import specs_of
from engine.definitions import completion
from engine.definitions.checker import Checked, check_workflow
from engine.definitions.completion import Completion, Known
from engine.definitions.kinds import LONGEST_NAME, is_slug
from engine.definitions.workflow import Workflow
from engine.errors import Invalid, Mistake, Mistakes, NotFound
from engine.path.absent import Coming, absent, connection_kinds
from engine.path.schedule import first_time
from engine.runtime import Engine
from engine.store import workflows
from engine.store.rows import StoredWorkflow

_NOTHING = Coming()

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Put:
    """A workflow as it was put."""

    name: str
    version: str
    #: Whether there was none of that name before.
    new: bool
    warnings: Sequence[Mistake]


def check(engine: Engine, name: str, text: str | bytes, *, coming: Coming = _NOTHING) -> Checked:
    """Check a text that would be put under that name; paths are compared with the triggers' present schemas.

    coming: what is about to be made, so that nobody is warned that they are not there yet.
    """
    specs, bounds = specs_of(engine.actions), engine.settings.bounds
    checked = check_workflow(text, name, actions=specs, schemas=partial(_schema, engine), bounds=bounds)
    if checked.workflow is None:
        return checked
    remarks = (*checked.mistakes, *absent(engine, checked.workflow, coming))
    return replace(checked, mistakes=tuple(sorted(remarks, key=lambda remark: (remark.line, remark.column))))


def complete(engine: Engine, name: str, text: str, place: tuple[int, int]) -> Completion:
    """Return what can be written at a place of a workflow's text; place: line and column, from 1."""
    triggers = {
        live.trigger.name: {*live.connector.manifest.types, *live.schemas}
        for live in engine.published.now().by_id.values()
    }
    known = Known(specs_of(engine.actions), triggers, connection_kinds(engine))
    return completion.complete(text, place, known, lambda tried: check(engine, name, tried).outline)


def put(engine: Engine, name: str, text: str | bytes, *, expected: str | None = None, coming: Coming = _NOTHING) -> Put:
    """Make a text the current version of a workflow; with a mistake in it, nothing changes.

    expected: the version that the author saw, or None to replace whatever is there; coming: as :func:`check`.

    Raises:
        Invalid: the name is no slug (422).
        Mistakes: every mistake of the text (422).
        Conflict: the workflow moved on since the author saw it (412).
    """
    done = put_untold(engine, name, text, expected=expected, coming=coming)
    log.info("workflow.put", workflow=name, version=done.version, new=done.new)
    return done


def put_untold(
    engine: Engine, name: str, text: str | bytes, *, expected: str | None = None, coming: Coming = _NOTHING
) -> Put:
    """Put it likewise, and leave it to the caller to say so in the log."""
    if not is_slug(name):
        raise Invalid(f"write lower-case letters, digits and hyphens, at most {LONGEST_NAME}", "name")
    checked = check(engine, name, text, coming=coming)
    workflow = checked.workflow
    if workflow is None:
        raise Mistakes(checked.mistakes)
    now, kept = engine.clock.now(), workflow.text.encode()
    schedule = first_time(workflow, now)
    new = engine.store.write(workflows.put, name, workflow.version, kept, now=now, expected=expected, schedule=schedule)
    engine.published.refresh()
    for remark in checked.mistakes:
        log.warning("workflow.warning", workflow=name, line=remark.line, warning=remark.message)
    return Put(name, workflow.version, new, checked.mistakes)


def enable(engine: Engine, name: str, *, enabled: bool) -> None:
    """Let events and the clock start a workflow, or not; runs that began go on.

    Raises:
        NotFound: there is no such workflow (404).
    """
    now, current = engine.clock.now(), engine.store.read(workflows.find, name)
    try:
        schedule = first_time(engine.published.workflow(name, current.version), now)
    except NotFound:  # this Wink cannot read its text any more
        schedule = None
    engine.store.write(workflows.enable, name, enabled=enabled, now=now, schedule=schedule)
    engine.published.refresh()
    log.info("workflow.enabled" if enabled else "workflow.disabled", workflow=name)


def delete(engine: Engine, name: str) -> None:
    """Delete a workflow; its versions stay, so that its runs can be read and go on.

    Raises:
        NotFound: there is no such workflow (404).
    """
    engine.store.write(workflows.remove, name)
    engine.published.refresh()
    log.info("workflow.deleted", workflow=name)


def compiled_of(engine: Engine, row: StoredWorkflow) -> Workflow | None:
    """Return the workflow as it runs, None where this Wink cannot read its text any more."""
    try:
        return engine.published.workflow(row.name, row.version)
    except NotFound:
        return None


def _schema(engine: Engine, trigger: str, event_type: str) -> object:
    for live in engine.published.now().by_id.values():
        if live.trigger.name == trigger:
            return live.schemas.get(event_type, (None,))[0]
    return None
