"""Of the runs of a workflow with one value of ``runs_per``, one has begun and not ended; who came first, goes first."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, exists, or_, select

from engine.store.tables import runs
from engine.words import Outcome, WhenBusy

_other = runs.alias("other")

_before = and_(
    _other.c.workflow == runs.c.workflow,
    _other.c.runs_per == runs.c.runs_per,
    _other.c.finished_at.is_(None),
    _other.c.runs_per.is_not(None),  # tells SQLite that the index on such runs will do
    _other.c.id != runs.c.id,
    or_(_other.c.token > 0, _other.c.id < runs.c.id),
)

#: Says of a run that another with its value has begun, or came before it, and has not ended.
busy = exists().where(_before)


def make_way(connection: Connection, run_ids: Sequence[str]) -> list[tuple[str, Outcome, str]]:
    """Return what has to end before the runs with those ids are claimed, as ``when_busy`` says: (run, outcome, why).

    Where others may write, it locks what it finds: two processes that claim at the same time begin one.
    """
    queued = and_(runs.c.id.in_(run_ids), runs.c.outcome == Outcome.QUEUED, runs.c.runs_per.is_not(None))
    wanted = select(runs.c.id, runs.c.when_busy, _other.c.id).join(_other, _before).where(queued)
    if connection.dialect.name != "sqlite":
        wanted = wanted.with_for_update()
    ends = [_end(*row) for row in connection.execute(wanted.order_by(runs.c.id, _other.c.id))]
    return [end for end in ends if end is not None]


def _end(run_id: str, when_busy: WhenBusy, other: str) -> tuple[str, Outcome, str] | None:
    match when_busy:
        case WhenBusy.SKIP:
            return run_id, Outcome.SKIPPED, f"{other} had not ended, and `when_busy` is `skip`"
        case WhenBusy.REPLACE:
            return other, Outcome.CANCELLED, f"{run_id} came, and its `when_busy` is `replace`"
        case _:
            return None
