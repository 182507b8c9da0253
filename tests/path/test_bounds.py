"""An output that could not be kept fails its step, in bounded time and memory."""

import pytest

from engine.bounds import unkeepable

MOST = 20_000_000


def _nested(depth):
    value = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize("output", [None, 1, "text", {"a": [1, {"b": "c"}]}, _nested(200), "x" * 1_000_000])
def test_what_steps_usually_give_back_is_kept(output):
    assert unkeepable(output, MOST) is None


def test_an_output_that_is_too_deep_is_refused():
    assert unkeepable(_nested(201), MOST) == "the output is nested deeper than 200 levels; give back flatter data"


def test_shared_values_count_as_often_as_they_would_be_written():
    value = ["x"]
    for _ in range(40):
        value = [value, value]

    assert "too large" in unkeepable(value, 10_000)


def test_a_step_that_doubles_its_data_again_and_again_fails_in_words(theatre):
    doubling = "".join(
        f"  - {{id: s{n}, uses: core.set, with: {{values: {{a: '${{{{ {before} }}}}', b: '${{{{ {before} }}}}'}}}}}}\n"
        for n, before in enumerate(["event.data", *(f"steps.s{n}.output" for n in range(34))])
    )
    play = theatre(doubling, data={"x": "y"})

    standing = play.play()

    assert "over 20,000,000 characters; give back less" in standing.error["message"]
