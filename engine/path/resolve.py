"""A person decides about a step of which nobody knows whether it happened before a crash.

The decision is a signal for the step, which waits for it as others wait for an approval: see :mod:`engine.path.doubt`.
"""

import structlog

from engine.bounds import unkeepable
from engine.errors import Invalid
from engine.path.access import Holder
from engine.runtime import Engine
from engine.store import doubts
from engine.store.rows import Signal
from engine.store.signals import Spot
from engine.words import Resolution

log = structlog.get_logger()


def resolve(engine: Engine, spot: Spot, decision: Resolution, *, by: Holder, output: object = None) -> None:
    """Decide about a step in doubt, and go on with its run.

    spot: the run's id and the step's path; output: what a step that happened gives back, any JSON.

    Raises:
        NotFound: there is no such run or step (404).
        Invalid: the output is too large, or of a step that did not happen (422).
        Conflict: there is nothing to decide about it, or not any more (409).
    """
    if output is not None and decision is not Resolution.HAPPENED:
        raise Invalid(f"only a step that {Resolution.HAPPENED} has an output", "output")
    if why := unkeepable(output, engine.settings.bounds.max_output):
        raise Invalid(why, "output")
    run_id, path = spot
    said = {"decision": decision.value, "by": by.name, "output": output}
    engine.store.write(doubts.decide, Signal(run_id, path, said, None, engine.clock.now()))
    log.info("run.resolved", run=run_id, step=path, decision=decision.value, by=by.name)
    engine.executor.notify(run_id)
