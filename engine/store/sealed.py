"""Deliveries that are kept sealed: refused for their signature, and proved again whenever the trigger changes.

What has to be proved carries an *ask*, written with the change itself, so that a crash loses none; the answer counts
for that ask alone, so that a change in the meantime is not missed. A sealed delivery ends with one row of
``late_proofs``, unless its trigger is deleted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select, text, update

from engine.ids import new_id
from engine.store import bulk, database, ledger, refused
from engine.store.ledger import Arrival, Recorded, Tally
from engine.store.rows import Delivery, LateProof
from engine.store.sealed_tables import late_proofs, sealed
from engine.store.tables import deliveries, signatures

#: How long a sealed delivery can be proved: a secret that changed on a Friday evening is entered by Monday.
KEPT_FOR = timedelta(hours=72)

#: Sealed deliveries of a trigger, and bytes of them: whoever knows the address can use these up, and no more.
MOST = 1_000
MOST_BYTES = 50 * 1024 * 1024

#: For how long it is asked again whether a signature can be forgotten; it is asked once a minute.
LOOKED_BACK = timedelta(hours=1)

#: Sealed deliveries that are proved, or given up, in one transaction: receiving waits for it no longer than that.
PORTION = 50

_ASKED = text("ask IS NOT NULL")  # as the partial index is written


class Sealing(NamedTuple):
    """A refused delivery to keep sealed.

    head: what of it is stored scrubbed, encrypted; expires_at: until when it can be proved; tally: what counts it where
    the trigger has no room, None where it is then kept as any refused one.
    """

    delivery: Delivery
    head: bytes
    expires_at: datetime
    tally: Tally | None

    @property
    def size(self) -> int:
        """Bytes that count against the trigger's room."""
        return len(self.delivery.body) + len(self.head)


class Sealed(NamedTuple):
    """A sealed delivery that is to be proved again."""

    delivery: Delivery
    head: bytes
    ask: str


class Tried(NamedTuple):
    """What proving a portion again has shown.

    genuine: those that were proved, with what is recorded of them; in_vain: those that were not; at: when.
    """

    genuine: Sequence[tuple[Sealed, Arrival]]
    in_vain: Sequence[Sealed]
    at: datetime


class SealedCount(NamedTuple):
    """What a trigger keeps sealed: how many, and since when."""

    number: int
    since: datetime


@dataclass(slots=True)
class _Room:
    """How many more a trigger can keep sealed, and how many bytes of them."""

    number: int
    size: int

    def takes(self, size: int) -> bool:
        """Take one of so many bytes, where there is room."""
        if self.number <= 0 or self.size < size:
            return False
        self.number, self.size = self.number - 1, self.size - size
        return True


def seal(connection: Connection, sealings: Sequence[Sealing]) -> list[bool]:
    """Write refused deliveries down, sealed as far as their triggers have room; tell of each whether it is."""
    room = {trigger_id: _room(connection, trigger_id) for trigger_id in {each.delivery.trigger_id for each in sealings}}
    answers = [room[each.delivery.trigger_id].takes(each.size) for each in sealings]
    chosen = list(zip(sealings, answers, strict=True))
    kept = [each.delivery for each, is_sealed in chosen if is_sealed or each.tally is None]
    bulk.insert_rows(connection, deliveries, kept)
    bulk.insert_rows(connection, sealed, [_row(each) for each, is_sealed in chosen if is_sealed])
    if counted := [each.tally for each, is_sealed in chosen if not is_sealed and each.tally is not None]:
        ledger.count(connection, counted)
    refused.forget_bodies(connection, {each.trigger_id for each in kept})
    return answers


def ask(connection: Connection, trigger_id: str) -> None:
    """Have everything proved again that the trigger keeps sealed."""
    connection.execute(update(sealed).where(sealed.c.trigger_id == trigger_id).values(ask=new_id("ask")))


def ask_all(connection: Connection) -> None:
    """Have everything proved again: a connector may have been mended since."""
    connection.execute(update(sealed).values(ask=new_id("ask")))


def of_trigger(connection: Connection, trigger_id: str) -> list[str]:
    """Return the ids of the deliveries that a trigger keeps sealed."""
    return list(connection.scalars(select(sealed.c.delivery_id).where(sealed.c.trigger_id == trigger_id)))


def asked_triggers(connection: Connection) -> list[str]:
    """Return the ids of triggers that keep something sealed that is to be proved."""
    return list(connection.scalars(select(sealed.c.trigger_id).where(_ASKED).distinct()))


def to_prove(connection: Connection, trigger_id: str, now: datetime) -> list[Sealed]:
    """Return a portion of what is to be proved at a trigger and still can be, in the order of receipt."""
    wanted = select(deliveries, sealed.c.head, sealed.c.ask).join(sealed, sealed.c.delivery_id == deliveries.c.id)
    wanted = wanted.where(_ASKED, sealed.c.trigger_id == trigger_id, sealed.c.expires_at > now)
    wanted = wanted.order_by(sealed.c.delivery_id).limit(PORTION)
    return [
        Sealed(Delivery(**{name: row[name] for name in Delivery._fields}), row["head"], row["ask"])
        for row in connection.execute(wanted).mappings()
    ]


def conclude(connection: Connection, tried: Tried) -> list[Recorded | None]:
    """Record what was proved; None for each delivery of which another process has done so, or which is asked for anew.

    What is asked for anew is proved again with those before it: else it would run before them.
    """
    _answer(connection, tried.in_vain)
    asks = _locked(connection, [each.delivery.id for each, _ in tried.genuine])
    ours = [asks.get(each.delivery.id) == each.ask for each, _ in tried.genuine]
    settled = iter(ledger.settle(connection, list(compress([arrival for _, arrival in tried.genuine], ours))))
    found = [next(settled) if is_ours else None for is_ours in ours]
    _end(connection, [_proof(row, tried.at) for row, _ in filter(None, found)])
    return [None if each is None else each[1] for each in found]


def expire(connection: Connection, now: datetime) -> int:
    """Give up a portion of those that nothing proved in time: their bodies go, and what they were stays.

    Return how many; after a whole portion there may be another.
    """
    if not database.try_turn(connection, "tidy"):
        return 0
    over = select(sealed.c.delivery_id).where(sealed.c.expires_at <= now).order_by(sealed.c.expires_at).limit(PORTION)
    ours = _locked(connection, connection.scalars(over).all())
    kept = select(deliveries.c.id, deliveries.c.verdict, deliveries.c.reason).where(deliveries.c.id.in_(ours))
    words = f"nothing proved it in {KEPT_FOR // timedelta(hours=1)} hours: its body is forgotten"
    rows = connection.execute(kept).all()
    _end(connection, [LateProof(row.id, row.verdict, row.reason, words, None, 0, now) for row in rows])
    connection.execute(update(deliveries).where(deliveries.c.id.in_(ours)).values(body=b""))
    return len(ours)


def forget_signatures(connection: Connection, now: datetime) -> None:
    """Delete signatures whose window has passed: a replay of one is refused for its age.

    Not so a replay that was sealed within the window: it is proved by the age that it had then. So the signatures of a
    trigger that keeps something sealed stay until nothing of their time can be proved any more.
    """
    if not database.try_turn(connection, "tidy"):
        return
    past = signatures.c.expires_at
    connection.execute(delete(signatures).where(past < now - KEPT_FOR))
    lately, seals = past.between(now - LOOKED_BACK, now), select(sealed.c.trigger_id)
    connection.execute(delete(signatures).where(lately, signatures.c.trigger_id.not_in(seals)))


def open_all(connection: Connection, trigger_id: str) -> None:
    """Keep nothing of the trigger sealed any more: nothing can prove it. What was refused stays refused."""
    connection.execute(delete(sealed).where(sealed.c.trigger_id == trigger_id))


def count_sealed(connection: Connection, trigger_ids: Collection[str] | None = None) -> Mapping[str, SealedCount]:
    """Return what triggers keep sealed, those that keep something: {trigger id: count}; None: of all triggers."""
    wanted = select(sealed.c.trigger_id, func.count(), func.min(deliveries.c.received_at))
    wanted = wanted.join(deliveries, deliveries.c.id == sealed.c.delivery_id).group_by(sealed.c.trigger_id)
    if trigger_ids is not None:
        wanted = wanted.where(sealed.c.trigger_id.in_(trigger_ids))
    return {trigger_id: SealedCount(number, since) for trigger_id, number, since in connection.execute(wanted)}


def until(connection: Connection, delivery_ids: Collection[str]) -> Mapping[str, datetime]:
    """Return until when those of the deliveries can be proved that are sealed."""
    wanted = select(sealed.c.delivery_id, sealed.c.expires_at).where(sealed.c.delivery_id.in_(delivery_ids))
    return {row.delivery_id: row.expires_at for row in connection.execute(wanted)}


def proofs_of(connection: Connection, delivery_ids: Collection[str]) -> Mapping[str, LateProof]:
    """Return what became of those of the deliveries that were sealed once, and are not any more."""
    wanted = select(late_proofs).where(late_proofs.c.delivery_id.in_(delivery_ids))
    return {row["delivery_id"]: LateProof(**row) for row in connection.execute(wanted).mappings()}


def _room(connection: Connection, trigger_id: str) -> _Room:
    taken = select(func.count(), func.coalesce(func.sum(sealed.c.size), 0)).where(sealed.c.trigger_id == trigger_id)
    number, size = connection.execute(taken).one()
    return _Room(MOST - number, MOST_BYTES - int(size))


def _row(sealing: Sealing) -> tuple[object, ...]:
    """Return the values in the order of the table's columns; it is asked for: a change may have come meanwhile."""
    delivery = sealing.delivery
    return delivery.id, delivery.trigger_id, sealing.size, sealing.expires_at, new_id("ask"), sealing.head


def _answer(connection: Connection, in_vain: Sequence[Sealed]) -> None:
    guard = update(sealed).where(sealed.c.delivery_id == bindparam("key"), sealed.c.ask == bindparam("read"))
    rows = [{"key": each.delivery.id, "read": each.ask} for each in in_vain]
    if rows:
        connection.execute(guard.values(ask=None), rows)


def _locked(connection: Connection, delivery_ids: Collection[str]) -> Mapping[str, str | None]:
    """Return those that are still sealed, with their asks; nobody else changes them before this transaction ends."""
    wanted = select(sealed.c.delivery_id, sealed.c.ask).where(_among(delivery_ids)).order_by(sealed.c.delivery_id)
    return {row.delivery_id: row.ask for row in connection.execute(wanted.with_for_update())}


def _among(delivery_ids: Collection[str]) -> ColumnElement[bool]:
    return sealed.c.delivery_id.in_(delivery_ids)


def _end(connection: Connection, proofs: Sequence[LateProof]) -> None:
    bulk.insert_rows(connection, late_proofs, proofs)
    connection.execute(delete(sealed).where(_among([proof.delivery_id for proof in proofs])))


def _proof(row: Delivery, at: datetime) -> LateProof:
    return LateProof(row.id, row.verdict, row.reason, row.detail, row.duplicate_of, row.event_count, at)
