"""Since when triggers have received nothing, as far as they say how long that is normal.

Raising a silence and writing the runs that it starts are one commit, which one process alone can make.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select, update

from engine.store import database
from engine.store.rows import Run, SilenceRow
from engine.store.tables import deliveries, runs
from engine.store.trigger_tables import silences
from engine.words import Verdict

#: What a delivery comes to that breaks a silence: its sender was proven, and it was of use.
_TAKEN = (Verdict.ACCEPTED, Verdict.DUPLICATE, Verdict.SAMPLED, Verdict.QUARANTINED)

#: Deliveries that are looked at, newest first; of refused ones, no more than a fifth as many are kept of an hour.
_LOOKED_AT = 1_000


class Change(NamedTuple):
    """What becomes of a trigger's row: seen, as it was read; row, what it is from now on; None: there is none."""

    trigger_id: str
    seen: SilenceRow | None
    row: SilenceRow | None
    #: Those that its silence starts.
    runs: tuple[Run, ...] = ()


def all_of(connection: Connection) -> list[SilenceRow]:
    """Return the row of every trigger that is waited for."""
    return [SilenceRow(**row) for row in connection.execute(select(silences)).mappings()]


def raised_of(connection: Connection, trigger_id: str) -> datetime | None:
    """Return since when a trigger is silent for too long; None where it is not."""
    is_raised = silences.c.trigger_id == trigger_id, silences.c.raised_at.is_not(None)
    return connection.scalar(select(silences.c.since).where(*is_raised))


def last_taken(connection: Connection, trigger_id: str, since: datetime, until: datetime) -> datetime | None:
    """Return when the trigger took its last delivery of that time; None where it took none."""
    newest = select(deliveries.c.received_at, deliveries.c.verdict).where(deliveries.c.trigger_id == trigger_id)
    looked = newest.order_by(deliveries.c.id.desc()).limit(_LOOKED_AT).subquery()
    within = looked.c.received_at > since, looked.c.received_at <= until
    last: datetime | None = connection.scalar(
        select(func.max(looked.c.received_at)).where(*within, looked.c.verdict.in_(_TAKEN))
    )
    return last


def keep(connection: Connection, changes: Sequence[Change]) -> list[bool]:
    """Write what becomes of the rows; False for one that another process changed meanwhile: nothing is written."""
    return [_keep(connection, change) for change in changes]


def _keep(connection: Connection, change: Change) -> bool:
    row, seen = change.row, change.seen
    if seen is None:
        if row is not None:
            connection.execute(database.insert(connection, silences).on_conflict_do_nothing(), row._asdict())
        return row is not None
    same = [column == getattr(seen, column.name) for column in silences.c]  # with None it is IS NULL
    if row is None:
        return bool(connection.execute(delete(silences).where(*same)).rowcount)
    if not connection.execute(update(silences).where(*same).values(row._asdict())).rowcount:
        return False
    if change.runs:
        connection.execute(database.insert(connection, runs), [run._asdict() for run in change.runs])
    return True
