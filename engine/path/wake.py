"""Find the steps that wait for an event, and the events that came before a step waited for them.

An event of a trigger that somebody waits for is asked about after it was matched, which is on disk before: a crash
forgets none. One that was matched before the step's wait was on disk is found by looking back: at once, and again when
no process can know of the trigger any more that nobody waits for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from engine.path.correlation import fits, key_of
from engine.path.match import ends_waits
from engine.path.scope import Scope, event_scope, parsed
from engine.published import Live, Snapshot
from engine.runtime import Engine
from engine.store import event_waits, ledger
from engine.store.event_waits import Correlated, LookedBack, Spot
from engine.store.rows import Event, EventWait, Signal
from engine.words import TriggerState

#: How long after the start of a wait a process may still take the trigger for one that nobody waits for.
UNAWARE = timedelta(seconds=10)

#: Events, or waiting steps, that are looked at together.
PAGE = 200


def correlate(engine: Engine, event_id: str, after: Spot) -> Correlated:
    """Ask the next :data:`PAGE` of the steps that wait for events of its trigger about one.

    after: who was asked before. An event that is gone, or whose trigger is, is nobody's.
    """
    snapshot, now = engine.published.now(), engine.clock.now()
    event = engine.store.read(ledger.events_of, [event_id]).get(event_id)
    live = snapshot.by_id.get(event.trigger_id) if event else None
    if event is None or live is None:
        return Correlated(event_id, ())
    scope = event_scope(event, live.trigger, parsed(event))
    waits = list(islice(_with_its_keys(engine, live, scope, after, now), PAGE))
    told = tuple(_signal(wait, scope, now) for wait in waits if fits(wait, event, scope, now))
    last = Spot(waits[-1].key_of, waits[-1].run_id, waits[-1].path) if len(waits) == PAGE else None
    return Correlated(event_id, told, last)


def _with_its_keys(engine: Engine, live: Live, scope: Scope, after: Spot, now: datetime) -> Iterator[EventWait]:
    """Yield the steps that wait for an event with the keys that it has, in their order."""
    for name in engine.store.read(event_waits.keys_of, live.trigger.id):
        key = key_of(name, scope, now) if name else ""
        if key is not None and name >= after.key_of:
            begin = after if name == after.key_of else Spot(name)
            yield from engine.store.read(event_waits.with_key, live.trigger.id, key, begin, PAGE)


def look_back(engine: Engine, waits: Sequence[EventWait]) -> list[LookedBack]:
    """Look through the events that came before the steps' waits were on disk."""
    snapshot, now = engine.published.now(), engine.clock.now()
    by_trigger: dict[str, list[EventWait]] = {}
    for wait in waits:
        by_trigger.setdefault(wait.trigger_id, []).append(wait)
    return [
        looked
        for trigger_id, some in by_trigger.items()
        for looked in _looked_back(engine, snapshot, trigger_id, some, now)
    ]


def _looked_back(
    engine: Engine, snapshot: Snapshot, trigger_id: str, waits: Sequence[EventWait], now: datetime
) -> Iterator[LookedBack]:
    live = snapshot.by_id.get(trigger_id)
    if live is None:
        yield from () if trigger_id in snapshot.broken_ids else (_in_vain(wait, now) for wait in waits)
        return
    open_, told = {(wait.run_id, wait.path): wait for wait in waits}, {}
    for event, scope in _arrived(engine, live, min(wait.since for wait in waits), now):
        for spot in [spot for spot, wait in open_.items() if fits(wait, event, scope, now)]:
            told[spot] = _signal(open_.pop(spot), scope, now), event.id
        if not open_:
            break
    for wait in waits:
        signal, event_id = told.get((wait.run_id, wait.path), (None, None))
        yield LookedBack(wait, signal, _is_done(snapshot, live, wait, now), _seen(live, wait, now), event_id)


def _in_vain(wait: EventWait, now: datetime) -> LookedBack:
    """Tell a step that its trigger was deleted: no event of it will come."""
    error = {"kind": "failed", "message": "the trigger whose event it waited for was deleted"}
    return LookedBack(wait, Signal(wait.run_id, wait.path, None, error, now), done=True, since=wait.since)


def _arrived(engine: Engine, live: Live, since: datetime, now: datetime) -> Iterator[tuple[Event, Scope]]:
    """Yield the events that can end waits; about one that nobody was asked about yet, its trigger is asked here too."""
    after = ""
    while page := engine.store.read(event_waits.arrived, live.trigger.id, since, after, PAGE):
        scoped = ((event, event_scope(event, live.trigger, parsed(event))) for event in page)
        yield from ((event, scope) for event, scope in scoped if ends_waits(event, live, scope, now))
        after = page[-1].id


def _seen(live: Live, wait: EventWait, now: datetime) -> datetime:
    """Return from when on events have to be looked at again; what a pause holds comes into question when it ends."""
    return wait.since if live.trigger.state is TriggerState.PAUSED else max(wait.since, now - UNAWARE)


def _is_done(snapshot: Snapshot, live: Live, wait: EventWait, now: datetime) -> bool:
    """Tell whether every process correlates what comes: a published workflow waits for such events, for long enough."""
    return live.trigger.name in snapshot.awaited and now - wait.created_at >= UNAWARE


def _signal(wait: EventWait, scope: Mapping[str, object], now: datetime) -> Signal:
    return Signal(wait.run_id, wait.path, scope["event"], None, now)
