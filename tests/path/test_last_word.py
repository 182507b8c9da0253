"""Somebody answers by another process while the owner of the run does something else: the first word counts."""

from datetime import timedelta

import pytest

from engine.errors import Conflict
from engine.executors import embedded
from engine.path.start import start
from engine.store import approvals
from engine.store.rows import Vote
from engine.words import Decision, Outcome
from tests.engines import ended, running, workflow
from tests.path.waiting import entry, pass_time
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


@pytest.fixture
def nobody_sweeps(monkeypatch):
    monkeypatch.setattr(embedded.Embedded, "_sweep", lambda self: None)


def test_an_answer_in_the_last_moment_counts_and_repeats_no_step_beside_it(nobody_sweeps, busy):
    engine, sink, run = busy
    eventually(lambda: entry(engine, run.id, "both/asked/ask").outcome is Outcome.WAITING)

    approve(engine, run)
    pass_time(engine, timedelta(minutes=30))

    step = eventually(lambda: over(engine, run))
    sink.door.set()
    assert (step.output["answer"], ended(engine, run.id).outputs) == ("approved", {"answer": "approved"})
    assert (len(sink.calls), entry(engine, run.id, "both/tell/post").attempts) == (1, 1)


def test_without_an_answer_the_time_is_over(busy):
    engine, sink, run = busy

    pass_time(engine, timedelta(minutes=30))

    assert eventually(lambda: over(engine, run)).output["answer"] == "rejected"
    with pytest.raises(Conflict, match="its time was over"):
        approve(engine, run)
    sink.door.set()
    assert ended(engine, run.id).outcome is Outcome.SUCCEEDED


def over(engine, run):
    """Return what the journal says of the question when that has ended."""
    step = entry(engine, run.id, "both/asked/ask")
    return step if step.finished_at else None


def test_the_owner_finds_what_has_come(busy):
    engine, _, run = busy

    approve(engine, run)

    assert eventually(lambda: over(engine, run)).output["answer"] == "approved"
