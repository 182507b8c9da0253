"""Forget what is older than the operator wants to keep, oldest first and a little at a time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from engine.ids import earliest_id
from engine.store.tables import callbacks, deliveries, event_keys, events, journal, matches, releases, runs, samples

#: Deliveries looked at in one transaction: receiving waits for it no longer than for a batch of its own.
PORTION = 200


def forget(connection: Connection, before: datetime) -> int:
    """Delete the oldest deliveries received before then, with their events, answers and runs, and runs by hand.

    A delivery stays as long as one of its runs has not ended. Return how many deliveries, or runs by hand where they
    are more: after a whole portion there may be another.
    """
    busy = select(events.c.delivery_id).join(runs, runs.c.event_id == events.c.id).where(runs.c.finished_at.is_(None))
    oldest = select(deliveries.c.id, deliveries.c.received_at).where(deliveries.c.id.not_in(busy))
    rows = connection.execute(oldest.order_by(deliveries.c.id).limit(PORTION))
    gone = [row.id for row in rows if row.received_at < before]
    if gone:
        _forget_deliveries(connection, gone)
    return max(len(gone), _forget_runs_by_hand(connection, before))


def _forget_deliveries(connection: Connection, gone: Sequence[str]) -> None:
    brought = select(events.c.id).where(events.c.delivery_id.in_(gone))
    started = select(runs.c.id).where(runs.c.event_id.in_(brought))
    # With its owner: a sample has a key too, which may be that of a later event.
    keys = select(events.c.trigger_id, events.c.key, events.c.id).where(events.c.delivery_id.in_(gone))
    owned = tuple_(event_keys.c.trigger_id, event_keys.c.key, event_keys.c.event_id).in_(keys)
    connection.execute(delete(journal).where(journal.c.run_id.in_(started)))
    for table in (runs, matches, releases, samples):
        connection.execute(delete(table).where(table.c.event_id.in_(brought)))
    connection.execute(delete(event_keys).where(owned))
    connection.execute(delete(events).where(events.c.delivery_id.in_(gone)))
    connection.execute(delete(deliveries).where(deliveries.c.id.in_(gone)))


def _forget_runs_by_hand(connection: Connection, before: datetime) -> int:
    born = runs.c.id < earliest_id("run", before)
    old = select(runs.c.id).where(runs.c.event_id.is_(None), born, runs.c.finished_at < before)
    gone = list(connection.scalars(old.order_by(runs.c.id).limit(PORTION)))
    if gone:
        connection.execute(delete(journal).where(journal.c.run_id.in_(gone)))
        connection.execute(delete(callbacks).where(callbacks.c.run_id.in_(gone)))
        connection.execute(delete(runs).where(runs.c.id.in_(gone)))
    return len(gone)
