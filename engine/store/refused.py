"""Refused deliveries: each is kept, and of the bodies of a trigger's the newest, up to so many bytes."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Select, String, case, exists, func, literal, select, update

from engine.store import bulk
from engine.store.rows import Delivery
from engine.store.sealed_tables import late_proofs, sealed
from engine.store.tables import deliveries, refused_body

#: Bytes of bodies that a trigger keeps of what it refused: a body that finds as many after it goes.
MOST_BYTES = 32 * 1024 * 1024

#: Bytes that each counts at least: then 4,096 are added up at most, however small they are.
LEAST = 8192

#: Bodies that go in one transaction at most: there are more where a trigger has refused much before it had a bound.
PORTION = 50

#: What the delivery says then, after the reason in words.
FORGOTTEN = f"(its body is forgotten: a trigger keeps the newest {MOST_BYTES // 1024**2} MiB of what it refused)"


def record_refused(connection: Connection, refused: Sequence[Delivery]) -> list[None]:
    """Write deliveries that were refused, and forget the oldest bodies where there are too many bytes of them."""
    bulk.insert_rows(connection, deliveries, refused)
    forget_bodies(connection, {each.trigger_id for each in refused if each.body})
    return [None] * len(refused)


def forget_bodies(connection: Connection, trigger_ids: Iterable[str]) -> None:
    """Forget of each trigger the oldest bodies of what it refused, where there are too many bytes of them.

    In order, so that two processes never wait for each other; what the other has forgotten meanwhile is left as it is.
    """
    for trigger_id in sorted(trigger_ids):
        if gone := connection.scalars(_beyond(trigger_id)).all():
            detail = func.trim(deliveries.c.detail.concat(literal(f" {FORGOTTEN}", String)))
            change = update(deliveries).where(deliveries.c.id.in_(gone), refused_body)
            connection.execute(change.values(body=b"", detail=detail))


def _beyond(trigger_id: str) -> Select[str]:
    """Return the query for those that have no room: not for what is sealed, or was proved late and became events."""
    counted = case((deliveries.c.size < LEAST, LEAST), else_=deliveries.c.size)
    newer = func.sum(counted).over(order_by=deliveries.c.id.desc()) - counted
    kept = select(deliveries.c.id, newer.label("newer")).where(deliveries.c.trigger_id == trigger_id, refused_body)
    for table in (sealed, late_proofs):
        kept = kept.where(~exists().where(table.c.delivery_id == deliveries.c.id))
    among = kept.subquery()
    return select(among.c.id).where(among.c.newer >= MOST_BYTES).order_by(among.c.id).limit(PORTION)
