"""Start a workflow by hand, and wait for runs."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from time import monotonic, sleep

import structlog

from engine.definitions.workflow import Workflow
from engine.errors import Conflict, NotFound
from engine.path.callback import prepared
from engine.path.inputs import checked_inputs
from engine.path.match import new_run
from engine.path.one_by_one import one_by_one
from engine.path.take import started_by
from engine.runtime import Engine
from engine.store import journal, ledger, show, workflows
from engine.store.callbacks import Target
from engine.store.journal import Started
from engine.store.rows import CallbackRow, Run

#: Longest time that a caller can wait for a run to end.
LONGEST_WAIT = timedelta(seconds=60)

_PAUSE = timedelta(milliseconds=20)

log = structlog.get_logger()


def start(engine: Engine, name: str, inputs: Mapping[str, object], callback: Target | None = None) -> Run:
    """Start a run of a workflow's current version by hand; callback: who is told when it has ended.

    Raises:
        NotFound: there is no such workflow (404).
        Conflict: it is disabled, or not to be started by hand (409).
        Invalid: an input is missing, unknown or of another type, or the callback cannot be sent (422).
    """
    workflow = _enabled(engine, name)
    if not workflow.manual:
        raise Conflict(f"the workflow {name!r} is not started by hand: write `manual: true` under `on:` to allow it")
    run = new_run(workflow, engine.clock.now())._replace(inputs=checked_inputs(workflow, inputs))
    told = None if callback is None else prepared(engine, run, callback.url, callback.headers)
    return _begin_first(engine, workflow, run, told)


def start_with(engine: Engine, name: str, event_id: str) -> Run:
    """Start a run of a workflow's current version for a stored event, whatever its condition says of it.

    Raises:
        NotFound: there is no such workflow, or no such event (404).
        Conflict: the workflow is disabled, or waits for none of the events of that trigger (409).
    """
    workflow = _enabled(engine, name)
    event = engine.store.read(ledger.events_of, [event_id]).get(event_id)
    if event is None:
        raise NotFound(f"there is no event {event_id!r}")
    live = engine.published.now().by_id.get(event.trigger_id)
    if live is None or live.trigger.name not in workflow.triggers:
        raise Conflict(f"the event {event_id} is of none of the triggers of the workflow {name!r}")
    return _begin_first(engine, workflow, new_run(workflow, engine.clock.now(), event))


def _begin_first(engine: Engine, workflow: Workflow, run: Run, callback: CallbackRow | None = None) -> Run:
    run = one_by_one(run, workflow, partial(started_by, engine, run), run.queued_at)
    return begin(engine, Started(run, callback=callback))


def _enabled(engine: Engine, name: str) -> Workflow:
    stored = engine.store.read(workflows.find, name)
    if not stored.enabled:
        raise Conflict(f"the workflow {name!r} is disabled: enable it first")
    return engine.published.workflow(name, stored.version)


def begin(engine: Engine, started: Started) -> Run:
    """Write down a run that no match started, and ring for it."""
    run = started.run
    engine.store.submit(journal.start_runs, started).result()
    engine.executor.notify(run.id)
    log.info("run.started", run=run.id, workflow=run.workflow, event_id=run.event_id, rerun_of=run.rerun_of)
    return run


def wait_for(engine: Engine, run_id: str, length: timedelta) -> Run:
    """Return a run when it has ended, or as it is when the time is over.

    Raises:
        NotFound: there is no such run (404).
    """
    deadline = monotonic() + min(length, LONGEST_WAIT).total_seconds()
    while True:
        run = engine.store.read(show.run, run_id)
        if run.finished_at is not None or monotonic() >= deadline:
            return run
        sleep(_PAUSE.total_seconds())
