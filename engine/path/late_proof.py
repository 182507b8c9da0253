"""Prove sealed deliveries again: after each change of a trigger, and now and then.

What is genuine is judged at its time of receipt, becomes events in that order, and runs. The first verdict stays; the
ledger gains a record. What is not stays sealed until its time is over.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from engine.authentication.request import Inbound
from engine.authentication.secret import Secrets
from engine.errors import Rejected, SettingsError
from engine.path.addresses import full_url
from engine.path.handshakes import judge_handshake
from engine.path.head import opened
from engine.path.keep import Judged, arrival_of, ring
from engine.path.receive import judge_events, prove
from engine.published import Live, Snapshot
from engine.runtime import Engine
from engine.store import sealed
from engine.store.ledger import Arrival, Recorded
from engine.store.rows import LateProof
from engine.store.sealed import Sealed
from engine.words import Reason, Verdict

#: Portions that one call proves at most: a sender that floods the trigger meanwhile cannot keep it busy for ever.
PORTIONS = 2 * sealed.MOST // sealed.PORTION

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LateProofs:
    """What proving a trigger's sealed deliveries again came to."""

    #: Those that were sealed before.
    tried: int
    #: Of them, those that were genuine: their events go on, wait for a person, or came before; or it brought none.
    running: int = 0
    held: int = 0
    duplicates: int = 0
    unusable: int = 0

    @property
    def genuine(self) -> int:
        """Those that are not sealed any more."""
        return self.running + self.held + self.duplicates + self.unusable

    @property
    def in_vain(self) -> int:
        """Those that stay sealed."""
        return self.tried - self.genuine

    @property
    def words(self) -> str:
        """What came of it, for people."""
        were = "deliveries were" if self.tried > 1 else "delivery was"
        rest = f" {self.in_vain} {'stay' if self.in_vain > 1 else 'stays'} sealed." if self.in_vain else ""
        if not self.genuine:
            return f"None of {self.tried} sealed {were} genuine.{rest}"
        known = {
            "run now": self.running,
            "are held": self.held,
            "came before": self.duplicates,
            "cannot be used": self.unusable,
        }
        kinds = [(words, number) for words, number in known.items() if number]
        became = f" and {kinds[0][0]}" if len(kinds) == 1 else ": " + ", ".join(f"{n} {words}" for words, n in kinds)
        return f"{self.genuine} of {self.tried} sealed {were} genuine{became}.{rest}"


def prove_kept(engine: Engine, trigger_id: str, kept: Sequence[str]) -> LateProofs | None:
    """Prove again what a trigger keeps sealed, after it was changed; None where it kept nothing.

    kept: what it kept before the change. So it does not matter which process comes to prove it.
    """
    if not kept:
        return None
    prove_again(engine, trigger_id)
    proofs = engine.store.read(sealed.proofs_of, kept).values()
    known = Counter(_kind(proof) for proof in proofs if proof.reason is not Reason.WRONG_PROOF)
    return LateProofs(len(kept), *(known[kind] for kind in ("running", "held", "duplicates", "unusable")))


def _kind(proof: LateProof) -> str:
    if proof.reason is Reason.HELD or proof.verdict is Verdict.QUARANTINED:
        return "held"
    if proof.verdict is Verdict.DUPLICATE:
        return "duplicates"
    return "running" if proof.verdict is Verdict.ACCEPTED else "unusable"


def prove_again(engine: Engine, trigger_id: str) -> None:
    """Prove what a trigger keeps sealed and has not answered for since the last change, in the order of receipt.

    It can be called again, as after a crash in the middle, and by several processes at once: each delivery is recorded
    once. New deliveries come in meanwhile, and do not wait for those that are sealed.
    """
    for portion in _portions(engine, trigger_id):
        engine.published.refresh()  # after the asks were read: what changes now asks again
        snapshot = engine.published.now()
        live = snapshot.by_id.get(trigger_id)
        if live is None:  # deleted, or it waits until its trigger is mended
            return
        judged = [(each, _late(engine, snapshot, live, each)) for each in portion]
        genuine = [found for _, found in judged if found is not None]
        in_vain = [each for each, found in judged if found is None]
        arrivals = [(each, found[0]) for each, found in judged if found is not None]
        now = engine.clock.now()
        _go_on(engine, live, genuine, engine.store.write(sealed.conclude, sealed.Tried(arrivals, in_vain, now)))


def prove_all_again(engine: Engine) -> None:
    """Prove what a crash, or a change at the moment of receipt, left over."""
    for trigger_id in engine.store.read(sealed.asked_triggers):
        prove_again(engine, trigger_id)


def _portions(engine: Engine, trigger_id: str) -> Iterator[Sequence[Sealed]]:
    for _ in range(PORTIONS):
        portion = engine.store.read(sealed.to_prove, trigger_id, engine.clock.now())
        if not portion:
            return
        yield portion


def _late(engine: Engine, snapshot: Snapshot, live: Live, found: Sealed) -> tuple[Arrival, Judged] | None:
    """Return what is recorded of a delivery that is genuine after all, with what it is; None where it is not."""
    try:
        inbound = opened(engine, found)
    except SettingsError:  # nothing can prove it; the others must not wait for it
        log.exception("delivery.sealed_for_good", delivery=found.delivery.id)
        return None
    if not live.way.is_signature:  # set up otherwise since: that way was never asked of this request
        return None
    secrets = live.secrets_at(engine.clock.now())
    for request in _as_addressed(engine, live, inbound):
        try:
            proof = prove(engine, live, request, secrets)
        except Rejected:
            continue
        judged = _judge(live, request, secrets, asks=snapshot.asks(live))._replace(proof=proof)
        return _arrival(found, judged), judged
    return None


def _as_addressed(engine: Engine, live: Live, inbound: Inbound) -> Iterator[Inbound]:
    """Yield the request with the URL of its time of receipt, and with that of today, where it was set wrong before."""
    yield inbound
    today = full_url(engine.settings, live.trigger, inbound.query)
    if today != inbound.url:
        yield inbound._replace(url=today)


def _judge(live: Live, inbound: Inbound, secrets: Secrets, *, asks: bool) -> Judged:
    try:
        if judge_handshake(live, inbound, secrets, signed=True):
            return Judged(Verdict.HANDSHAKE, Reason.HANDSHAKE, "it was a question, which nobody answers any more")
        return judge_events(live, inbound, asks=asks)
    except Rejected as rejected:
        return Judged(Verdict.REJECTED, rejected.reason, rejected.detail)


def _arrival(found: Sealed, judged: Judged) -> Arrival:
    row = found.delivery._replace(
        verdict=judged.verdict, reason=judged.reason, detail=judged.detail, event_count=len(judged.events)
    )
    return arrival_of(row, judged)


def _go_on(
    engine: Engine, live: Live, genuine: Sequence[tuple[Arrival, Judged]], recorded: Sequence[Recorded | None]
) -> None:
    """Ring for what comes after, in the order of receipt."""
    for (arrival, judged), each in zip(genuine, recorded, strict=True):
        if each is None:
            continue
        engine.metrics.count(engine.metrics.late_proofs, each.verdict, each.reason)
        log.info("delivery.proved", trigger=live.trigger.name, delivery=arrival.delivery.id, verdict=each.verdict.value)
        ring(engine, arrival.delivery, judged, each)
