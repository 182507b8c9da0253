"""The secrets of triggers: made by us or pasted, and rotated without losing a delivery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from engine.authentication.way import Way
from engine.definitions.connector import Connector
from engine.errors import Conflict, Invalid
from engine.path.late_proof import prove_kept
from engine.path.shown import Shown, checked, show
from engine.runtime import Engine
from engine.store import sealed, search, setup, triggers
from engine.store.rows import Trigger
from engine.store.search import DeliveryFilter, Span
from engine.words import Verdict

#: What a person pastes: the value of the way's first secret, or values by name.
Given = str | Mapping[str, str] | None

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Issued:
    """Secrets that a trigger gets, by name; warnings: what looks wrong about pasted ones, without showing them."""

    values: Mapping[str, str]
    warnings: Sequence[str] = ()


def issue(connector: Connector, way: Way, given: Given, names: Sequence[str] | None = None) -> Issued:
    """Return the secrets of a way: those that were pasted, and new ones where they are ours to make.

    names: which of the way's secrets to make; None for all.

    Raises:
        Invalid: what was pasted is none of the way's secrets, or nothing (422).
    """
    pasted = _pasted(way, given)
    wanted = {name: spec for name, spec in way.secrets.items() if names is None or name in names or name in pasted}
    ours = {name: spec for name, spec in wanted.items() if name not in pasted and connector.secret_made_by_us(name)}
    made = {name: spec.generate() for name, spec in ours.items()}
    warnings = [warning for name, value in pasted.items() if (warning := way.secrets[name].warning(value))]
    return Issued({**pasted, **made}, warnings)


def rotate(engine: Engine, name: str, *, overlap: timedelta, given: Given = None) -> Shown:
    """Give a trigger new secrets; the old ones count until the overlap is over.

    overlap: nought ends the old ones at once.

    Raises:
        NotFound: there is no such trigger (404).
        Invalid: the vendor makes this secret, so it has to be given, or what was given is none (422).
        Conflict: the trigger's way has no secret (409).
    """
    trigger = engine.store.read(triggers.find, name)
    found = checked(engine, trigger)
    if not found.way.secrets:
        raise Conflict(f"{found.connector.name} by {trigger.auth} has no secret to rotate")
    issued = issue(found.connector, found.way, given, None if given is None else ())
    if not issued.values:
        raise Invalid(f"{found.connector.manifest.title} makes this secret: make a new one there and give it", "secret")
    now = engine.clock.now()
    moved = trigger._replace(updated_at=now)
    kept = engine.store.read(sealed.of_trigger, trigger.id)
    engine.store.write(setup.rotate_secrets, engine.store.cipher, moved, issued.values, until=now + overlap)
    engine.published.refresh()
    log.info("trigger.rotated", trigger=trigger.name, overlap=str(overlap))
    late = prove_kept(engine, trigger.id, kept)
    return show(engine, trigger.id).with_issued(issued.values, issued.warnings, late)


def brought(engine: Engine, name: str) -> Shown:
    """Return a trigger with the secret that its vendor brought, for whoever has to paste it back there.

    It is shown until the vendor proves a delivery with it: then it was pasted, and nobody needs to see it again.

    Raises:
        NotFound: there is no such trigger (404).
        Conflict: there is no such secret, or it needs to be shown no more (409).
    """
    trigger = engine.store.read(triggers.find, name)
    values = waiting_to_be_pasted(engine, trigger)
    if not values:
        raise Conflict(f"{trigger.name} has no secret that has yet to be pasted anywhere")
    log.info("trigger.secret_shown", trigger=trigger.name, secrets=sorted(values))
    return show(engine, trigger.id).with_issued(values, ())


def waiting_to_be_pasted(engine: Engine, trigger: Trigger) -> Mapping[str, str]:
    """Return the newest secrets that the vendor brought and nothing was proven with, where a person has to see them."""
    live = engine.published.now().by_id.get(trigger.id)
    names = live.connector.to_paste_back if live else ()
    if live is None or not names:
        return {}
    if any(_has(engine, trigger, verdict) for verdict in (Verdict.ACCEPTED, Verdict.SAMPLED)):
        return {}
    held = live.secrets_at(engine.clock.now())
    return {name: held[name][0] for name in names if held.get(name)}


def _has(engine: Engine, trigger: Trigger, verdict: Verdict) -> bool:
    which = DeliveryFilter(trigger_id=trigger.id, verdict=verdict)
    return bool(engine.store.read(search.list_deliveries, which, Span(limit=1)).items)


def _pasted(way: Way, given: Given) -> Mapping[str, str]:
    if given is None:
        return {}
    if not way.secrets:
        raise Invalid("this way to authenticate takes no secret", "secret")
    values = {next(iter(way.secrets)): given} if isinstance(given, str) else given
    if strangers := values.keys() - way.secrets.keys():
        words = f"there is no secret {', '.join(sorted(strangers))}; there are {', '.join(way.secrets)}"
        raise Invalid(words, "secret")
    trimmed = {name: value.strip() for name, value in values.items()}
    if not all(trimmed.values()):
        raise Invalid("the secret is empty: paste it again, or leave it out", "secret")
    return trimmed
