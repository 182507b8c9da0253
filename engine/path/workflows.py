"""Keep workflows: check, put, enable, disable and delete them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog

from engine.definitions import completion, dialect
from engine.definitions.checker import Checked, check_workflow
from engine.definitions.completion import Completion, Known
from engine.definitions.connection_uses import connection_uses, fits
from engine.definitions.kinds import LONGEST_NAME, is_slug
from engine.definitions.workflow import Workflow
from engine.errors import Invalid, Mistake, Mistakes, NotFound, nearest
from engine.language.yaml12 import load
from engine.path.schedule import first_time
from engine.runtime import Engine
from engine.store import connections, triggers, workflows
from engine.store.rows import StoredWorkflow

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Put:
    """A workflow as it was put."""

    name: str
    version: str
    #: Whether there was none of that name before.
    new: bool
    warnings: Sequence[Mistake]


def check(engine: Engine, name: str, text: str | bytes, *, coming: Collection[str] = ()) -> Checked:
    """Check a text that would be put under that name; paths are compared with the triggers' present schemas.

    coming: triggers that are about to be made, so that nobody is warned that they are not there yet.
    """
    specs = {action: each.spec for action, each in engine.actions.items()}
    bounds = engine.settings.bounds
    checked = check_workflow(text, name, actions=specs, schemas=partial(_schema, engine), bounds=bounds)
    if checked.workflow is None:
        return checked
    missing = (*_missing_triggers(engine, checked.workflow, coming), *_missing_connections(engine, checked.workflow))
    remarks = (*checked.mistakes, *missing)
    return replace(checked, mistakes=tuple(sorted(remarks, key=lambda remark: (remark.line, remark.column))))


def complete(engine: Engine, name: str, text: str, place: tuple[int, int]) -> Completion:
    """Return what can be written at a place of a workflow's text; place: line and column, from 1."""
    triggers = {
        live.trigger.name: {*live.connector.manifest.types, *live.schemas}
        for live in engine.published.now().by_id.values()
    }
    specs = {action: each.spec for action, each in engine.actions.items()}
    known = Known(specs, triggers, _kinds(engine))
    return completion.complete(text, place, known, lambda tried: check(engine, name, tried).outline)


def put(
    engine: Engine, name: str, text: str | bytes, *, expected: str | None = None, coming: Collection[str] = ()
) -> Put:
    """Make a text the current version of a workflow; with a mistake in it, nothing changes.

    expected: the version that the author saw, or None to replace whatever is there; coming: as :func:`check`.

    Raises:
        Invalid: the name is no slug (422).
        Mistakes: every mistake of the text (422).
        Conflict: the workflow moved on since the author saw it (412).
    """
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
    log.info("workflow.put", workflow=name, version=workflow.version, new=new)
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


def _missing_triggers(engine: Engine, workflow: Workflow, coming: Collection[str]) -> Iterator[Mistake]:
    """Warn of each trigger that is not there: it can be made later, but a typing error would wait for ever."""
    known = {*coming, *(trigger.name for trigger in engine.store.read(triggers.all_of))}
    if known.issuperset(workflow.triggers):
        return
    document = load(workflow.text)
    for index, name in enumerate(workflow.triggers):
        if name not in known:
            mark = document.mark((dialect.ON.name, dialect.TRIGGER.name, index))
            words = f"there is no trigger {name!r} yet{nearest(name, sorted(known))}"
            yield Mistake(mark.line, mark.column, words, warning=True)


def compiled_of(engine: Engine, row: StoredWorkflow) -> Workflow | None:
    """Return the workflow as it runs, None where this Wink cannot read its text any more."""
    try:
        return engine.published.workflow(row.name, row.version)
    except NotFound:
        return None


def _missing_connections(engine: Engine, workflow: Workflow) -> Iterator[Mistake]:
    """Warn of each connection that is not there, or is for another connector: it can be made before the step runs."""
    uses = list(connection_uses(load(workflow.text)))
    known = _kinds(engine) if uses else {}
    for use in uses:
        if use.connection not in known:
            words = f"there is no connection {use.connection!r} yet{nearest(use.connection, sorted(known))}"
        elif not fits(engine.actions[use.action].spec, known[use.connection]):
            words = f"the connection {use.connection!r} ({known[use.connection]}) is not one that `{use.action}` takes"
        else:
            continue
        yield Mistake(use.mark.line, use.mark.column, words, warning=True)


def _kinds(engine: Engine) -> Mapping[str, str]:
    """Return the connector of each connection, or its scheme where it is for any service."""
    return {row.name: row.connector or row.scheme.value for row in engine.store.read(connections.all_of)}


def _schema(engine: Engine, trigger: str, event_type: str) -> object:
    for live in engine.published.now().by_id.values():
        if live.trigger.name == trigger:
            return live.schemas.get(event_type, (None,))[0]
    return None
