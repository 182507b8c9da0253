"""Take over a claimed run, or begin one: find its workflow and what started it, and stand where its journal says."""

from collections.abc import Sequence
from functools import partial

from engine.definitions.workflow import Workflow
from engine.errors import NotFound
from engine.path.match import Start
from engine.path.opening import opening
from engine.path.run import Progress, Walk
from engine.path.scope import Scope, event_scope, named, parsed, run_scope, trigger_scope
from engine.runtime import Engine
from engine.store import ledger, triggers
from engine.store.journal import LEASE, Advance, Claimed
from engine.store.rows import Entry, Event, Run
from engine.store.signals import STANDING
from engine.words import Outcome


def take(engine: Engine, claimed: Claimed) -> Walk:
    """Return the walk of a claimed run.

    Raises:
        NotFound: its workflow version or its event is not there any more.
    """
    run = claimed.run
    workflow = engine.published.workflow(run.workflow, run.version)
    scope = started_by(engine, run) if claimed.event is None else _scope_of(engine, claimed.event)
    return stand(engine, workflow, run, scope, claimed.entries)


def stand(engine: Engine, workflow: Workflow, run: Run, started_by: Scope, entries: Sequence[Entry] = ()) -> Walk:
    """Return the walk of a run of ours that stands where its journal says; started_by: what started it, as below."""
    scope = run_scope(started_by, workflow, run)
    opener = partial(opening, engine.published)
    return Walk(workflow, run, engine.actions, scope, entries, opener, engine.settings.bounds)


def begin(engine: Engine, start: Start) -> tuple[Walk, Run, Progress]:
    """Return a run that is ours from the first: its walk, its row as it is written, and how far it is."""
    now = engine.clock.now()
    run = start.run.begun(now, now + LEASE)
    walk = stand(engine, start.workflow, run, start.scope)
    progress = walk.advance(now)
    standing = progress.advance
    if standing.outcome is Outcome.RUNNING:
        return walk, run, progress
    row = run._replace(
        outcome=standing.outcome,
        due_at=standing.due_at,
        finished_at=standing.finished_at,
        error=standing.error,
        outputs=standing.outputs,
    )
    return walk, row, progress


def untakable(engine: Engine, claimed: Claimed, error: NotFound) -> Advance:
    """Return the end of a run that cannot go on."""
    run, came = claimed.run, tuple(signal.path for signal in claimed.signals)
    return Advance(
        run.id,
        run.token,
        Outcome.FAILED,
        (),
        finished_at=engine.clock.now(),
        error={"step": None, "kind": "invalid", "message": error.detail},
        signalled=came,
        given_up=tuple(entry.path for entry in claimed.entries if entry.outcome in STANDING and entry.path not in came),
        is_child=run.parent_path is not None,
    )


def started_by(engine: Engine, run: Run) -> Scope:
    """Return what may be named of the event, or of the silent trigger, that starts a run; empty when none does.

    A trigger that was deleted since cannot be named any more, but for its id.

    Raises:
        NotFound: the event is not there any more.
    """
    if run.event_id is None:
        return {} if run.trigger_id is None else _silent(engine, run.trigger_id)
    event = engine.store.read(ledger.events_of, [run.event_id]).get(run.event_id)
    if event is None:
        raise NotFound("the event that started it was deleted")
    return _scope_of(engine, event)


def _scope_of(engine: Engine, event: Event) -> Scope:
    live = engine.published.now().by_id.get(event.trigger_id)
    try:
        trigger = live.trigger if live else engine.store.read(triggers.find, event.trigger_id)  # it may be broken
    except NotFound:
        return {"event": named(event, parsed(event)), "trigger": {"id": event.trigger_id}}
    return event_scope(event, trigger, parsed(event))


def _silent(engine: Engine, trigger_id: str) -> Scope:
    try:
        return trigger_scope(engine.store.read(triggers.find, trigger_id))
    except NotFound:
        return {"trigger": {"id": trigger_id}}
