"""Seed 004, row R17: each kind of flow control, through a served Wink, told by the journal of the run."""

import json

import pytest

from tests.serving import Trigger, Wink, eventually
from tests.wire import send


@pytest.fixture
def trigger(wink: Wink) -> Trigger:
    return wink.trigger()


def outcomes(run) -> dict[str, str]:
    return {step["path"]: step["outcome"] for step in run["steps"]}


def ran(wink: Wink, trigger: Trigger, steps: str, data: object = None, more: str = ""):
    """Run a workflow of these steps, for an event with that data, to its end."""
    wink.workflow(trigger, steps, more=more)
    (run,) = wink.runs(send(trigger.full_url or "", json.dumps(data or {}).encode()))
    return run


def waiting(wink: Wink, trigger: Trigger, data: object):
    """Start what waits for somebody else, and return its run when it waits."""
    answer = send(trigger.full_url or "", json.dumps(data).encode())
    (event,) = answer.json()["events"]
    (run,) = eventually(lambda: wink.get(f"/events/{event}")["runs"])
    return eventually(lambda: found if (found := wink.get(f"/runs/{run['id']}"))["outcome"] == "waiting" else None)


def over(wink: Wink, run):
    return eventually(lambda: found if (found := wink.get(f"/runs/{run['id']}"))["finished_at"] else None)


@pytest.mark.parametrize(("n", "outcome"), [(1, "succeeded"), (2, "skipped")])
def test_004_r17_if_skips_a_step_whose_condition_is_false(wink: Wink, trigger: Trigger, n: int, outcome: str) -> None:
    run = ran(wink, trigger, "  - {id: only, if: event.data.n == 1, uses: core.log, with: {message: x}}\n", {"n": n})

    assert (run["outcome"], outcomes(run)) == ("succeeded", {"only": outcome})


@pytest.mark.parametrize(
    ("n", "told"),
    [
        (1, {"either": "succeeded", "either/yes": "succeeded"}),
        (2, {"either": "succeeded", "either/no": "succeeded"}),
        (None, {"either": "failed"}),
    ],
)
def test_004_r17_if_else_and_unknown_is_neither(wink: Wink, trigger: Trigger, n: int | None, told: object) -> None:
    steps = """
  - id: either
    if: event.data.n == 1
    steps: [{id: 'yes', uses: core.log, with: {message: x}}]
    else: [{id: 'no', uses: core.log, with: {message: y}}]
"""

    run = ran(wink, trigger, steps, {} if n is None else {"n": n})

    assert outcomes(run) == told


@pytest.mark.parametrize(
    ("value", "taken"), [("high", "page"), (3, "number"), ("3", "other"), (True, "other"), (None, "other")]
)
def test_004_r17_switch_takes_the_case_of_the_value_or_else(
    wink: Wink, trigger: Trigger, value: object, taken: str
) -> None:
    steps = """
  - id: route
    switch: event.data.value
    cases:
      high: [{id: page, uses: core.log, with: {message: x}}]
      3: [{id: number, uses: core.log, with: {message: x}}]
    else: [{id: other, uses: core.log, with: {message: x}}]
"""

    run = ran(wink, trigger, steps, {"value": value})

    assert outcomes(run) == {"route": "succeeded", f"route/{taken}": "succeeded"}


@pytest.mark.parametrize("at_once", [1, 3])
def test_004_r17_for_each_takes_a_turn_for_each_entry_in_its_order(wink: Wink, trigger: Trigger, at_once: int) -> None:
    steps = f"""
  - id: each
    for_each: ${{{{ event.data.list }}}}
    as: one
    at_once: {at_once}
    uses: core.set
    with: {{values: {{twice: "${{{{ one * 2 }}}}", at: "${{{{ loop.index }}}}"}}}}
"""

    run = ran(wink, trigger, steps, {"list": [5, 6, 7]}, "outputs: {all: '${{ steps.each.output }}'}\n")

    assert outcomes(run) == dict.fromkeys(("each", "each[0]", "each[1]", "each[2]"), "succeeded")
    assert run["outputs"] == {"all": [{"twice": 10, "at": 0}, {"twice": 12, "at": 1}, {"twice": 14, "at": 2}]}


@pytest.mark.parametrize(("most", "outcome"), [(5, "succeeded"), (2, "failed")])
def test_004_r17_while_repeats_until_it_is_false_and_fails_beyond_its_most(
    wink: Wink, trigger: Trigger, most: int, outcome: str
) -> None:
    steps = f"""
  - id: ask
    while: loop.index == 0 or loop.previous.count.output.n < 3
    max: {most}
    steps:
      - {{id: count, uses: core.set, with: {{values: {{n: "${{{{ loop.index + 1 }}}}"}}}}}}
"""

    run = ran(wink, trigger, steps, more="outputs: {turns: '${{ length(steps.ask.output) }}'}\n")

    assert (run["outcome"], run["outputs"]) == (outcome, {"turns": 3} if outcome == "succeeded" else None)


def test_004_r17_wait_lets_its_time_pass(wink: Wink, trigger: Trigger) -> None:
    run = ran(wink, trigger, "  - {id: pause, uses: core.wait, with: {for: 300ms}}\n")

    (step,) = run["steps"]
    assert step["outcome"] == "succeeded"
    assert step["started_at"] < step["finished_at"]
    assert run["outcome"] == "succeeded"


def test_004_r17_what_set_names_is_read_by_later_steps(wink: Wink, trigger: Trigger) -> None:
    steps = """
  - {id: named, uses: core.set, with: {values: {limit: "${{ vars.base + event.data.n }}"}}}
  - {id: used, if: steps.named.output.limit == 12, uses: core.log, with: {message: x}}
"""

    run = ran(wink, trigger, steps, {"n": 2}, "vars: {base: 10}\n")

    assert outcomes(run) == {"named": "succeeded", "used": "succeeded"}


@pytest.mark.parametrize(("then", "outcome"), [("continue", "succeeded"), ("fail", "failed")])
def test_004_r17_run_on_error_of_a_step(wink: Wink, trigger: Trigger, then: str, outcome: str) -> None:
    steps = f"""
  - id: broken
    uses: core.fail
    with: {{message: no}}
    on_error:
      steps: [{{id: seen, uses: core.set, with: {{values: {{why: "${{{{ error.message }}}}"}}}}}}]
      then: {then}
  - {{id: after, uses: core.log, with: {{message: x}}}}
"""

    run = ran(wink, trigger, steps)

    seen = next(step for step in run["steps"] if step["path"] == "broken/on_error/seen")
    assert (run["outcome"], seen["output"]) == (outcome, {"why": "no"})
    assert ("after" in outcomes(run)) is (then == "continue")


def test_004_r17_run_on_error_of_the_workflow(wink: Wink, trigger: Trigger) -> None:
    more = "on_error: [{id: page, uses: core.set, with: {values: {at: '${{ error.step }}'}}}]\n"

    run = ran(wink, trigger, "  - {id: broken, uses: core.fail, with: {message: no}}\n", more=more)

    assert run["outcome"] == "failed"
    assert [step["output"] for step in run["steps"] if step["path"].endswith("page")] == [{"at": "broken"}]


def test_004_r17_stop_ends_the_run_before_its_later_steps(wink: Wink, trigger: Trigger) -> None:
    steps = """
  - {id: group, steps: [{id: end, uses: core.stop, with: {message: enough}}]}
  - {id: never, uses: core.log, with: {message: x}}
"""

    run = ran(wink, trigger, steps)

    assert run["outcome"] == "stopped"
    assert "never" not in outcomes(run)


def test_004_r17_branches_side_by_side_are_joined(wink: Wink, trigger: Trigger) -> None:
    steps = """
  - id: both
    parallel:
      - {id: a, steps: [{id: one, uses: core.set, with: {values: {n: 1}}}]}
      - {id: b, steps: [{id: two, uses: core.set, with: {values: {n: 2}}}]}
"""
    outputs = "steps.both.output.a.output.one.output.n + steps.both.output.b.output.two.output.n"

    run = ran(wink, trigger, steps, more=f"outputs: {{sum: '${{{{ {outputs} }}}}'}}\n")

    assert run["outputs"] == {"sum": 3}


@pytest.mark.parametrize("answer", ["approved", "rejected"])
def test_004_r17_an_approval_gives_its_answer_to_the_steps_after_it(wink: Wink, trigger: Trigger, answer: str) -> None:
    steps = """
  - id: ask
    uses: core.approve
    with: {title: "Suspend ${{ event.data.who }}?", fields: {why: {type: string}}}
  - {id: done, if: steps.ask.output.answer == 'approved', uses: core.log, with: {message: x}}
"""
    wink.workflow(trigger, steps, more="outputs: {by: '${{ steps.ask.output.answer }}'}\n")
    run = waiting(wink, trigger, {"who": f"ann-{answer}"})
    (asked,) = [each for each in wink.get("/approvals")["items"] if each["run"] == run["id"]]

    wink.api("POST", f"/approvals/{asked['id']}", {"answer": answer, "nonce": asked["nonce"]})

    ended = over(wink, run)
    assert asked["title"] == f"Suspend ann-{answer}?"
    assert (ended["outcome"], ended["outputs"]) == ("succeeded", {"by": answer})
    assert outcomes(ended)["done"] == ("succeeded" if answer == "approved" else "skipped")


def test_004_r17_wait_for_a_later_event(wink: Wink, trigger: Trigger) -> None:
    later = wink.trigger()
    steps = f"""
  - id: done
    uses: core.wait_for_event
    timeout: 1h
    with:
      trigger: {later.name}
      if: event.data.scan == run.event.data.scan and event.data.state == 'completed'
"""
    wink.workflow(trigger, steps, more="outputs: {found: '${{ steps.done.output.data.found }}'}\n")
    run = waiting(wink, trigger, {"scan": "s1"})

    for scan, state, found in (("s2", "completed", 1), ("s1", "running", 2), ("s1", "completed", 3)):
        send(later.full_url or "", json.dumps({"scan": scan, "state": state, "found": found}).encode())

    assert over(wink, run)["outputs"] == {"found": 3}
