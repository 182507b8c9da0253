"""Somebody answers by another process while the owner of the run does something else: the first word counts."""


import pytest

from engine.path.start import start
from engine.store import approvals
from engine.store.rows import Vote
from engine.words import Decision
from tests.engines import running, workflow
from tests.path.waiting import entry
from tests.serving import eventually
from tests.sink import open_sink

BOTH = """
name: Both
on: {manual: true}
steps:
  - id: both
    parallel:
      - {id: tell, steps: [{id: post, uses: http.post, effect: EFFECT, with: {url: "URL", json: 1}}]}
      - {id: asked, steps: [{id: ask, uses: core.approve, with: {title: Go on?, timeout: 30m, default: rejected}}]}
outputs: {answer: "${{ steps.both.output.asked.output.ask.output.answer }}"}
"""


@pytest.fixture(params=["once", "idempotent"])
def busy(request, tmp_path, database_url):
    """Return a maker of a run that posts and asks: the engine, the sink that holds its answer back, the run."""
    with (
        open_sink() as sink,
        running(tmp_path, database_url=database_url, allow_private_addresses="127.0.0.0/8") as engine,
    ):
        workflow(engine, BOTH.replace("URL", sink.url).replace("EFFECT", request.param))
        with sink.closed():
            run = start(engine, "w", {})
            eventually(lambda: sink.calls)
            yield engine, sink, run


def approve(engine, run):
    """Vote as another process does: the owner of the run is not told."""
    (asked,) = engine.store.read(approvals.of_run, run.id)
    given = Vote(asked.approval.id, "user:alice", Decision.APPROVED, {}, engine.clock.now())
    engine.store.write(approvals.vote, given)


def test_the_owner_finds_what_has_come(busy):
    engine, _, run = busy

    approve(engine, run)

    assert eventually(lambda: entry(engine, run.id, "both/asked/ask").finished_at)
