"""Runs that a crash interrupted in the middle of a step that may happen once."""

from engine.path.match import new_run
from engine.path.start import begin
from engine.runtime import Engine
from engine.store.journal import Started
from engine.store.rows import Entry, Run
from engine.words import Outcome
from tests.engines import standing, workflow

#: Sends the ticket to nobody, once; MORE: what else the step has.
TICKET = """
name: Ticket
on: {manual: true}
steps:
  - id: ticket
    uses: http.post
    effect: once
    with: {url: "http://127.0.0.1:9/tickets"}MORE
  - id: tell
    uses: core.set
    with: {values: {key: "${{ default(steps.ticket.output.key, 'none') }}"}}
outputs: {told: "${{ steps.tell.output }}", ticket: "${{ steps.ticket.outcome }}"}
"""


def interrupted(engine: Engine, text: str = TICKET, **begun: object) -> Run:
    """Return a run whose step ``ticket`` had begun when its process died; begun: what else the journal says of it."""
    version, now = workflow(engine, text.replace("MORE", ""), "ticket"), engine.clock.now()
    run = new_run(engine.published.workflow("ticket", version), now)
    given = {"url": begun.pop("url", "http://127.0.0.1:9/tickets"), "json": {}}
    entry = Entry(run.id, "ticket", 1, 0, "http.post", Outcome.RUNNING, 1, now, None, None, given, None, None)
    begin(engine, Started(run, (entry._replace(**begun),)))
    return standing(engine, run.id, Outcome.INTERRUPTED)
