"""Which runs may be claimed now, and whose turn it is: workflows take turns, so many runs of one hold up no other."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    union_all,
)

from engine.store import database, ledger, one_by_one
from engine.store.signals import STANDING
from engine.store.tables import events, queued, runs, unfinished
from engine.store.waiting_tables import signals
from engine.words import Outcome


class Due(NamedTuple):
    """A run that may be claimed."""

    id: str
    workflow: str


def due(connection: Connection, now: datetime, limit: int) -> list[Due]:
    """Return runs that may be claimed: the sweep's work list. A claim asks for each of them once more.

    First the oldest of each workflow, then the second of each, and so on. Each kind has its index: what waits costs
    nothing before it is due, and what is queued nothing before it is among the oldest of its workflow.
    """
    found = [*_queued(connection, limit), *_others(connection, now, limit)]
    before: Counter[str] = Counter()
    turns: list[tuple[int, Due]] = []
    for one in sorted(found):
        turns.append((before[one.workflow], one))
        before[one.workflow] += 1
    return [one for _, one in sorted(turns)[:limit]]


def octets_of(connection: Connection, run_ids: Collection[str]) -> dict[str, int]:
    """Return how many bytes of data the events have that started runs: {run id: number}, without those by hand."""
    started = runs.join(ledger.EVENT_SOURCE, events.c.id == runs.c.event_id)
    wanted = select(runs.c.id, ledger.OCTETS).select_from(started).where(runs.c.id.in_(run_ids))
    return {row.id: row.octets for row in connection.execute(wanted)}


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next waiting run is due after now; None when none has a time."""
    clock = database.lease_clock(connection, now)
    wanted = select(runs.c.due_at).where(unfinished, runs.c.due_at > clock)
    return connection.scalar(wanted.order_by(runs.c.due_at).limit(1))


def _queued(connection: Connection, limit: int) -> Iterator[Due]:
    """Yield the oldest queued runs of each workflow, so many of each."""
    name = ""
    while name := connection.scalar(_NEXT_QUEUED, {"name": name}):
        yield from (Due(id_, name) for id_ in connection.scalars(_OLDEST_QUEUED, {"name": name, "most": limit}))


def _others(connection: Connection, now: datetime, limit: int) -> Iterator[Due]:
    """Yield the runs that are due without being queued: so many, in turns."""
    # Materialized: else SQLite reads each kind in the order of the turns, by an index on all runs.
    found = union_all(*_kinds(database.lease_clock(connection, now))).cte("found").prefix_with("MATERIALIZED")
    turn = func.row_number().over(partition_by=found.c.workflow, order_by=found.c.id)
    taken = select(found.c.id, found.c.workflow).order_by(turn, found.c.id).limit(limit)
    return (Due(*row) for row in connection.execute(taken))


def _kinds(clock: ColumnElement[datetime]) -> list[Select[tuple[str, str]]]:
    """Return the ways in which a run that is not queued can be due, which have no run in common."""
    # Not by the column itself: SQLite would look through all that waits, by the index on outcomes.
    waited = and_(runs.c.outcome.concat("").in_(STANDING), runs.c.due_at <= clock)
    answered = and_(runs.c.outcome.in_(STANDING), or_(runs.c.due_at.is_(None), runs.c.due_at > clock))
    signalled = runs.c.id.in_(select(signals.c.run_id))
    left = and_(runs.c.outcome == Outcome.RUNNING, runs.c.lease_until <= clock)
    chosen = select(runs.c.id, runs.c.workflow).where(unfinished)
    return [chosen.where(waited), chosen.where(signalled, answered), chosen.where(left)]


#: The first workflow after a name that has queued runs, and the oldest of a workflow's that may be claimed.
_NEXT_QUEUED = select(func.min(runs.c.workflow)).where(queued, runs.c.workflow > bindparam("name"))
_OLDEST_QUEUED = (
    select(runs.c.id)
    .where(queued, runs.c.workflow == bindparam("name"), or_(one_by_one.free, one_by_one.undecided))
    .order_by(runs.c.id)
    .limit(bindparam("most", type_=Integer))
)
