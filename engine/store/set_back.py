"""Take along what waits when the clock is set back.

What began by the time that counts no more would wait as much longer. It is moved by as much as the clock; what began
by the time that counts now stays. A moment that an author wrote stays too.
"""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, func, select, true, type_coerce, update

from engine.clock import parse_time, rfc3339
from engine.store import changes, database
from engine.store.columns import MICROSECOND, Moment
from engine.store.journal import LEASE
from engine.store.tables import callbacks, journal, runs, unfinished
from engine.store.waiting_tables import approvals, event_waits
from engine.words import Outcome

#: Hosts, and what they wrote, may be apart by so much without anything being wrong.
APART = timedelta(minutes=1)

#: The mark of when everything was moved last, and within how long all processes notice why.
MARK, TOGETHER = "set_back", timedelta(seconds=20)


def set_back(
    connection: Connection, by: timedelta, now: datetime, run_id: str | None = None, since: datetime | None = None
) -> None:
    """Move what lies ahead by as much as the clock was set back, of all runs or of one.

    Every run that waits for a time is due, to look anew: a step whose time is gone works it out from when it began.
    Of all runs once, although each process that shares the database notices it.

    since: from when on retries are moved; earlier ones were put off by the time that counts now. Without it: now.
    """
    if run_id is None and not _is_first(connection, now):
        return
    mine = unfinished & _is(runs.c.id, run_id)
    _move_steps(
        connection,
        by,
        now,
        since=since or now,
        mine=journal.c.finished_at.is_(None) & journal.c.run_id.in_(select(runs.c.id).where(mine)),
    )
    _move_runs(connection, by, now, mine)
    _move_others(connection, by, now, run_id)
    if run_id is None:
        told = update(callbacks).where(callbacks.c.next_at > now)
        connection.execute(told.values(next_at=_earlier(callbacks.c.next_at, by)))


def set_back_meanwhile(connection: Connection, now: datetime) -> timedelta | None:
    """Do the same where something began later than now: the clock was set back while nobody was there."""
    latest = [
        connection.scalar(
            select(func.max(journal.c.started_at)).join(runs, runs.c.id == journal.c.run_id).where(unfinished)
        ),
        connection.scalar(select(func.max(event_waits.c.created_at))),
    ]
    by = max((moment - now for moment in latest if moment is not None), default=timedelta())
    if by <= APART:
        return None
    set_back(connection, by, now)
    return by


def _is_first(connection: Connection, now: datetime) -> bool:
    """Tell whether this process is the first to move everything, and let the others know by the time that counts now.

    By that time they notice it within seconds of each other. On SQLite there are no others.
    """
    if connection.dialect.name == "sqlite":
        return True
    database.wait_for_turn(connection, MARK)
    moved_at = changes.get(connection, MARK)
    is_first = moved_at is None or not now - TOGETHER <= parse_time(moved_at.decode()) <= now + TOGETHER
    if is_first:
        changes.put(connection, MARK, rfc3339(now).encode())
    return is_first


def _move_steps(
    connection: Connection, by: timedelta, now: datetime, *, since: datetime, mine: ColumnElement[bool]
) -> None:
    """Move when steps began and when a retry is due; any other wait is worked out from when it began."""
    ahead, waits = journal.c.started_at > now, journal.c.outcome == Outcome.WAITING
    retries = update(journal).where(mine, waits, journal.c.error.is_not(None), journal.c.due_at > since)
    connection.execute(retries.values(due_at=_earlier(journal.c.due_at, by)))
    connection.execute(update(journal).where(mine, waits, journal.c.error.is_(None), ahead).values(due_at=None))
    connection.execute(update(journal).where(mine, ahead).values(started_at=_earlier(journal.c.started_at, by)))


def _move_runs(connection: Connection, by: timedelta, now: datetime, mine: ColumnElement[bool]) -> None:
    begun = update(runs).where(mine, runs.c.started_at > now)
    connection.execute(begun.values(started_at=_earlier(runs.c.started_at, by)))
    lease = database.lease_clock(connection, now, LEASE)
    connection.execute(update(runs).where(mine, runs.c.lease_until > lease).values(lease_until=lease))
    waits = update(runs).where(mine, runs.c.outcome == Outcome.WAITING, runs.c.due_at > now)
    connection.execute(waits.values(due_at=now))


def _move_others(connection: Connection, by: timedelta, now: datetime, run_id: str | None) -> None:
    """Move since when events count, and until when people are asked."""
    waits = update(event_waits).where(_is(event_waits.c.run_id, run_id), event_waits.c.created_at > now)
    connection.execute(waits.where(event_waits.c.since > now).values(since=_earlier(event_waits.c.since, by)))
    connection.execute(waits.values(created_at=_earlier(event_waits.c.created_at, by)))
    asked_at, expires_at = _earlier(approvals.c.asked_at, by), _earlier(approvals.c.expires_at, by)
    asked = update(approvals).where(_is(approvals.c.run_id, run_id), approvals.c.closed_at.is_(None))
    connection.execute(asked.where(approvals.c.asked_at > now).values(asked_at=asked_at, expires_at=expires_at))


def _is(column: Column[str], run_id: str | None) -> ColumnElement[bool]:
    return true() if run_id is None else column == run_id


def _earlier(column: Column[datetime], by: timedelta) -> ColumnElement[datetime]:
    return type_coerce(type_coerce(column, BigInteger) - by // MICROSECOND, Moment)
