"""Callbacks: who is told when a run has ended.

One process makes each attempt: whoever begins it moves the time of the next one on.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from engine.store.rows import CallbackRow
from engine.store.secrets import Cipher
from engine.store.tables import callbacks, runs

#: How long an attempt may take with all around it; one whose process died is made again then.
HOLD = timedelta(minutes=2)


class Target(NamedTuple):
    """Where a callback goes: its secret part."""

    url: str
    headers: Mapping[str, str]


class Told(NamedTuple):
    """What an attempt came to; next_at: of the next one, None where there is none."""

    run_id: str
    attempts: int
    next_at: datetime | None
    finished_at: datetime | None
    delivered: bool
    error: str | None


def new(cipher: Cipher, run_id: str, target: Target, origin: str, now: datetime) -> CallbackRow:
    """Return a callback as it is written with its run; origin: what of the address may be shown."""
    sealed = cipher.seal(json.dumps(target._asdict()), _place(run_id))
    return CallbackRow(run_id, origin, sealed, 0, now, None, delivered=False, error=None)


def opened(cipher: Cipher, row: CallbackRow) -> Target:
    """Return where a callback goes.

    Raises:
        SettingsError: it was sealed with another key.
    """
    return Target(**json.loads(cipher.open(row.sealed, _place(row.run_id))))


def of(connection: Connection, run_id: str) -> CallbackRow | None:
    """Return the callback of a run; None where nobody asked for one."""
    row = connection.execute(select(callbacks).where(callbacks.c.run_id == run_id)).first()
    return None if row is None else CallbackRow(*row)


def due(connection: Connection, now: datetime, limit: int) -> list[CallbackRow]:
    """Return callbacks whose run has ended and whose next attempt is due, oldest first."""
    wanted = select(callbacks).join(runs, runs.c.id == callbacks.c.run_id)
    wanted = wanted.where(callbacks.c.next_at <= now, runs.c.finished_at.is_not(None))
    return [CallbackRow(*row) for row in connection.execute(wanted.order_by(callbacks.c.next_at).limit(limit))]


def begin(connection: Connection, row: CallbackRow, now: datetime) -> bool:
    """Begin the next attempt; False where another process did."""
    seen = update(callbacks).where(callbacks.c.run_id == row.run_id, callbacks.c.next_at == row.next_at)
    begun = seen.where(callbacks.c.attempts == row.attempts).values(attempts=row.attempts + 1, next_at=now + HOLD)
    return connection.execute(begun).rowcount > 0


def settle(connection: Connection, told: Told) -> None:
    """Write what an attempt came to; after the last one, address and headers are forgotten."""
    ours = update(callbacks).where(callbacks.c.run_id == told.run_id, callbacks.c.attempts == told.attempts)
    values: dict[str, object] = {
        "next_at": told.next_at,
        "finished_at": told.finished_at,
        "delivered": told.delivered,
        "error": told.error,
    }
    if told.next_at is None:
        values["sealed"] = b""
    connection.execute(ours.values(values))


def _place(run_id: str) -> str:
    return f"callbacks/{run_id}/sealed"
