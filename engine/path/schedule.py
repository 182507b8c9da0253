"""Start workflows by the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from engine.clock import rfc3339
from engine.definitions.workflow import Workflow
from engine.errors import NotFound
from engine.path.inputs import default_inputs
from engine.path.match import new_run
from engine.path.one_by_one import one_by_one
from engine.runtime import Engine
from engine.store import schedules
from engine.store.rows import ScheduleRow
from engine.store.schedules import Turn

#: A run that starts this much after its time is late: the time was missed.
LATE = timedelta(minutes=1)

#: Schedules that are looked at together.
MOST_DUE = 100
#: Schedules that are looked at when the clock was set back; any beyond stay at the time at which they stand.
MOST_SCHEDULES = 10_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Due:
    """Turns to take now, and the times soon at which to look again."""

    turns: Sequence[Turn]
    soon: Sequence[datetime]


def first_time(workflow: Workflow, now: datetime) -> ScheduleRow | None:
    """Return the schedule of a workflow that begins now; None where it has none."""
    if workflow.schedule is None:
        return None
    schedule = workflow.schedule
    return ScheduleRow(workflow.identity, schedule.cron, schedule.timezone, schedule.after(now))


def due(engine: Engine, now: datetime, ahead: timedelta) -> Due:
    """Look which workflows are to be started by the clock; ahead: how long it is until somebody looks again.

    Of several times that passed while nobody was there, the last one starts a run, which says how many it makes up for.
    """
    found = engine.store.read(schedules.due, now + ahead, MOST_DUE)
    turns = [turn for each in found if each.next_at <= now and (turn := _turn(engine, each, now))]
    return Due(turns, sorted({each.next_at for each in found if each.next_at > now}))


def begin_anew(engine: Engine, now: datetime) -> list[Turn]:
    """Return what moves schedules to their next time where they stand at a later one: the clock was set back since.

    A time that had its run has no second one.
    """
    found = engine.store.read(schedules.due, datetime.max.replace(tzinfo=UTC), MOST_SCHEDULES)
    nexts = [(each, _next(engine, each, now)) for each in found if each.next_at > now]
    return [Turn(each.workflow, each.next_at, time, None) for each, time in nexts if time and time < each.next_at]


def _next(engine: Engine, each: schedules.DueSchedule, now: datetime) -> datetime | None:
    try:
        schedule = engine.published.workflow(each.workflow, each.version).schedule
    except NotFound:  # its text cannot be read now, which was told; the time stays
        return None
    return None if schedule is None else schedule.after(now)


def _turn(engine: Engine, due: schedules.DueSchedule, now: datetime) -> Turn | None:
    try:
        workflow = engine.published.workflow(due.workflow, due.version)
    except NotFound:  # its text cannot be read now, which was told; the time waits
        return None
    schedule = workflow.schedule
    if schedule is None:
        return None
    time = schedule.last(due.next_at, now)
    if time is None:  # the schedule became another one meanwhile
        return Turn(due.workflow, due.next_at, schedule.after(now), None)
    passed = schedule.count(due.next_at, time)
    missed = passed if now - time > LATE else passed - 1
    run = new_run(workflow, now)._replace(inputs=default_inputs(workflow), scheduled_for=time, missed=missed)
    return Turn(due.workflow, due.next_at, schedule.after(now), one_by_one(run, workflow, dict, now))


def told(turn: Turn) -> None:
    """Log a run that was started by the clock."""
    if (run := turn.run) is not None:
        time = run.scheduled_for and rfc3339(run.scheduled_for)
        log.info("run.started", run=run.id, workflow=run.workflow, scheduled_for=time, missed=run.missed)
