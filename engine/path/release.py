"""Decide about what is held: let it run, or skip it. The ledger keeps the match and gains the decision."""

from collections.abc import Sequence
from functools import partial

import structlog

from engine.errors import NotFound
from engine.path.match import new_run
from engine.path.one_by_one import one_by_one
from engine.path.take import started_by
from engine.runtime import Engine
from engine.store import held, journal, ledger
from engine.store.journal import Matched
from engine.store.rows import Event, Match, Run
from engine.words import Held

log = structlog.get_logger()


def release(engine: Engine, matches: Sequence[Match], decision: Held) -> list[str]:
    """Decide about held matches, in order, and return the runs that started; one that was decided before stays so."""
    found = engine.store.read(ledger.events_of, {match.event_id for match in matches})
    runs = [_release(engine, match, found[match.event_id], decision) for match in matches]
    return [run_id for run_id in runs if run_id is not None]


def release_event(engine: Engine, event_id: str, decision: Held) -> list[str]:
    """Decide about everything that is held of one event, and return the runs that started.

    Raises:
        NotFound: there is no such event (404).
    """
    if not engine.store.read(ledger.events_of, [event_id]):
        raise NotFound(f"there is no event {event_id!r}")
    return release(engine, engine.store.read(held.of_event, event_id), decision)


def _release(engine: Engine, match: Match, event: Event, decision: Held) -> str | None:
    now = engine.clock.now()
    runs = _runs(engine, match, event) if decision is Held.RUN else ()
    match = match._replace(run_id=runs[0].id if runs else None)
    if not engine.store.write(journal.release, Matched(event.id, now, (match,), runs), Held.RUN if runs else Held.SKIP):
        return None
    log.info("match.released", event_id=event.id, workflow=match.workflow, decision=str(decision), run=match.run_id)
    if match.run_id is not None:
        engine.executor.notify(match.run_id)
    return match.run_id


def _runs(engine: Engine, match: Match, event: Event) -> tuple[Run, ...]:
    """Return the run of the version that answered; none where this Wink cannot read it any more, which is logged."""
    try:
        workflow = engine.published.workflow(match.workflow, match.version)
    except NotFound as error:
        log.error("match.released_in_vain", event_id=event.id, workflow=match.workflow, error=error.detail)
        return ()
    run = new_run(workflow, engine.clock.now(), event)
    return (one_by_one(run, workflow, partial(started_by, engine, run), run.queued_at),)
