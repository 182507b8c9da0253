"""Steps that wait for a later event: found by the event, told of it, and events that came before they were there."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, literal, select, text, tuple_, update

from engine.ids import earliest_id
from engine.store import bulk, signals
from engine.store.columns import Moment
from engine.store.ledger import EVENT_COLUMNS, EVENT_SOURCE
from engine.store.rows import EndedWait, Event, EventWait, Signal
from engine.store.tables import events, matches, releases
from engine.store.waiting_tables import correlations, ended_waits, event_waits
from engine.words import TRIGGER, Answer, Held

#: How far the clocks that an event's id and its receipt were taken from may lie apart.
APART = timedelta(hours=1)


class Spot(NamedTuple):
    """How far the steps that wait for an event have been asked: the last key, and its last step."""

    key_of: str = ""
    run_id: str = ""
    path: str = ""


class Correlated(NamedTuple):
    """An event that waiting steps were asked about, and what those are told that it is the one for.

    after: the others come after it; None: all of them were asked.
    """

    event_id: str
    signals: tuple[Signal, ...]
    after: Spot | None = None


class LookedBack(NamedTuple):
    """A waiting step whose earlier events were looked through: what it is told, or where to go on.

    done: whether those that come from now on are sure to be correlated; since: events before then are not looked at
    again; event_id: which event the signal is about.
    """

    wait: EventWait
    signal: Signal | None
    done: bool
    since: datetime
    event_id: str | None = None


def keys_of(connection: Connection, trigger_id: str) -> list[str]:
    """Return what of a trigger's events the waiting steps compare with their keys; empty text: nothing."""
    return _distinct(connection, event_waits.c.key_of, event_waits.c.trigger_id == trigger_id)


def with_key(connection: Connection, trigger_id: str, key: str, after: Spot, limit: int) -> list[EventWait]:
    """Return steps that wait for an event of the trigger with this key, after that one with the same ``key_of``."""
    same = (event_waits.c.trigger_id == trigger_id, event_waits.c.key_of == after.key_of, event_waits.c.key == key)
    later = tuple_(event_waits.c.run_id, event_waits.c.path) > tuple_(after.run_id, after.path)
    wanted = select(event_waits).where(*same, later).order_by(event_waits.c.run_id, event_waits.c.path)
    return [EventWait(**row) for row in connection.execute(wanted.limit(limit)).mappings()]


def of_run(connection: Connection, run_id: str) -> list[EventWait]:
    """Return what the steps of a run wait for."""
    wanted = select(event_waits).where(event_waits.c.run_id == run_id).order_by(event_waits.c.path)
    return [EventWait(**row) for row in connection.execute(wanted).mappings()]


def awaited_triggers(connection: Connection) -> frozenset[str]:
    """Return the ids of the triggers for whose events steps wait at present."""
    return frozenset(_distinct(connection, event_waits.c.trigger_id))


def _distinct(connection: Connection, column: ColumnElement[str], *where: ColumnElement[bool]) -> list[str]:
    """Return the few values of a column by one look into its index each: ``DISTINCT`` reads all rows that wait."""
    found: list[str] = []
    value = connection.scalar(select(func.min(column)).where(*where))
    while value is not None:
        found.append(value)
        value = connection.scalar(select(func.min(column)).where(*where, column > value))
    return found


def uncorrelated(connection: Connection, limit: int) -> list[str]:
    """Return events that the waiting steps were not asked about yet, oldest first."""
    return list(connection.scalars(select(correlations.c.event_id).order_by(correlations.c.event_id).limit(limit)))


def correlate(connection: Connection, items: Sequence[Correlated]) -> list[list[str]]:
    """Tell the steps, and write down that they were asked; return the runs that a signal has come for."""
    signals.lock(connection, {signal.run_id for item in items for signal in item.signals})
    told = [_post(connection, item.signals, item.event_id) for item in items]
    asked = sorted(item.event_id for item in items if item.after is None)
    mine = select(correlations.c.event_id).where(correlations.c.event_id.in_(asked)).with_for_update(skip_locked=True)
    connection.execute(delete(correlations).where(correlations.c.event_id.in_(connection.scalars(mine).all())))
    return told


def ended_among(connection: Connection, event_ids: Collection[str]) -> frozenset[str]:
    """Return those of the events that ended the wait of a step."""
    return frozenset(_distinct(connection, ended_waits.c.event_id, ended_waits.c.event_id.in_(event_ids)))


def not_looked_back(
    connection: Connection, before: datetime, limit: int, after: EventWait | None = None
) -> list[EventWait]:
    """Return steps that wait since before then, and whose earlier events were not all looked through, oldest first.

    after: the last one that had its turn.
    """
    place = (event_waits.c.created_at, event_waits.c.run_id, event_waits.c.path)
    wanted = select(event_waits).where(text("NOT looked_back"), event_waits.c.created_at < before).order_by(*place)
    if after is not None:
        begun = literal(after.created_at, Moment)
        wanted = wanted.where(place[0] >= begun, tuple_(*place) > tuple_(begun, after.run_id, after.path))
    return [EventWait(**row) for row in connection.execute(wanted.limit(limit)).mappings()]


def look_again(connection: Connection, trigger_id: str) -> None:
    """Have the steps that wait for a trigger's events look back once more: some that were held are so no longer."""
    connection.execute(update(event_waits).where(event_waits.c.trigger_id == trigger_id).values(looked_back=False))


def arrived(connection: Connection, trigger_id: str, since: datetime, after: str, limit: int) -> list[Event]:
    """Return events of a trigger that were received from then on, oldest first; after: an id.

    Left out: samples, what the trigger said no to, and what it held and a person said to skip.
    """
    refused = exists().where(
        matches.c.event_id == events.c.id, matches.c.workflow == TRIGGER, matches.c.answer == Answer.NO
    )
    skipped = exists().where(releases.c.event_id == events.c.id, releases.c.action == Held.SKIP)
    born = events.c.id > max(after, earliest_id("evt", since - APART))
    mine = and_(events.c.trigger_id == trigger_id, born, events.c.received_at >= since)
    wanted = select(*EVENT_COLUMNS).select_from(EVENT_SOURCE).where(mine, events.c.starts, ~refused, ~skipped)
    return [Event(**row) for row in connection.execute(wanted.order_by(events.c.id).limit(limit)).mappings()]


def look_back(connection: Connection, items: Sequence[LookedBack]) -> list[list[str]]:
    """Tell the steps what was found, and where the others are; return the runs that a signal has come for."""
    told: list[list[str]] = []
    signals.lock(connection, {item.wait.run_id for item in items})
    for item in items:
        told.append(_post(connection, () if item.signal is None else (item.signal,), item.event_id))
        here = (event_waits.c.run_id == item.wait.run_id) & (event_waits.c.path == item.wait.path)
        connection.execute(update(event_waits).where(here).values(looked_back=item.done, since=item.since))
    return told


def _post(connection: Connection, posted: Collection[Signal], event_id: str | None) -> list[str]:
    """Tell the steps, and keep which event ended their waits; return the runs of those that were not told before."""
    sent = list(posted)
    new = [signal for signal, is_new in zip(sent, signals.post(connection, sent), strict=True) if is_new]
    if event_id is not None:
        ended = [EndedWait(event_id, signal.run_id, signal.path, signal.created_at) for signal in new]
        bulk.insert_rows(connection, ended_waits, ended, "ON CONFLICT DO NOTHING")  # a step can wait a second time
    return [signal.run_id for signal in new]
