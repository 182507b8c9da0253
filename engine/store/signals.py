"""Steps that wait for something from outside their run: a later event, a decision of people, the end of another run.

A step in doubt waits too: for a person to say whether it happened.

What a step waits for is opened in the commit that lets it wait. What has come is a signal: a row that makes the run
due, until the commit that ends the step takes it away. A step takes one, and that its time is over is one too. So a
signal that was posted ends its step, and one that comes too late is refused.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, select, tuple_, update

from engine.store import bulk
from engine.store.rows import Approval, EventWait, Run, Signal
from engine.store.tables import journal, runs, unfinished
from engine.store.waiting_tables import approvals, event_waits, signals
from engine.words import Outcome

#: What a step waits for, as it is written down.
Opening = Approval | EventWait | Run

#: A step: its run and its path.
Spot = tuple[str, str]

#: Outcomes of a run, or a step, that stands still until its time or a signal comes.
STANDING = (Outcome.WAITING, Outcome.INTERRUPTED)

#: The error of a signal that says that nobody has answered in time.
OVER = {"kind": "timeout"}

#: Says of a run that a signal has come for it.
signalled = exists().where(signals.c.run_id == runs.c.id)

_TABLES: Mapping[type[Opening], Table] = {Approval: approvals, EventWait: event_waits, Run: runs}


def begin_waiting(connection: Connection, openings: Iterable[Opening]) -> None:
    """Write down what steps begin to wait for, and runs that they start."""
    found = list(openings)
    for kind in {type(opening) for opening in found}:
        bulk.insert_rows(connection, _TABLES[kind], [opening for opening in found if type(opening) is kind])


def post(connection: Connection, posted: Sequence[Signal]) -> list[bool]:
    """Write down signals; False for one whose step does not wait any more, or has one already."""
    spots = [(signal.run_id, signal.path) for signal in posted]
    lock(connection, {run_id for run_id, _ in spots})
    free = _waiting(connection, spots) - _signalled(connection, spots)
    first = {spot: signal for spot, signal in zip(reversed(spots), reversed(posted), strict=True) if spot in free}
    bulk.insert_rows(connection, signals, list(first.values()))
    return [first.get(spot) is signal for spot, signal in zip(spots, posted, strict=True)]


def lock(connection: Connection, run_ids: Collection[str]) -> None:
    """Keep others from ending steps of the runs until the transaction ends; on SQLite nobody else writes."""
    if connection.dialect.name != "sqlite" and run_ids:
        wanted = select(runs.c.id).where(runs.c.id.in_(run_ids)).order_by(runs.c.id)
        connection.execute(wanted.with_for_update())


def of_runs(connection: Connection, run_ids: Collection[str]) -> Mapping[str, tuple[Signal, ...]]:
    """Return the signals that have come for runs, {run id: (signal, ..)}."""
    found: dict[str, tuple[Signal, ...]] = {}
    wanted = select(signals).where(signals.c.run_id.in_(run_ids))
    for row in connection.execute(wanted).mappings() if run_ids else ():
        found[row["run_id"]] = (*found.get(row["run_id"], ()), Signal(**row))
    return found


def end_waiting(connection: Connection, spots: Collection[Spot], now: datetime) -> None:
    """Forget what steps waited for that have ended: with their signal, or without."""
    if not spots:
        return
    for table in (signals, event_waits):
        connection.execute(delete(table).where(_at(table, spots)))
    asked = update(approvals).where(_at(approvals, spots), approvals.c.closed_at.is_(None))
    connection.execute(asked.values(closed_at=now))


def tell_parents(connection: Connection, ended: Collection[str]) -> None:
    """Post the ends of runs to the steps that wait for them."""
    wanted = select(runs).where(runs.c.id.in_(ended), runs.c.parent_path.is_not(None), runs.c.finished_at.is_not(None))
    post(connection, [_end_of(Run(**row)) for row in connection.execute(wanted.order_by(runs.c.id)).mappings()])


def awaited_runs(connection: Connection, spots: Collection[Spot]) -> list[str]:
    """Return the runs that have not ended and that one of these steps waits for."""
    awaited = tuple_(runs.c.parent_id, runs.c.parent_path).in_(spots)
    return list(connection.scalars(select(runs.c.id).where(awaited, unfinished)))


def _at(table: Table, spots: Collection[Spot]) -> ColumnElement[bool]:
    return tuple_(table.c.run_id, table.c.path).in_(spots)


def _waiting(connection: Connection, spots: Collection[Spot]) -> frozenset[Spot]:
    waits = journal.c.outcome.in_(STANDING)
    wanted = select(journal.c.run_id, journal.c.path).join(runs, runs.c.id == journal.c.run_id)
    found = connection.execute(wanted.where(_at(journal, spots), waits, unfinished)) if spots else ()
    return frozenset((row.run_id, row.path) for row in found)


def _signalled(connection: Connection, spots: Collection[Spot]) -> frozenset[Spot]:
    wanted = select(signals.c.run_id, signals.c.path).where(_at(signals, spots))
    return frozenset((row.run_id, row.path) for row in (connection.execute(wanted) if spots else ()))


def _end_of(run: Run) -> Signal:
    """Return what the end of a run tells the step that waits for it."""
    spot = (run.parent_id or "", run.parent_path or "")
    ended_at = run.finished_at or run.queued_at
    match run.outcome:
        case Outcome.SUCCEEDED:
            return Signal(*spot, run.outputs, None, ended_at)
        case Outcome.STOPPED:
            return Signal(*spot, None, None, ended_at)
    why = f": {run.error['message']}" if run.error else ""
    message = f"the run {run.id} of the workflow {run.workflow!r} ended as {run.outcome}{why}"
    return Signal(*spot, None, {"kind": "failed", "message": message}, ended_at)
