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
    """Decide about held matches in one commit, and return the runs that started; what was decided before stays so."""
    found = engine.store.read(ledger.heads_of, {match.event_id for match in matches})
    items = [_decided(engine, match, found[match.event_id], decision) for match in matches]
    released = engine.store.write(journal.release, items)
    for (match,) in [item.matches for item in released]:
        said = {"event_id": match.event_id, "workflow": match.workflow, "run": match.run_id}
        log.info("match.released", decision=str(decision), **said)
    started = [run.id for item in released for run in item.runs]
    for run_id in started:
        engine.executor.notify(run_id)
    return started


def release_event(engine: Engine, event_id: str, decision: Held) -> list[str]:
    """Decide about everything that is held of one event, and return the runs that started.

    Raises:
        NotFound: there is no such event (404).
    """
    if not engine.store.read(ledger.heads_of, [event_id]):
        raise NotFound(f"there is no event {event_id!r}")
    return release(engine, engine.store.read(held.of_event, event_id), decision)


def _decided(engine: Engine, match: Match, event: Event, decision: Held) -> Matched:
    runs = _runs(engine, match, event) if decision is Held.RUN else ()
    return Matched(event.id, engine.clock.now(), (match._replace(run_id=runs[0].id if runs else None),), runs)


def _runs(engine: Engine, match: Match, event: Event) -> tuple[Run, ...]:
    """Return the run of the version that answered; none where this Wink cannot read it any more, which is logged."""
    try:
        workflow = engine.published.workflow(match.workflow, match.version)
    except NotFound as error:
        log.error("match.released_in_vain", event_id=event.id, workflow=match.workflow, error=error.detail)
        return ()
    run = new_run(workflow, engine.clock.now(), event)
    return (one_by_one(run, workflow, partial(started_by, engine, run), run.queued_at),)
