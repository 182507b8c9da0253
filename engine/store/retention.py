"""Forget what is older than the operator wants to keep, oldest first and a little at a time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from engine.ids import earliest_id
from engine.store import compaction, latest
from engine.store.database import try_turn
from engine.store.sealed_tables import late_proofs, sealed
from engine.store.tables import (
    callbacks,
    deliveries,
    event_keys,
    events,
    journal,
    matches,
    releases,
    runs,
    samples,
    unfinished,
)
from engine.store.waiting_tables import approvals, correlations, ended_waits, event_waits, signals, votes

#: Deliveries, and runs, looked at in one transaction: receiving waits for it no longer than for a batch of its own.
#: Fewer of them cost more each.
PORTION = 50


def forget(connection: Connection, before: datetime) -> int:
    """Delete the oldest deliveries received before then with their events, answers and runs; and runs without an event.

    A delivery stays as long as one of its runs has not ended, and until the last portion of its runs is forgotten.
    What SQLite's file needs no more is given back, a little each time. Return how much was done: after a whole portion
    there may be another. Nothing happens where another process is at it.
    """
    if not try_turn(connection, "tidy"):
        return 0
    gone = _old_deliveries(connection, before)
    brought = select(events.c.id).where(events.c.delivery_id.in_(gone))
    started = list(connection.scalars(select(runs.c.id).where(runs.c.event_id.in_(brought)).limit(PORTION)))
    without_event = _runs_without_event(connection, before)
    _forget_runs(connection, [*started, *without_event])
    if len(started) < PORTION:
        _forget_deliveries(connection, gone)
    given = PORTION if compaction.give_back(connection) else 0
    return max(len(gone), len(started), len(without_event), given)


def _old_deliveries(connection: Connection, before: datetime) -> Sequence[str]:
    """Return the oldest deliveries of which no run is unfinished: a portion is looked through after the other."""
    free: list[str] = []
    after = ""
    while len(free) < PORTION and (oldest := _oldest(connection, before, after)):
        busy = _busy(connection, oldest)
        free += [id_ for id_ in oldest if id_ not in busy]
        after = oldest[-1]
    return free[:PORTION]


def _oldest(connection: Connection, before: datetime, after: str) -> Sequence[str]:
    wanted = select(deliveries.c.id, deliveries.c.received_at).where(deliveries.c.id > after)
    rows = connection.execute(wanted.order_by(deliveries.c.id).limit(PORTION))
    return [row.id for row in rows if row.received_at < before]


def _busy(connection: Connection, gone: Sequence[str]) -> frozenset[str]:
    started = select(events.c.delivery_id).join(runs, runs.c.event_id == events.c.id)
    return frozenset(connection.scalars(started.where(events.c.delivery_id.in_(gone), unfinished)))


def _runs_without_event(connection: Connection, before: datetime) -> Sequence[str]:
    """Return old runs that no event started: people, schedules and other workflows do."""
    born = runs.c.id < earliest_id("run", before)
    old = select(runs.c.id).where(runs.c.event_id.is_(None), born, runs.c.finished_at < before)
    return list(connection.scalars(old.order_by(runs.c.id).limit(PORTION)))


def _forget_runs(connection: Connection, gone: Sequence[str]) -> None:
    """Delete runs with all that hangs on them; the answers that started them too, since each of those has its run."""
    if not gone:
        return
    asked = select(approvals.c.id).where(approvals.c.run_id.in_(gone))
    connection.execute(delete(votes).where(votes.c.approval_id.in_(asked)))
    for table in (journal, signals, event_waits, ended_waits, approvals, callbacks):
        connection.execute(delete(table).where(table.c.run_id.in_(gone)))
    about = select(runs.c.event_id).where(runs.c.id.in_(gone))
    for table in (matches, releases):
        connection.execute(delete(table).where(table.c.event_id.in_(about), table.c.run_id.in_(gone)))
    connection.execute(delete(runs).where(runs.c.id.in_(gone)))


def _forget_deliveries(connection: Connection, gone: Sequence[str]) -> None:
    if not gone:
        return
    brought = select(events.c.id).where(events.c.delivery_id.in_(gone))
    # With its owner: a sample has a key too, which may be that of a later event.
    keys = select(events.c.trigger_id, events.c.key, events.c.id).where(events.c.delivery_id.in_(gone))
    owned = tuple_(event_keys.c.trigger_id, event_keys.c.key, event_keys.c.event_id).in_(keys)
    for table in (matches, releases, samples, correlations, ended_waits):
        connection.execute(delete(table).where(table.c.event_id.in_(brought)))
    connection.execute(delete(event_keys).where(owned))
    latest.forget(connection, brought)
    for table in (events, sealed, late_proofs):
        connection.execute(delete(table).where(table.c.delivery_id.in_(gone)))
    connection.execute(delete(deliveries).where(deliveries.c.id.in_(gone)))
