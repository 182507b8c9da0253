"""The judge of faults complains about whatever was lost, done under a wrong key, or recorded other than once."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.crash.stage.judge import Story

EXPECTED = ("one/1", "pause/1")

RIGHT = Story(
    name="fault.quick.1",
    event_id="evt_1",
    events=["evt_1"],
    runs={"run_1": "succeeded"},
    steps={"run_1/one/1": "succeeded", "run_1/pause/1": "succeeded"},
    effects={"run_1/one/1"},
    keys=Counter({"run_1/one/1": 2}),
)


def test_an_event_that_was_done_twice_under_one_key_is_right() -> None:
    assert list(RIGHT.complaints(EXPECTED)) == []
    assert RIGHT.repeated == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"events": []},
        {"events": ["evt_2"]},
        {"events": ["evt_1", "evt_2"]},
        {"runs": {}},
        {"runs": {"run_1": "running"}},
        {"runs": {"run_1": "succeeded", "run_2": "succeeded"}},
        {"steps": {"run_1/one/1": "succeeded"}},
        {"steps": {"run_1/one/1": "succeeded", "run_1/pause/1": "running"}},
        {"steps": {**RIGHT.steps, "run_1/one/2": "succeeded"}},
        {"keys": Counter()},
        {"keys": Counter({"run_1/one/1": 1, "run_2/one/1": 1})},
    ],
    ids=str,
)
def test_the_judge_complains_about(wrong: dict[str, object]) -> None:
    (said,) = replace(RIGHT, **wrong).complaints(EXPECTED)

    assert said.startswith("fault.quick.1: ")
