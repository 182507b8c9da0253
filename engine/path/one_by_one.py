"""``limits.runs_per``: of the runs of a workflow with one value, one runs at a time.

The value is filled in when a run is made and stands in its row. Whether the run may begin is decided where runs begin,
in the store's claim, and so is right for any number of processes.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from engine import json_bytes
from engine.definitions.workflow import Workflow
from engine.errors import NotFound, UnknownPath
from engine.path.scope import Scope, run_scope
from engine.store.rows import Run
from engine.words import Outcome

#: Longer values, and those that PostgreSQL cannot keep, are told apart by their hash.
LONGEST = 200


def one_by_one(run: Run, workflow: Workflow, started_by: Callable[[], Scope], now: datetime) -> Run:
    """Return the new run with its value of ``limits.runs_per``, if the workflow has it.

    started_by: asked for the scope of the event that starts it; empty when there is none. Where the value cannot be
    filled in, the run has failed before it begins: with no value it would run beside the others.
    """
    template = workflow.limits.runs_per
    if template is None:
        return run
    try:
        value = template.render(run_scope(started_by(), workflow, run), now)
    except (UnknownPath, NotFound) as missing:
        error = {"step": None, "kind": "invalid", "message": f"limits.runs_per: {missing.detail}"}
        return run._replace(outcome=Outcome.FAILED, finished_at=now, error=error)
    text = value if isinstance(value, str) else json_bytes.dump(value).decode()
    if len(text) > LONGEST or "\0" in text:
        text = sha256(text.encode()).hexdigest()
    return run._replace(runs_per=text, when_busy=workflow.limits.when_busy)
