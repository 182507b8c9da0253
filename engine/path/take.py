"""Take over a claimed run: find its workflow and what started it, and stand where its journal says."""

from engine.errors import NotFound
from engine.path.run import Walk
from engine.path.scope import Scope, event_scope, parsed, run_scope
from engine.runtime import Engine
from engine.store import ledger, triggers
from engine.store.journal import Advance, Claimed
from engine.store.rows import Run
from engine.words import Outcome


def take(engine: Engine, claimed: Claimed) -> Walk:
    """Return the walk of a claimed run.

    Raises:
        NotFound: its workflow version, its event or its trigger is not there any more.
    """
    run = claimed.run
    workflow = engine.published.workflow(run.workflow, run.version)
    scope = run_scope(started_by(engine, run), workflow, run)
    return Walk(workflow, run, engine.actions, scope, claimed.entries)


def untakable(engine: Engine, run: Run, error: NotFound) -> Advance:
    """Return the end of a run that cannot go on."""
    reason = {"step": None, "kind": "invalid", "message": error.detail}
    return Advance(run.id, run.token, Outcome.FAILED, (), finished_at=engine.clock.now(), error=reason)


def started_by(engine: Engine, run: Run) -> Scope:
    """Return what may be named of the event that starts a run; empty when none does.

    Raises:
        NotFound: the event or its trigger is not there any more.
    """
    if run.event_id is None:
        return {}
    event = engine.store.read(ledger.events_of, [run.event_id]).get(run.event_id)
    if event is None:
        raise NotFound("the event that started it was deleted")
    trigger = engine.store.read(triggers.find, run.trigger_id or "")  # also one that cannot be compiled at present
    return event_scope(event, trigger, parsed(event))
