"""A person decides about a step that a crash interrupted: once, for good, and the run goes on with that."""

from datetime import timedelta

import pytest

from engine.app import build
from engine.errors import Conflict, Invalid, NotFound
from engine.path.access import Holder
from engine.path.replay import cancel
from engine.path.resolve import resolve
from engine.path.take import untakable
from engine.settings import Settings
from engine.store import doubts, journal, show, signals
from engine.store.journal import Claim
from engine.store.rows import Signal
from engine.words import Effect, Outcome, Resolution, Role
from tests.doubt import TICKET, interrupted
from tests.engines import ended, running, standing, workflow
from tests.path.waiting import ASK, begun, entry, pass_time
from tests.serving import eventually
from tests.sink import open_sink

ANN, BOB = Holder("ann", Role.EDITOR, is_user=True), Holder("token ci", Role.EDITOR)
HAPPENED, REPEAT, FAIL = Resolution


def outcomes(engine, run):
    return {each.path: each.outcome for each in engine.store.read(journal.entries_of, [run.id])[run.id]}


def decide(engine, run, decision, by=ANN, output=None):
    resolve(engine, (run.id, "ticket"), decision, by=by, output=output)


@pytest.fixture
def sink():
    with open_sink() as sink:
        yield sink


@pytest.mark.parametrize("output", [{"key": "SEC-1"}, {"key": "\0 ${{ 1 + 1 }} \ud7ff", "n": 2**70}, None, [], "x"])
def test_what_happened_succeeds_with_the_output_that_is_given(engine, output):
    run = interrupted(engine)

    decide(engine, run, HAPPENED, output=output)

    told = output["key"] if isinstance(output, dict) else "none"
    assert ended(engine, run.id).outputs == {"told": {"key": told}, "ticket": "succeeded"}
    assert entry(engine, run.id, "ticket").output == output


def test_the_journal_keeps_what_was_decided_by_whom_and_when(engine):
    run = interrupted(engine)

    decide(engine, run, HAPPENED)

    ended(engine, run.id)
    (said,) = entry(engine, run.id, "ticket").resolutions
    assert (said["decision"], said["by"], said["at"].endswith("Z")) == ("happened", "ann", True)


def test_what_did_not_happen_is_repeated_with_its_key(tmp_path, sink):
    with running(tmp_path, allow_private_addresses="127.0.0.1/32") as engine:
        run = interrupted(engine, url=f"{sink.url}/tickets")

        decide(engine, run, REPEAT)

        assert ended(engine, run.id).error is None
        assert [call.key for call in sink.calls] == [f"{run.id}/ticket/1"]
        assert entry(engine, run.id, "ticket").attempts == 2


@pytest.mark.parametrize(("then", "outcome"), [("fail", Outcome.FAILED), ("continue", Outcome.SUCCEEDED)])
def test_what_counts_as_failed_is_seen_to_as_any_failure(engine, then, outcome):
    seen_to = "on_error: {steps: [{id: say, uses: core.set, with: {values: {why: '${{ error.kind }}'}}}], then: %s}"
    run = interrupted(engine, TICKET.replace("MORE", f"\n    {seen_to % then}"))

    decide(engine, run, FAIL)

    assert ended(engine, run.id).outcome is outcome
    assert entry(engine, run.id, "ticket/on_error/say").output == {"why": "interrupted"}
    assert "ann decided" in entry(engine, run.id, "ticket").error["message"]


@pytest.mark.parametrize("first", Resolution)
def test_a_second_answer_is_told_who_was_first(engine, first):
    run = interrupted(engine)
    decide(engine, run, first)

    for _ in range(2):
        with pytest.raises(Conflict, match=f"the step ticket was decided before, by ann: {first}"):
            decide(engine, run, HAPPENED, BOB)
        ended(engine, run.id)


def test_a_second_answer_before_the_run_went_on_is_refused_too(engine):
    run = interrupted(engine)
    engine.executor.stop()
    decide(engine, run, HAPPENED)

    with pytest.raises(Conflict, match="was decided before, by ann"):
        decide(engine, run, FAIL, BOB)
    assert engine.store.read(doubts.of_run, run.id) == []


def test_a_decision_made_before_a_restart_counts_after_it(tmp_path):
    with running(tmp_path) as engine:
        run = interrupted(engine)
        engine.executor.stop()
        decide(engine, run, HAPPENED, output={"key": "SEC-1"})

    with running(tmp_path) as engine:
        assert ended(engine, run.id).outputs["told"] == {"key": "SEC-1"}


def test_it_is_decided_on_each_kind_of_database(tmp_path, database_url):
    with build(Settings.load({}, tmp_path, threads=2, database_url=database_url)) as engine:
        run = interrupted(engine)

        decide(engine, run, HAPPENED, output={"key": "\0"})

        assert ended(engine, run.id).outputs["told"] == {"key": "\0"}
        with pytest.raises(Conflict):
            decide(engine, run, REPEAT)


def test_a_step_that_nobody_doubts_cannot_be_decided_about(engine):
    run = interrupted(engine)
    cancel(engine, run.id)

    with pytest.raises(Conflict, match="there is nothing to decide about ticket: its outcome is cancelled"):
        decide(engine, run, HAPPENED)
    for spot in ((run.id, "nope"), ("run_nope", "ticket")):
        with pytest.raises(NotFound):
            resolve(engine, spot, HAPPENED, by=ANN)


@pytest.mark.parametrize(
    ("decision", "output"), [(REPEAT, 1), (FAIL, {}), (HAPPENED, "x" * 21_000_000), (HAPPENED, {"a": [[]] * 1_100_000})]
)
def test_an_output_that_cannot_be_is_refused_and_nothing_is_decided(engine, decision, output):
    run = interrupted(engine)

    with pytest.raises(Invalid):
        decide(engine, run, decision, output=output)

    assert engine.store.read(doubts.of_run, run.id) == ["ticket"]


def test_the_time_of_a_step_counts_from_the_decision(tmp_path, sink):
    with running(tmp_path, allow_private_addresses="127.0.0.1/32") as engine:
        run = interrupted(engine, TICKET.replace("MORE", "\n    timeout: 1m"), url=f"{sink.url}/tickets")
        pass_time(engine, timedelta(hours=1))

        decide(engine, run, REPEAT)

        assert ended(engine, run.id).outcome is Outcome.SUCCEEDED


def test_no_time_limit_ends_a_doubt(engine):
    run = interrupted(
        engine, TICKET.replace("MORE", "\n    timeout: 1m").replace("steps:", "limits: {timeout: 2m}\nsteps:")
    )
    pass_time(engine, timedelta(hours=1))

    engine.executor.notify(run.id)

    assert engine.store.read(doubts.of_run, run.id) == ["ticket"]
    assert engine.store.read(show.run, run.id).outcome is Outcome.INTERRUPTED


def test_a_step_that_was_repeated_and_interrupted_again_asks_again(engine):
    first = {"decision": "repeat", "by": "bob", "at": "2026-01-02T03:04:05.000000Z"}
    run = interrupted(engine, resolutions=[first])

    decide(engine, run, HAPPENED)

    ended(engine, run.id)
    assert [said["by"] for said in entry(engine, run.id, "ticket").resolutions] == ["bob", "ann"]


def test_an_output_that_is_not_to_be_kept_is_not_kept(engine):
    run = interrupted(engine, TICKET.replace("MORE", "\n    keep_output: false"))

    decide(engine, run, HAPPENED, output={"key": "hidden"})

    assert ended(engine, run.id).outputs["told"] == {"key": "none"}
    assert entry(engine, run.id, "ticket").output is None
    assert engine.store.read(signals.of_runs, [run.id]) == {}


BESIDE = """
name: Beside
on: {manual: true}
steps:
  - id: both
    parallel:
      - id: left
        steps: [{id: ticket, uses: http.post, effect: once, with: {url: "http://127.0.0.1:9/"}}]
      - id: right
        steps:
          - {id: pause, uses: core.wait, with: {for: 1h}}
          - {id: say, uses: core.log, with: {message: hello}}
"""


def test_what_runs_beside_it_goes_on_and_the_doubt_stays(engine):
    run = interrupted(engine, BESIDE, path="both/left/ticket")
    pass_time(engine, timedelta(hours=1))

    engine.executor.notify(run.id)

    eventually(lambda: outcomes(engine, run).get("both/right/say") is Outcome.SUCCEEDED)
    assert standing(engine, run.id, Outcome.INTERRUPTED)
    assert outcomes(engine, run)["both/left/ticket"] is Outcome.INTERRUPTED


def test_a_decision_reaches_a_run_whose_other_branch_waits(engine):
    run = interrupted(engine, BESIDE, path="both/left/ticket")

    resolve(engine, (run.id, "both/left/ticket"), HAPPENED, by=ANN)

    assert standing(engine, run.id, Outcome.WAITING)
    pass_time(engine, timedelta(hours=1))
    engine.executor.notify(run.id)
    assert ended(engine, run.id).outcome is Outcome.SUCCEEDED


def test_a_stop_in_the_moment_of_a_decision_keeps_it_for_the_next_process(theatre, clock):
    play = theatre("  - {id: a, uses: test.act}\n", effect=Effect.ONCE)
    play.commit(play.begin().advance(clock.now()))
    play.commit((walk := play.begin()).advance(clock.now()))
    said = {"decision": "repeat", "by": "ann", "output": None}

    told = walk.advance(clock.now(), signals=[Signal(play.run.id, "a", said, None, clock.now())])

    assert (told.advance.signalled, told.advance.entries[0].outcome) == (("a",), Outcome.RUNNING)
    assert told.without_tasks().advance[3:] == told.advance._replace(entries=(), signalled=())[3:]


def test_a_run_that_cannot_go_on_fails_whatever_was_decided(engine):
    run = interrupted(engine)
    engine.executor.stop()
    decide(engine, run, HAPPENED)
    claimed = engine.store.submit(journal.claim, Claim(run.id, engine.clock.now())).result()

    end = untakable(engine, claimed, NotFound("its workflow is gone"))

    assert engine.store.submit(journal.advance, end).result()
    assert engine.store.read(signals.of_runs, [run.id]) == {}


def test_a_step_that_waits_for_something_else_is_not_decided_so(engine):
    workflow(engine, ASK.replace("MORE", "quorum: 1"), "ask")
    run = begun(engine, "ask")

    with pytest.raises(Conflict, match="there is nothing to decide about ask: its outcome is waiting"):
        resolve(engine, (run.id, "ask"), HAPPENED, by=ANN)

    assert engine.store.read(signals.of_runs, [run.id]) == {}
