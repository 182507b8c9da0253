"""Notice when a trigger receives nothing for longer than it says is normal, and start what waits for that.

Only time counts in which somebody was there to hear: none of a downtime, and none by which the clock was set.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import structlog

from engine.clock import parse_duration, rfc3339
from engine.path.inputs import default_inputs
from engine.path.match import new_run
from engine.path.one_by_one import one_by_one
from engine.path.scope import trigger_scope
from engine.published import Live
from engine.runtime import Engine
from engine.store import silences
from engine.store.journal import LATER
from engine.store.rows import Run, SilenceRow
from engine.store.silences import Change
from engine.words import TriggerState

#: How often it is written down that somebody is there.
BEAT = timedelta(minutes=1)

#: Nobody was there when that was not written down for so long.
AWAY = BEAT * 1.5

#: What is left of a silence at least when somebody is there again: senders try again what failed meanwhile.
GRACE = timedelta(minutes=5)

log = structlog.get_logger()


def changes(engine: Engine, now: datetime) -> Iterator[Change]:
    """Yield what is to be written now about the triggers that are waited for: those published that say how long."""
    watched = dict(_watched(engine))
    rows = {row.trigger_id: row for row in engine.store.read(silences.all_of)}
    engine.metrics.silent.set(sum(row.raised_at is not None for row in rows.values()))
    for trigger_id in watched.keys() - rows.keys():
        yield Change(trigger_id, None, SilenceRow(trigger_id, now, now, None))
    for trigger_id, row in rows.items():
        if trigger_id not in watched:
            yield Change(trigger_id, row, None)
        elif (change := _change(engine, watched[trigger_id], row, now)) is not None:
            yield change


def told(engine: Engine, change: Change) -> None:
    """Log a silence that was raised, and one that is over."""
    live = engine.published.now().by_id.get(change.trigger_id)
    before, after = change.seen, change.row
    if live is None or before is None or after is None or bool(before.raised_at) == bool(after.raised_at):
        return
    if after.raised_at is None:
        log.info("trigger.heard", trigger=live.trigger.name)
    else:
        runs = [run.id for run in change.runs]
        since = rfc3339(after.since)
        log.warning("trigger.silent", trigger=live.trigger.name, since=since, normal=live.trigger.silence, runs=runs)


def judged(row: SilenceRow, silence: timedelta, heard: datetime | None, now: datetime) -> SilenceRow:
    """Return what a row is at the time; heard: the last delivery that was taken after ``row.since``."""
    since = min(heard or row.since, now)
    raised = row.raised_at if heard is None else None
    away = now - row.seen_at
    if raised is None and away > AWAY:
        since = min(max(since + away, now - silence + GRACE), now)
    elif raised is None and away < -LATER:  # the clock was set back
        since = min((heard or row.since) + away, now)
    if raised is None and since + silence <= now:
        raised = now
    elif raised is not None and since + silence > raised:  # a longer one is normal since then
        raised = None
    return SilenceRow(row.trigger_id, since, now, raised)


def _watched(engine: Engine) -> Iterator[tuple[str, Live]]:
    for live in engine.published.now().by_id.values():
        if live.trigger.silence is not None and live.trigger.state is TriggerState.PUBLISHED:
            yield live.trigger.id, live


def _change(engine: Engine, live: Live, row: SilenceRow, now: datetime) -> Change | None:
    """Return what is to be written about a row; None while there is nothing to see."""
    silence = parse_duration(live.trigger.silence or "")
    seen = -LATER <= now - row.seen_at < BEAT
    if row.raised_at is None and seen and row.since + silence > now:
        return None
    heard = engine.store.read(silences.last_taken, row.trigger_id, row.since, now + LATER)
    after = judged(row, silence, heard, now)
    if row.raised_at is not None and after.raised_at is not None and after.since == row.since:
        return None
    is_new = row.raised_at is None and after.raised_at is not None
    return Change(row.trigger_id, row, after, tuple(_runs(engine, live, now)) if is_new else ())


def _runs(engine: Engine, live: Live, now: datetime) -> Iterator[Run]:
    """Yield a run of each workflow that the trigger's silence starts."""
    scope: Mapping[str, object] = trigger_scope(live.trigger)
    for workflow in engine.published.now().by_name.values():
        if live.trigger.name in workflow.silences:
            run = new_run(workflow, now)._replace(trigger_id=live.trigger.id, inputs=default_inputs(workflow))
            yield one_by_one(run, workflow, lambda: scope, now)
