"""A Wink that is killed before or after any of its commits: the next one goes on, and one step at most is repeated."""

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import run

import pytest

from tests.serving import ROOT
from tests.sink import Sink

#: Effects before and after a pure step, a wait, a group and a loop.
STEPS = """
  - {id: first, uses: http.post, with: {url: '${{ event.data.to }}', json: first}}
  - {id: names, uses: core.set, with: {values: {list: [one, two]}}}
  - {id: pause, uses: core.wait, with: {for: 50ms}}
  - id: each
    for_each: ${{ steps.names.output.list }}
    steps: [{id: post, uses: http.post, with: {url: '${{ event.data.to }}', json: '${{ item }}'}}]
  - {id: last, uses: http.post, with: {url: '${{ event.data.to }}', json: last}}
"""

#: A choice that falls otherwise half of the times it is asked, a group that is repeated, and branches side by side.
CONTROL = """
  - id: choose
    switch: "'even' if regex(str(now()), '[02468]Z$') else 'odd'"
    cases:
      odd: [{id: odd, uses: http.post, with: {url: '${{ event.data.to }}', json: odd}}]
      even: [{id: even, uses: http.post, with: {url: '${{ event.data.to }}', json: even}}]
  - id: twice
    while: loop.index < 2
    max: 2
    steps: [{id: post, uses: http.post, with: {url: '${{ event.data.to }}', json: 'turn ${{ loop.index }}'}}]
  - id: both
    parallel:
      - id: left
        steps:
          - {id: one, uses: http.post, with: {url: '${{ event.data.to }}', json: left one}}
          - {id: two, uses: http.post, with: {url: '${{ event.data.to }}', json: left two}}
      - id: right
        steps:
          - {id: one, uses: http.post, with: {url: '${{ event.data.to }}', json: right one}}
          - {id: two, uses: http.post, with: {url: '${{ event.data.to }}', json: right two}}
"""
#: What reaches the sink from one run of them.
SAID = {"turn 0", "turn 1", "left one", "left two", "right one", "right two"}

ONCE = """
  - {uses: http.post, effect: once, with: {url: '${{ event.data.to }}', json: once}}
"""


@dataclass(frozen=True)
class Experiment:
    """A Wink that was killed at a point, or lived, and what came of it after the next start.

    name: the point, which is also where its effects went to in the sink; outcomes: of the runs, by their events;
    bodies: what reached the sink; keys: how often each Idempotency-Key came.
    """

    name: str
    killed: bool
    acknowledged: Sequence[str]
    outcomes: Mapping[str, str]
    findings: Mapping[str, int]
    bodies: Sequence[str]
    keys: Counter[str]


def experiments(folder: Path, sink: Sink, steps: str) -> list[Experiment]:
    program = [sys.executable, str(Path(__file__).with_name("laboratory.py")), str(folder), sink.url, steps]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = run(program, capture_output=True, text=True, timeout=110, env=environ, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"name"')]
    assert lines, done.stderr
    assert "Traceback" not in done.stderr + done.stdout, done.stderr + done.stdout
    return [observed(line, sink) for line in lines]


def observed(line, sink: Sink) -> Experiment:
    calls = sink.at(f"/{line['name']}")
    return Experiment(
        **line, bodies=[json.loads(call.body) for call in calls], keys=Counter(call.key for call in calls)
    )


@pytest.fixture(scope="module")
def repeatable(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> list[Experiment]:
    return experiments(tmp_path_factory.mktemp("repeatable"), sink, STEPS)


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> list[Experiment]:
    return experiments(tmp_path_factory.mktemp("control"), sink, CONTROL)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> list[Experiment]:
    return experiments(tmp_path_factory.mktemp("once"), sink, ONCE)


def test_the_points_reach_from_the_first_commit_to_beyond_the_last(repeatable: list[Experiment]) -> None:
    killed = [each.killed for each in repeatable]

    assert killed[:12] == [True] * 12
    assert killed[-2:] == [False, False]


def test_every_acknowledged_event_has_its_run_and_the_run_succeeds(repeatable: list[Experiment]) -> None:
    for each in repeatable:
        assert set(each.outcomes) >= set(each.acknowledged), each
        assert set(each.outcomes.values()) <= {"succeeded"}, each


def test_every_effect_happens_and_each_keeps_its_key(repeatable: list[Experiment]) -> None:
    for each in repeatable:
        if each.outcomes:
            assert set(each.bodies) == {"first", "one", "two", "last"}, each
            assert len(each.keys) == 4, each


def test_at_most_the_one_step_in_doubt_is_repeated(repeatable: list[Experiment]) -> None:
    repetitions = {each.name: sum(each.keys.values()) - len(each.keys) for each in repeatable}

    assert set(repetitions.values()) == {0, 1}
    assert not any(repetitions[each.name] for each in repeatable if not each.killed)


def test_a_choice_once_taken_stays_and_every_turn_and_branch_comes_to_its_end(control: list[Experiment]) -> None:
    assert sum(each.killed for each in control) >= 12
    for each in control:
        assert set(each.outcomes.values()) <= {"succeeded"}, each
        if each.outcomes:
            assert set(each.bodies) in ({*SAID, "even"}, {*SAID, "odd"}), each
            assert len(each.keys) == len(SAID) + 1, each


def test_at_most_the_one_step_in_doubt_of_each_branch_is_repeated(control: list[Experiment]) -> None:
    for each in control:
        repeated = sorted(key.partition("/")[2] for key, times in each.keys.items() if times > 1)
        branches = [path.split("/")[1] for path in repeated if path.startswith("both/")]

        assert max(each.keys.values(), default=0) <= 2, each
        assert len(repeated) <= 1 or len(set(branches)) == len(repeated), each
        assert each.killed or not repeated, each


def test_the_ledger_adds_up_after_each(
    repeatable: list[Experiment], control: list[Experiment], once: list[Experiment]
) -> None:
    assert {each.name: each.findings for each in [*repeatable, *control, *once] if each.findings} == {}


def test_a_step_that_may_happen_once_is_not_repeated_but_waits_for_a_person(once: list[Experiment]) -> None:
    outcomes = Counter(outcome for each in once for outcome in each.outcomes.values())

    assert set(outcomes) == {"succeeded", "interrupted"}
    assert all(number == 1 for each in once for number in each.keys.values())
