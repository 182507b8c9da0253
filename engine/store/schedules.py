"""When workflows start next by the clock.

Moving that time on and writing the run are one commit, which one process alone can make.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, or_, select, update

from engine.store import database
from engine.store.rows import Run, ScheduleRow
from engine.store.tables import runs, schedules, workflows


class DueSchedule(NamedTuple):
    """A workflow whose time has come, or comes soon."""

    workflow: str
    version: str
    next_at: datetime


class Turn(NamedTuple):
    """One step of a schedule: from the time that was next to the one that is next now, and the run for it."""

    workflow: str
    seen: datetime
    next_at: datetime
    #: None where the schedule became another one meanwhile, and nothing is due by that.
    run: Run | None


def keep(connection: Connection, workflow: str, schedule: ScheduleRow | None) -> None:
    """Keep the workflow's schedule; one that is the same goes on from where it was. None: it has none any more."""
    if schedule is None:
        connection.execute(delete(schedules).where(schedules.c.workflow == workflow))
        return
    statement = database.insert(connection, schedules).values(schedule._asdict())
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[schedules.c.workflow],
            set_={"cron": new.cron, "timezone": new.timezone, "next_at": new.next_at},
            where=or_(schedules.c.cron != new.cron, schedules.c.timezone != new.timezone),
        )
    )


def due(connection: Connection, until: datetime, limit: int) -> list[DueSchedule]:
    """Return the workflows whose time comes until then, earliest first."""
    wanted = select(schedules.c.workflow, workflows.c.version, schedules.c.next_at)
    wanted = wanted.join(workflows, workflows.c.name == schedules.c.workflow).where(schedules.c.next_at <= until)
    return [DueSchedule(*row) for row in connection.execute(wanted.order_by(schedules.c.next_at).limit(limit))]


def next_times(connection: Connection, names: Sequence[str]) -> dict[str, datetime]:
    """Return when these workflows start next by the clock, as far as they do: {name: time}."""
    wanted = select(schedules.c.workflow, schedules.c.next_at).where(schedules.c.workflow.in_(names))
    return {row.workflow: row.next_at for row in connection.execute(wanted)}


def take_turns(connection: Connection, turns: Sequence[Turn]) -> list[bool]:
    """Move schedules on and write the runs; False for a turn that another process took, or a time that had its run."""
    return [_take_turn(connection, turn) for turn in turns]


def _take_turn(connection: Connection, turn: Turn) -> bool:
    is_next = update(schedules).where(schedules.c.workflow == turn.workflow, schedules.c.next_at == turn.seen)
    if not connection.execute(is_next.values(next_at=turn.next_at)).rowcount or turn.run is None:
        return False
    written = database.insert(connection, runs).values(turn.run._asdict()).on_conflict_do_nothing()
    return connection.scalar(written.returning(runs.c.id)) is not None
