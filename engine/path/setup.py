"""Set triggers up: make, change and delete them."""

from collections.abc import Mapping
from dataclasses import fields, replace

import structlog

from engine.ids import new_id, new_path
from engine.path.late_proof import prove_kept
from engine.path.shown import Shown, show
from engine.path.trigger_secrets import Given, Issued, issue
from engine.path.trigger_spec import Checked, TriggerSpec, check, spec_of
from engine.runtime import Engine
from engine.store import sealed, setup, triggers
from engine.store.rows import Trigger
from engine.store.secrets import opened
from engine.words import TriggerState

#: What decides how a sender proves itself: with another way, other secrets may be needed.
_PROOF = ("auth", "recipe")

log = structlog.get_logger()


def create(engine: Engine, spec: TriggerSpec, *, secret: Given = None, draft: bool = False) -> Shown:
    """Make a trigger; its secrets are shown in what this returns and never again.

    Raises:
        Invalid: a field cannot be taken (422).
        Conflict: the name is taken (409).
    """
    checked = check(spec, engine.connectors)
    issued = issue(checked.connector, checked.way, secret)
    trigger = _new(engine, checked.spec, TriggerState.DRAFT if draft else TriggerState.PUBLISHED)
    engine.store.write(setup.add_trigger, engine.store.cipher, trigger, issued.values)
    engine.published.refresh()
    log.info("trigger.created", trigger=trigger.name, connector=trigger.connector, auth=trigger.auth)
    return show(engine, trigger.id).with_issued(issued.values, issued.warnings)


def change(engine: Engine, name: str, changes: Mapping[str, object]) -> Shown:
    """Change a trigger; its address stays, and so do its secrets as far as its way can use them.

    changes: fields of :class:`TriggerSpec`; None sets one back to its default.

    Raises:
        Invalid: a field cannot be taken; nothing is changed (422).
        NotFound: there is no such trigger (404).
    """
    trigger = engine.store.read(triggers.find, name)
    before = spec_of(trigger)
    checked = check(replace(before, **_with_defaults(changes)), engine.connectors)  # type: ignore[arg-type]
    columns = {
        field.name: value
        for field in fields(TriggerSpec)
        if (value := getattr(checked.spec, field.name)) != getattr(before, field.name)
    }
    issued = _further(engine, trigger, checked) if columns.keys() & set(_PROOF) else Issued({})
    moved = trigger._replace(updated_at=engine.clock.now())
    kept = engine.store.read(sealed.of_trigger, trigger.id)
    engine.store.write(setup.change_trigger, engine.store.cipher, moved, columns, issued.values)
    engine.published.refresh()
    log.info("trigger.changed", trigger=trigger.name, fields=sorted(columns))
    late = prove_kept(engine, trigger.id, kept)
    return show(engine, trigger.id).with_issued(issued.values, issued.warnings, late)


def delete(engine: Engine, name: str) -> None:
    """Delete a trigger: its address is unknown at once, and the ledger keeps what it received.

    Raises:
        NotFound: there is no such trigger (404).
    """
    trigger = engine.store.read(triggers.find, name)
    engine.store.write(setup.remove_trigger, trigger.id)
    engine.published.refresh()
    log.info("trigger.deleted", trigger=trigger.name)


def _new(engine: Engine, spec: TriggerSpec, state: TriggerState) -> Trigger:
    now = engine.clock.now()
    decided = {field.name: getattr(spec, field.name) for field in fields(TriggerSpec)}
    return Trigger(
        id=new_id("trg"),
        path=new_path(),
        state=state,
        listening_until=None,
        created_at=now,
        updated_at=now,
        **decided,
    )


def _with_defaults(changes: Mapping[str, object]) -> Mapping[str, object]:
    defaults = {field.name: field.default for field in fields(TriggerSpec)}
    return {name: defaults[name] if value is None else value for name, value in changes.items()}


def _further(engine: Engine, trigger: Trigger, checked: Checked) -> Issued:
    """Return the secrets that the new way needs and the trigger has none of, as far as they are ours to make."""
    held = engine.store.read(opened, engine.store.cipher, engine.clock.now()).get(trigger.id, {})
    missing = [
        name
        for name, spec in checked.way.secrets.items()
        if not any(spec.warning(secret.value) is None for secret in held.get(name, ()))
    ]
    return issue(checked.connector, checked.way, None, missing)
