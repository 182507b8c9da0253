"""Forget what is older than the operator wants to keep, oldest first and a little at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, tuple_

from engine.store.tables import deliveries, event_keys, events, journal, matches, releases, runs, samples

#: Deliveries looked at in one transaction: receiving waits for it no longer than for a batch of its own.
PORTION = 200


def forget(connection: Connection, before: datetime) -> int:
    """Delete the oldest deliveries received before then, with their events, answers and runs; return how many.

    A delivery stays as long as one of its runs has not ended.
    """
    busy = select(events.c.delivery_id).join(runs, runs.c.event_id == events.c.id).where(runs.c.finished_at.is_(None))
    oldest = select(deliveries.c.id, deliveries.c.received_at).where(deliveries.c.id.not_in(busy))
    rows = connection.execute(oldest.order_by(deliveries.c.id).limit(PORTION))
    gone = [row.id for row in rows if row.received_at < before]
    if gone:
        brought = select(events.c.id, events.c.trigger_id, events.c.key).where(events.c.delivery_id.in_(gone))
        _forget_events(connection, connection.execute(brought).all())
        connection.execute(delete(deliveries).where(deliveries.c.id.in_(gone)))
    return len(gone)


def _forget_events(connection: Connection, brought: Sequence[Row[Any, Any, Any]]) -> None:
    ids = [row.id for row in brought]
    keys = [(row.trigger_id, row.key) for row in brought if row.key is not None]
    started = list(connection.scalars(select(runs.c.id).where(runs.c.event_id.in_(ids))))
    connection.execute(delete(journal).where(journal.c.run_id.in_(started)))
    connection.execute(delete(runs).where(runs.c.id.in_(started)))
    for table in (matches, releases, samples):
        connection.execute(delete(table).where(table.c.event_id.in_(ids)))
    connection.execute(delete(event_keys).where(tuple_(event_keys.c.trigger_id, event_keys.c.key).in_(keys)))
    connection.execute(delete(events).where(events.c.id.in_(ids)))
