"""A Wink that is killed before or after any of its commits: the next one goes on, and only what was in doubt repeats.

The workflow uses whatever there is: every kind of step, loops, branches, waits, retries, people, events, workflows.
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.crash.experiments import PATIENCE, Experiment, experiments
from tests.databases import postgresql_database
from tests.sink import Sink

#: Each database takes a minute, and more where others are at work.
pytestmark = pytest.mark.timeout(PATIENCE)

EVERYTHING = """
name: Everything
on: {trigger: crash}
limits: {runs_per: "${{ event.data.to }}", timeout: 1h}
vars: {to: "${{ event.data.to }}"}
steps:
  - {id: names, uses: core.set, with: {values: {list: [one, two]}}}
  - {id: hidden, keep_output: false, uses: http.post, with: {url: "${{ vars.to }}", json: hidden}}
  - id: again
    uses: http.post
    with: {url: "${{ vars.to }}/flaky", json: again}
    retry: {attempts: 9, wait: 20ms, when: [http_5xx]}
  - {id: pause, uses: core.wait, with: {for: 20ms}}
  - id: each
    for_each: ${{ steps.names.output.list }}
    at_once: 2
    steps:
      - id: never
        if: item == 'three'
        uses: http.post
        with: {url: "${{ vars.to }}", json: never}
        else: [{id: post, uses: http.post, with: {url: "${{ vars.to }}", json: "${{ item }}"}}]
  - id: twice
    while: loop.index < 2
    max: 2
    steps:
      - id: choose
        switch: "'even' if regex(str(now()), '[02468]Z$') else 'odd'"
        cases:
          odd: [{id: post, uses: http.post, with: {url: "${{ vars.to }}", json: "turn ${{ loop.index }}"}}]
          even: [{id: post, uses: http.post, with: {url: "${{ vars.to }}", json: "turn ${{ loop.index }}"}}]
  - {id: beside, uses: core.run_workflow, with: {workflow: sub, inputs: {to: "${{ vars.to }}", n: 1}, wait: false}}
  - id: fails
    uses: core.run_workflow
    with: {workflow: broken}
    on_error:
      then: continue
      steps: [{id: post, uses: http.post, with: {url: "${{ vars.to }}", json: seen to}}]
  - id: others
    parallel:
      - id: person
        steps:
          - {id: ask, uses: core.approve, with: {title: Go on?, approvers: ["user:ann"], timeout: 30m}}
          - {id: post, uses: http.post, with: {url: "${{ vars.to }}", json: "${{ steps.ask.output.by }}"}}
      - id: system
        steps:
          - {id: hear, uses: core.wait_for_event, with: {trigger: later, if: event.data.run == run.id}}
          - {id: post, uses: http.post, with: {url: "${{ vars.to }}", json: heard}}
      - id: workflow
        steps:
          - {id: run, uses: core.run_workflow, with: {workflow: sub, inputs: {to: "${{ vars.to }}", n: 2}}}
          - {id: post, uses: http.post, with: {url: "${{ vars.to }}", json: "sub ${{ steps.run.output.double }}"}}
  - {id: last, uses: http.post, with: {url: "${{ vars.to }}", json: last}}
outputs: {answer: "${{ steps.others.output.person.output.ask.output.answer }}"}
"""
SUB = """
name: Sub
on: {manual: true}
inputs: {to: {type: string, required: true}, n: {type: integer, required: true}}
limits: {runs_per: "${{ inputs.to }}"}
steps: [{id: post, uses: http.post, with: {url: "${{ inputs.to }}", json: "n ${{ inputs.n }}"}}]
outputs: {double: "${{ inputs.n * 2 }}"}
"""
BROKEN = """
name: Broken
on: {manual: true}
steps: [{uses: core.fail, with: {message: broken}}]
"""

#: What reaches the sink from one event.
SAID = {
    "hidden", "again", "one", "two", "turn 0", "turn 1", "seen to", "n 1", "n 2", "ann", "heard", "sub 4", "last",
}  # fmt: skip

#: How the runs end that one event leads to.
ENDS = {("crash", "succeeded"): 1, ("sub", "succeeded"): 2, ("broken", "failed"): 1}


#: May happen once only.
ONCE = """
name: Once
on: {trigger: crash}
steps: [{uses: http.post, effect: once, with: {url: "${{ event.data.to }}", json: once}}]
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def everything(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sink: Sink
) -> Iterator[list[Experiment]]:
    """Kill a Wink before and after each commit, on either database."""
    folder, workflows = tmp_path_factory.mktemp("everything"), {"crash": EVERYTHING, "sub": SUB, "broken": BROKEN}
    if request.param == "sqlite":
        yield experiments(folder, f"sqlite:///{folder}/wink.db", sink, workflows)
        return
    with postgresql_database(request.getfixturevalue("postgresql_server")) as address:
        yield experiments(folder, address, sink, workflows)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> list[Experiment]:
    folder = tmp_path_factory.mktemp("once")
    return experiments(folder, f"sqlite:///{folder}/wink.db", sink, {"crash": ONCE})


def surplus(experiment: Experiment) -> Counter[str]:
    """Return how often each key came beyond what one life without a crash needs; the flaky step is tried twice."""
    needed = Counter(key for key, body in {*experiment.calls} for _ in range(1 + (body == "again")))
    return experiment.keys - needed


def test_the_points_reach_from_the_first_commit_to_beyond_the_last(everything: list[Experiment]) -> None:
    killed = [each.killed for each in everything]

    assert killed[:40] == [True] * 40
    assert not any(killed[-4:])


def test_every_acknowledged_event_has_its_run_and_every_run_its_end(everything: list[Experiment]) -> None:
    for each in everything:
        assert set(each.outcomes) >= set(each.acknowledged), each
        assert Counter((run["workflow"], run["outcome"]) for run in each.runs) == (ENDS if each.runs else {}), each
        assert [run["outputs"] for run in each.runs if run["event"]] in ([], [{"answer": "approved"}]), each


def test_every_effect_happens_and_each_keeps_its_key(everything: list[Experiment]) -> None:
    for each in everything:
        if each.runs:
            assert each.bodies == SAID, each
            assert len(each.keys) == len(SAID), each


def test_what_was_recorded_is_not_repeated_and_stays_as_it_was(everything: list[Experiment]) -> None:
    for each in everything:
        recorded = {key: step for key, step in each.left.items() if step[-1] != "None"}

        assert {key: each.journal[key] for key in recorded} == recorded, each
        assert {step[1] for step in each.journal.values()} <= {"succeeded", "skipped", "failed"}, each


def test_only_a_step_that_was_in_doubt_is_repeated_and_once(everything: list[Experiment]) -> None:
    for each in everything:
        in_doubt = {key for key, step in each.left.items() if step[:2] == ["http.post", "running"]}
        repeated = surplus(each)

        assert set(repeated) <= in_doubt, each
        assert max(repeated.values(), default=0) <= 1, each
        assert each.killed or not repeated, each


def test_some_steps_were_in_doubt(everything: list[Experiment]) -> None:
    assert any(surplus(each) for each in everything)


def test_the_ledger_adds_up_after_each(everything: list[Experiment], once: list[Experiment]) -> None:
    assert {each.name: each.findings for each in [*everything, *once] if each.findings} == {}


def test_a_step_that_may_happen_once_is_not_repeated_but_waits_for_a_person(once: list[Experiment]) -> None:
    outcomes = Counter(outcome for each in once for outcome in each.outcomes.values())

    assert set(outcomes) == {"succeeded", "interrupted"}
    assert all(number == 1 for each in once for number in each.keys.values())
