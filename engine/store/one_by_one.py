"""Of the runs of a workflow with one value of ``runs_per``, one has begun and not ended; who came first, goes first."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from engine.store import database
from engine.store.rows import Run
from engine.store.tables import runs, unfinished
from engine.words import Outcome, WhenBusy

_other = runs.alias("other")


class MadeWay(NamedTuple):
    """A run that ends because of another with its value; asked: the run whose claim decided it."""

    asked: str
    run_id: str
    outcome: Outcome
    message: str


_before = and_(
    _other.c.workflow == runs.c.workflow,
    _other.c.runs_per == runs.c.runs_per,
    _other.c.finished_at.is_(None),
    _other.c.runs_per.is_not(None),  # tells SQLite that the index on such runs will do
    _other.c.id != runs.c.id,
    or_(_other.c.token > 0, _other.c.id < runs.c.id),
)

#: Says of a queued run that none with its value has begun, or came before it, and has not ended.
free = or_(runs.c.runs_per.is_(None), ~exists().where(_before))

#: Says of a run that its claim decides what becomes of it, whether it is free or not.
undecided = and_(runs.c.outcome == Outcome.QUEUED, runs.c.when_busy.in_([WhenBusy.SKIP, WhenBusy.REPLACE]))


def make_way(connection: Connection, run_ids: Sequence[str]) -> list[MadeWay]:
    """Return what has to end before the runs with those ids are claimed, as ``when_busy`` says.

    Where others may write, it locks the values until the claim is committed: two processes begin one run of them.
    """
    queued = and_(runs.c.id.in_(run_ids), runs.c.outcome == Outcome.QUEUED, runs.c.runs_per.is_not(None))
    if connection.dialect.name != "sqlite":
        _lock(connection, queued)
    wanted = select(runs.c.id, runs.c.when_busy, _other.c.id).join(_other, _before).where(queued)
    ends = [_end(*row) for row in connection.execute(wanted.order_by(runs.c.id, _other.c.id))]
    return [end for end in ends if end is not None]


def cycle_above(connection: Connection, child: Run) -> str | None:
    """Return the run with a new one's value that waits for its end, over however many others; None when none does."""
    above = child
    while child.runs_per is not None and above.parent_path is not None:
        row = connection.execute(select(runs).where(runs.c.id == above.parent_id)).mappings().one_or_none()
        if row is None:
            return None
        above = Run(**row)
        if (above.workflow, above.runs_per) == (child.workflow, child.runs_per):
            return above.id
    return None


def next_of(connection: Connection, run: Run) -> str | None:
    """Return the run whose turn it is when this one has ended; None when none waits for it."""
    same = and_(runs.c.workflow == run.workflow, runs.c.runs_per == run.runs_per, runs.c.outcome == Outcome.QUEUED)
    wanted = select(runs.c.id).where(same, unfinished, runs.c.runs_per.is_not(None))
    return connection.scalar(wanted.order_by(runs.c.id).limit(1))


def _lock(connection: Connection, queued: ColumnElement[bool]) -> None:
    values = select(func.concat(runs.c.workflow, " ", runs.c.runs_per)).where(queued).distinct()
    for value in sorted(connection.scalars(values)):  # sorted, so that two processes never wait for each other
        database.wait_for_turn(connection, value)


def _end(run_id: str, when_busy: WhenBusy, other: str) -> MadeWay | None:
    match when_busy:
        case WhenBusy.SKIP:
            words = f"{other} had not ended, and the workflow says to skip then"
            return MadeWay(run_id, run_id, Outcome.SKIPPED, words)
        case WhenBusy.REPLACE:
            return MadeWay(run_id, other, Outcome.CANCELLED, f"{run_id} took its place, as the workflow says")
        case _:
            return None
