"""Workflows that wait for somebody else, and how their tests look at them."""

from engine.path.start import start
from engine.runtime import Engine
from engine.store import journal
from engine.store.rows import Entry, Run
from engine.words import Outcome
from tests.engines import MovableClock, standing
from tests.serving import eventually

#: Waits for the event of ``t`` about the scan that it was given.
SCAN = """
name: Scan
on: {manual: true}
inputs: {scan: {type: string, required: true}}
steps:
  - id: done
    uses: core.wait_for_event
    timeout: 1h
    with:
      trigger: t
      event: custom.*
      if: event.data.scan == inputs.scan and event.data.state == 'completed'
outputs: {found: "${{ steps.done.output.data.found }}"}
"""

#: Waits for any event of ``t``, whenever it came.
EVER = """
name: Ever
on: {manual: true}
steps:
  - {id: done, uses: core.wait_for_event, with: {trigger: t, since: "2020-01-01T00:00:00Z"}}
outputs: {found: "${{ steps.done.output.id }}"}
"""

#: Asks two editors.
ASK = """
name: Ask
on: {manual: true}
steps:
  - id: ask
    uses: core.approve
    with: {title: Suspend alice?, approvers: ["role:editor", "user:carol"], MORE}
outputs: {answer: "${{ steps.ask.output }}"}
"""

#: Runs ``child``.
PARENT = """
name: Parent
on: {manual: true}
steps:
  - id: sub
    uses: core.run_workflow
    with: {workflow: child, inputs: {n: 3}}
outputs: {sub: "${{ steps.sub.output }}"}
"""


def begun(engine: Engine, name: str, inputs: dict[str, object] | None = None) -> Run:
    """Start a workflow, and return its run when it waits, and the executor has let go of it."""
    run = start(engine, name, inputs or {})
    waiting = standing(engine, run.id, Outcome.WAITING)
    eventually(lambda: is_let_go(engine, run.id))
    return waiting


def is_let_go(engine: Engine, run_id: str) -> bool:
    """Tell whether the executor has nothing to do with a run at the moment."""
    return run_id not in engine.executor._owned


def pass_time(engine: Engine, length) -> None:
    """Move the engine's clock on."""
    assert isinstance(engine.clock, MovableClock)
    engine.clock.advance(length)


def entry(engine: Engine, run_id: str, path: str) -> Entry:
    """Return what the journal says of a step."""
    (found,) = (one for one in engine.store.read(journal.entries_of, [run_id])[run_id] if one.path == path)
    return found
