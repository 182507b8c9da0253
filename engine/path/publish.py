"""Publish, pause and resume triggers."""

from collections.abc import Mapping
from datetime import timedelta
from time import monotonic, sleep

import structlog

from engine.errors import Conflict
from engine.path.release import release
from engine.path.shown import Shown, show
from engine.runtime import Engine
from engine.store import event_waits, held, triggers
from engine.store.rows import Trigger
from engine.words import Held, TriggerState

#: Held matches that are read, and decided in one commit.
BATCH = 200

#: How long resuming waits for events that came in before it and are not matched yet: the sweep finds them by then.
PATIENCE = timedelta(seconds=10)
_PAUSE = timedelta(milliseconds=50)

log = structlog.get_logger()


def publish(engine: Engine, name: str) -> Shown:
    """Let a trigger start workflows.

    Raises:
        NotFound: there is none (404).
        Conflict: it is paused (409).
    """
    trigger = engine.store.read(triggers.find, name)
    if trigger.state is TriggerState.PAUSED:
        raise Conflict(f"{trigger.name} is paused: resume it, and say what becomes of what it holds")
    return _move(engine, trigger, TriggerState.PUBLISHED)


def pause(engine: Engine, name: str) -> Shown:
    """Let a trigger go on receiving and hold what would run.

    Raises:
        NotFound: there is none (404).
        Conflict: it is not published (409).
    """
    trigger = engine.store.read(triggers.find, name)
    if trigger.state is TriggerState.DRAFT:
        raise Conflict(f"{trigger.name} is not published: there is nothing to pause")
    return _move(engine, trigger, TriggerState.PAUSED)


def resume(engine: Engine, name: str, decision: Held) -> tuple[Shown, list[str]]:
    """Publish a paused trigger again, decide about everything that it held, and return the runs that started.

    It can be called again, as after a crash in the middle: what was decided stays decided. What comes in while this
    works may run, whatever the decision: only what was answered before is sure to have been held.

    Raises:
        NotFound: there is none (404).
        Conflict: it was never published (409).
    """
    trigger = engine.store.read(triggers.find, name)
    if trigger.state is TriggerState.DRAFT:
        raise Conflict(f"{trigger.name} is not published: publish it instead")
    _await_answers(engine, trigger)  # what is matched when the pause has ended runs, and is not told: let it be held
    if decision is Held.SKIP:
        _release_all(engine, trigger, decision)  # so that what steps look back at then is decided
    engine.store.write(held.decide_rest, trigger.id, decision, engine.clock.now())
    shown = _move(engine, trigger, TriggerState.PUBLISHED)
    sleep(engine.published.unseen())  # until then another host goes on holding
    runs = _release_all(engine, trigger, decision)
    _await_answers(engine, trigger)
    runs += _release_all(engine, trigger, decision)
    if decision is Held.RUN:
        engine.store.write(event_waits.look_again, trigger.id)
    return shown, runs


def _move(engine: Engine, trigger: Trigger, state: TriggerState) -> Shown:
    if trigger.state is not state:
        columns: Mapping[str, object] = {"state": state}
        engine.store.write(triggers.change, trigger.id, columns, engine.clock.now())
        engine.published.refresh()
        log.info("trigger.moved", trigger=trigger.name, state=str(state))
    return show(engine, trigger.id)


def _await_answers(engine: Engine, trigger: Trigger) -> None:
    """Wait until nothing that the pause took is unmatched."""
    deadline = monotonic() + PATIENCE.total_seconds()
    while engine.store.read(held.unasked, trigger.id) and monotonic() < deadline:
        sleep(_PAUSE.total_seconds())


def _release_all(engine: Engine, trigger: Trigger, decision: Held) -> list[str]:
    runs: list[str] = []
    last = "", ""
    while matches := engine.store.read(held.of_pause, trigger.id, BATCH, last):
        last = matches[-1].event_id, matches[-1].workflow
        runs += release(engine, matches, decision)
    return runs
