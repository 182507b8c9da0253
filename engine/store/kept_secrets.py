"""Secrets that vendors bring themselves: kept while a trigger has room for them, decided where they are written."""

from typing import NamedTuple

from sqlalchemy import Connection, func, or_, select

from engine.store import ledger, sealed, secrets, triggers
from engine.store.ledger import Arrival
from engine.store.secrets import Cipher
from engine.store.tables import secrets as secret_rows
from engine.store.tables import triggers as trigger_rows


class Offer(NamedTuple):
    """A secret that somebody brings for a trigger, and the delivery as it is when it is taken, and when it is not."""

    cipher: Cipher
    name: str
    value: str
    #: How many secrets of that name the trigger has at most, with this one.
    room: int
    taken: Arrival
    refused: Arrival


def offer(connection: Connection, brought: Offer) -> bool:
    """Keep the secret where there is room for it, and the delivery in any case; return whether it was kept.

    The trigger's row is locked meanwhile: of two processes that are brought a first secret, one is too late.
    """
    delivery = brought.taken.delivery
    owner, now = delivery.trigger_id, delivery.received_at
    known = connection.scalar(select(trigger_rows.c.id).where(trigger_rows.c.id == owner).with_for_update())
    is_kept = known is not None and _number(connection, brought) < brought.room
    if is_kept:
        secrets.add(connection, brought.cipher, owner=owner, name=brought.name, value=brought.value, now=now)
        triggers.change(connection, owner, {}, now)
        sealed.ask(connection, owner)  # it may be what those were signed with
    ledger.record_arrivals(connection, [brought.taken if is_kept else brought.refused])
    return is_kept


def _number(connection: Connection, brought: Offer) -> int:
    delivery = brought.taken.delivery
    valid = or_(secret_rows.c.expires_at.is_(None), secret_rows.c.expires_at > delivery.received_at)
    of_name = secret_rows.c.owner == delivery.trigger_id, secret_rows.c.name == brought.name
    return connection.scalar(select(func.count()).where(*of_name, valid)) or 0
