"""Keep workflows: check, put, enable, disable and delete them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from engine.definitions.checker import Checked, check_workflow
from engine.definitions.kinds import LONGEST_NAME, is_slug
from engine.errors import Invalid, Mistake, Mistakes
from engine.runtime import Engine
from engine.store import workflows

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Put:
    """A workflow as it was put."""

    name: str
    version: str
    #: Whether there was none of that name before.
    new: bool
    warnings: Sequence[Mistake]


def check(engine: Engine, name: str, text: str | bytes) -> Checked:
    """Check a text that would be put under that name; paths are compared with the triggers' present schemas."""
    specs = {action: each.spec for action, each in engine.actions.items()}
    return check_workflow(text, name, actions=specs, schemas=partial(_schema, engine))


def put(engine: Engine, name: str, text: str | bytes, *, expected: str | None = None) -> Put:
    """Make a text the current version of a workflow; with a mistake in it, nothing changes.

    expected: the version that the author saw, or None to replace whatever is there.

    Raises:
        Invalid: the name is no slug (422).
        Mistakes: every mistake of the text (422).
        Conflict: the workflow moved on since the author saw it (412).
    """
    if not is_slug(name):
        raise Invalid(f"write lower-case letters, digits and hyphens, at most {LONGEST_NAME}", "name")
    checked = check(engine, name, text)
    workflow = checked.workflow
    if workflow is None:
        raise Mistakes(checked.mistakes)
    now, kept = engine.clock.now(), workflow.text.encode()
    new = engine.store.write(workflows.put, name, workflow.version, kept, now=now, expected=expected)
    engine.published.refresh()
    log.info("workflow.put", workflow=name, version=workflow.version, new=new)
    return Put(name, workflow.version, new, checked.mistakes)


def enable(engine: Engine, name: str, *, enabled: bool) -> None:
    """Let a workflow be asked about events, or not; runs that began go on.

    Raises:
        NotFound: there is no such workflow (404).
    """
    engine.store.write(workflows.enable, name, enabled=enabled, now=engine.clock.now())
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


def _schema(engine: Engine, trigger: str, event_type: str) -> object:
    for live in engine.published.now().by_id.values():
        if live.trigger.name == trigger:
            return live.schemas.get(event_type, (None,))[0]
    return None
