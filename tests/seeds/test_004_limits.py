"""Seed 004, row R19: limits as settings, each just below, at and just above."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.actions.core import core_actions
from engine.actions.waiting import waiting_actions
from engine.bounds import USUAL
from engine.definitions.checker import check_workflow
from engine.errors import ActionFailed
from engine.ids import new_id
from engine.path.start import start
from engine.store import approvals, journal, show
from engine.store.journal import Started
from engine.words import Outcome
from tests.engines import ended, running, workflow
from tests.path.conftest import Theatre
from tests.serving import eventually
from tests.sink import Sink

SECOND = timedelta(seconds=1)
WAITS = "  - {{id: a, uses: core.wait, with: {{for: '${{{{ vars.length }}}}'}}}}\n"
SPECS = {action.spec.name: action.spec for action in (*core_actions(), *waiting_actions())}


@pytest.fixture
def play(clock) -> Callable[..., Theatre]:
    """Return what walks steps to their end within bounds, and then what came of them."""

    def walk(steps: str, more: str = "", script=lambda call: None, **bounds: object):
        text = f"name: Play\non: {{trigger: t}}\n{more}\nsteps:\n{steps}"
        scope = {"event": {"data": {}}, "trigger": {"name": "t"}}
        theatre = Theatre(clock, text, scope, script=script, bounds=replace(USUAL, **bounds))
        return theatre.play(), theatre

    return walk


def _mistakes(text: str, **bounds: object) -> list[str]:
    bound = replace(USUAL, **bounds)
    return [
        one.message for one in check_workflow(text, "w", actions=SPECS, schemas=lambda *_: None, bounds=bound).mistakes
    ]


@pytest.mark.parametrize(("timeout", "seconds"), [("", 60), ("59s", 59), ("60s", 60), ("61s", 61)])
def test_004_r19_an_attempt_takes_60_s_at_most_unless_its_step_says_another_timeout(play, timeout, seconds):
    modifier = f", timeout: {timeout}" if timeout else ""

    _, theatre = play(f"  - {{id: a, uses: test.act{modifier}}}\n")

    assert theatre.calls[0].within == timedelta(seconds=seconds)


@pytest.mark.parametrize(("late", "named"), [(-1, False), (0, True), (1, True)])
def test_004_r19_an_attempt_that_used_its_time_up_names_the_setting(play, clock, late, named):
    def slow(call):
        clock.advance(call.within + late * SECOND)
        raise ActionFailed("timeout", "x did not answer in time")

    standing, _ = play("  - {id: a, uses: test.act}\n", script=slow, attempt_timeout=90 * SECOND)

    assert standing.error["kind"] == "timeout"
    assert ("may take 1m30s here (WINK_ATTEMPT_TIMEOUT)" in standing.error["message"]) is named


def test_004_r19_a_service_that_does_not_answer_holds_a_step_no_longer_than_the_setting(tmp_path, sink: Sink):
    with sink.closed(), running(tmp_path, attempt_timeout="200ms", allow_private_addresses="127.0.0.1/32") as engine:
        workflow(engine, "name: W\non: {manual: true}\nsteps:\n" + sink.step("/slow", "1", sends="json"))
        run = start(engine, "w", {})

        error = ended(engine, run.id).error

    assert "WINK_ATTEMPT_TIMEOUT" in error["message"]


@pytest.mark.parametrize(
    ("length", "error"),
    [("1h59m59s", None), ("2h", None), ("2h1s", "the run has taken 2h, which is the most here (WINK_RUN_TIMEOUT)")],
)
@pytest.mark.parametrize("limits", ["", "limits: {timeout: 9h}\n"])
def test_004_r19_a_run_takes_no_longer_than_the_setting_whatever_it_says(play, length, error, limits):
    standing, _ = play(WAITS.format(), f"vars: {{length: {length}}}\n{limits}", run_timeout=timedelta(hours=2))

    assert (standing.error and standing.error["message"]) == error


@pytest.mark.parametrize(("timeout", "mistakes"), [("11h59m59s", 0), ("12h", 0), ("12h1s", 1)])
def test_004_r19_the_checker_tells_of_a_timeout_that_no_run_has(timeout, mistakes):
    text = f"name: W\non: {{manual: true}}\nlimits: {{timeout: {timeout}}}\nsteps: [{{uses: core.stop}}]\n"

    found = _mistakes(text, run_timeout=timedelta(hours=12))

    assert found == [f"{timeout} is more than this Wink gives: 12h (WINK_RUN_TIMEOUT)"] * mistakes
    assert _mistakes(text.replace(timeout, "2d")) == []


@pytest.mark.parametrize("length", ["13d23h59m59s", "14d"])
def test_004_r19_a_step_waits_for_14_days_at_most(play, length):
    standing, _ = play(WAITS.format(), f"vars: {{length: {length}}}\n")

    assert standing.outcome is Outcome.SUCCEEDED


def test_004_r19_a_step_that_would_wait_longer_fails_at_once(play, clock):
    begun = clock.now()

    standing, _ = play(WAITS.format(), "vars: {length: 14d1s}\n")

    assert standing.error["message"].endswith("and 14d is the most here (WINK_MAX_WAIT)")
    assert clock.now() == begun


@pytest.mark.parametrize(("length", "mistakes"), [("13d23h59m59s", 0), ("14d", 0), ("14d1s", 1)])
@pytest.mark.parametrize(
    "step",
    [
        "uses: core.wait, with: {{for: {length}}}",
        "uses: core.approve, with: {{title: x, timeout: {length}}}",
        "uses: core.approve, with: {{title: x}}, timeout: {length}",
        "steps: [{{uses: core.wait_for_event, with: {{trigger: t}}, timeout: {length}}}]",
        "if: 'inputs == null', steps: [{{uses: core.stop}}], else: [{{uses: core.wait, with: {{for: {length}}}}}]",
        "uses: core.fail, with: {{message: x}}, on_error: {{steps: [{{uses: core.wait, with: {{for: {length}}}}}]}}",
    ],
)
def test_004_r19_the_checker_tells_of_a_wait_that_no_step_has(step, length, mistakes):
    text = f"name: W\non: {{manual: true}}\nsteps: [{{{step.format(length=length)}}}]\n"

    assert _mistakes(text) == [f"{length} is more than this Wink gives: 14d (WINK_MAX_WAIT)"] * mistakes


@pytest.mark.parametrize(("seconds", "outcome"), [(59, Outcome.WAITING), (60, Outcome.WAITING), (61, Outcome.FAILED)])
def test_004_r19_a_pause_that_a_service_asks_for_is_a_wait_too(clock, seconds, outcome):
    def busy(call):
        raise ActionFailed("http_429", "busy", retry_after=timedelta(seconds=seconds))

    step = "  - {id: a, uses: test.act, retry: {attempts: 2}}\n"
    bounds = replace(USUAL, max_wait=timedelta(minutes=1))
    text = f"name: Play\non: {{trigger: t}}\nsteps:\n{step}"
    theatre = Theatre(clock, text, {"event": {}, "trigger": {}}, script=busy, bounds=bounds)
    walk = theatre.begin()
    (task,) = walk.advance(clock.now()).tasks

    assert walk.advance(clock.now(), [(task, theatre.perform(task))]).advance.outcome is outcome


def test_004_r19_people_are_waited_for_as_long_as_the_setting_says(tmp_path):
    with running(tmp_path, max_wait="1h") as engine:
        workflow(engine, "name: W\non: {manual: true}\nsteps: [{uses: core.approve, with: {title: Go on?}}]\n")
        run = start(engine, "w", {})
        (asked,) = eventually(lambda: engine.store.read(approvals.open_ones, 2))
        engine.clock.advance(timedelta(hours=1))

        error = ended(engine, run.id).error

    assert asked.approval.expires_at == asked.approval.asked_at + timedelta(hours=1)
    assert error["message"] == "it has waited for 1h, which is the most here (WINK_MAX_WAIT)"


def test_004_r19_a_run_is_held_up_by_none_of_the_many_of_another_workflow_that_came_before_it(tmp_path):
    text = "name: W\non: {manual: true}\nsteps: [{uses: core.log, with: {message: x}}]\n"
    with running(tmp_path) as engine:
        workflow(engine, text, "many")
        workflow(engine, text.replace("x}", "y}"), "one")
        first, last = start(engine, "many", {}), start(engine, "one", {})
        made = [first._replace(id=new_id("run")) for _ in range(3000)]
        one = last._replace(id=new_id("run"))

        engine.store.write(journal.start_runs, [Started(run) for run in (*made, one)])

        times = [ended(engine, run.id).finished_at for run in made[::100]]
        done = engine.store.read(show.run, one.id).finished_at
    assert sum(time < done for time in times) <= 6  # of 30: those that were claimed together with it


#: What a step is told whose output is too large.
TOO_LARGE = (
    "the output is too large: with 20 for each value it is over {} characters; give back less, or raise WINK_MAX_OUTPUT"
)

#: What the value ``{a: text}`` counts beside its text: see ``engine.bounds.EACH``.
AROUND = 61


@pytest.mark.parametrize(
    ("size", "error"),
    [(938, None), (939, None), (940, TOO_LARGE.format("1,000"))],
)
def test_004_r19_an_output_is_no_larger_than_the_setting(play, size, error):
    standing, _ = play(
        f"  - {{id: a, uses: core.set, with: {{values: {{a: {'x' * size}}}}}}}\n", max_output=939 + AROUND
    )

    assert (standing.error and standing.error["message"]) == error


def test_004_r19_what_the_turns_of_a_loop_give_together_is_an_output_too(play):
    step = "  - {id: a, for_each: [1, 2, 3], uses: core.set, with: {values: {a: xxxxxxxxxx}}}\n"

    standing, theatre = play(step, max_output=232)

    assert standing.error["message"] == TOO_LARGE.format(232)
    assert list(theatre.outcomes().values()) == ["failed", *["succeeded"] * 3]


def test_004_r19_a_response_is_no_larger_than_the_setting(tmp_path, httpserver):
    httpserver.expect_request("/fits").respond_with_data("x" * 2000)
    httpserver.expect_request("/large").respond_with_data("x" * 2001)
    steps = "".join(
        f"  - {{uses: http.get, with: {{url: '{httpserver.url_for(path)}'}}, on_error: continue}}\n"
        for path in ("/fits", "/large")
    )
    with running(tmp_path, max_output="2000", allow_private_addresses="127.0.0.1/32,::1/128") as engine:
        workflow(engine, f"name: W\non: {{manual: true}}\nsteps:\n{steps}")
        run = start(engine, "w", {})
        ended(engine, run.id)
        fits, large = engine.store.read(show.steps, run.id, 0, 9)

    assert "WINK_MAX_OUTPUT" in large.error["message"]
    assert "response" in large.error["message"]
    assert "response" not in (fits.error or {"message": ""})["message"]
