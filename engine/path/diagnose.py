"""Find out why a delivery's proof was refused: from what is kept, when somebody looks, and never on its way in."""

from collections.abc import Iterable, Mapping, Sequence

from engine.doctor.case import Case, Diagnosis
from engine.doctor.diagnosis import diagnose as diagnose_case
from engine.path.addresses import as_received
from engine.published import Live, Snapshot
from engine.runtime import Engine
from engine.store import secrets
from engine.store.rows import Delivery
from engine.store.secrets import Kept
from engine.words import FAILED_PROOFS, Verdict


def diagnose(engine: Engine, delivery: Delivery) -> Diagnosis | None:
    """Say why a delivery's proof was refused, in words without secrets.

    delivery: with its body. None: it was not refused for its proof, its body is not kept, or its trigger is gone or
    cannot be used.
    """
    if delivery.verdict is not Verdict.REJECTED or delivery.reason not in FAILED_PROOFS:
        return None
    if delivery.size and not delivery.body:
        return None
    snapshot = engine.published.now()
    live = snapshot.by_id.get(delivery.trigger_id)
    return None if live is None else diagnose_case(_case(engine, snapshot, live, delivery))


def _case(engine: Engine, snapshot: Snapshot, live: Live, delivery: Delivery) -> Case:
    kept = engine.store.read(secrets.history_of, engine.store.cipher, live.trigger.id)
    now, then = engine.clock.now(), delivery.received_at
    present = [each for each in kept if each.counted(now)]
    return Case(
        way=live.way,
        request=as_received(engine.settings, live.trigger, delivery),
        reason=delivery.reason,
        detail=delivery.detail,
        size=delivery.size,
        secrets=_by_name(each for each in kept if each.counted(then)),
        present=_by_name(present),
        former=_by_name(each for each in kept if each.ended(then)),
        set_at=max((each.created_at for each in present), default=None),
        others=_others(snapshot, live),
    )


def _by_name(kept: Iterable[Kept]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for each in kept:
        found.setdefault(each.name, []).append(each.value)
    return found


def _others(snapshot: Snapshot, live: Live) -> Mapping[str, Sequence[str]]:
    """Return the secrets of every other trigger, by its name."""
    return {
        other.trigger.name: [secret.value for values in other.secrets.values() for secret in values]
        for other in snapshot.by_id.values()
        if other.trigger.id != live.trigger.id
    }
