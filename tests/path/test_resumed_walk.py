"""A walk that begins anew, after a wait or a crash, ends as it would have ended: the journal says all that it knew."""

import pytest

from engine.actions.action import End
from engine.errors import ActionFailed
from engine.words import Effect, Outcome

HOUR = "uses: core.wait, with: {for: 1h}"


def _crash_after(play, *answered):
    """Play until the tasks of the first advance with these paths were answered, and lose the walk."""
    walk = play.begin()
    play.commit(progress := walk.advance(play.clock.now()))
    for task in progress.tasks:
        if task.path in answered:
            play.commit(walk.advance(play.clock.now(), [(task, play.perform(task))]))


def test_a_run_that_a_parallel_turn_stopped_stays_stopped_after_a_crash(theatre):
    play = theatre(
        "  - {id: each, for_each: '${{ event.data.x }}', at_once: 2, uses: test.act, with: {n: '${{ item }}'}}\n"
        "  - {id: after, uses: test.act}\n",
        data={"x": [1, 2]},
        script=lambda call: End(Outcome.STOPPED, "enough") if call.inputs.get("n") == 1 else {},
    )
    _crash_after(play, "each[0]")

    assert play.play().outcome is Outcome.STOPPED
    assert "after" not in play.journal


def test_a_step_that_may_happen_once_is_not_repeated_after_a_second_crash(theatre, clock):
    play = theatre(
        "  - {id: each, for_each: '${{ event.data.x }}', at_once: 2, steps: [\n"
        "      {id: say, if: item == 1, uses: test.act, effect: once},\n"
        "      {id: wait, uses: core.wait, with: {for: 1h}}]}\n",
        data={"x": [1, 2]},
        effect=Effect.ONCE,
    )
    for _ in range(2):
        play.commit(play.begin().advance(clock.now()))
    assert play.journal["each[0]/say"].outcome is Outcome.INTERRUPTED

    assert play.play().outcome is Outcome.INTERRUPTED
    assert play.calls == []


def test_a_failure_that_is_seen_to_hides_no_step_that_may_have_happened(theatre):
    def fail(call):
        raise ActionFailed("failed", "no")

    play = theatre(
        "  - {id: each, for_each: [1, 2], at_once: 2, uses: test.act, on_error: continue}\n",
        script=fail,
        effect=Effect.ONCE,
    )
    _crash_after(play, "each[0]")

    assert play.play().outcome is Outcome.INTERRUPTED
    assert play.outcomes() == {"each": "running", "each[0]": "failed", "each[1]": "interrupted"}


@pytest.mark.parametrize("asks", ["${{ steps.a.output }}", "${{ steps.a.output.echo }}", "${{ steps.each.output }}"])
def test_an_output_that_was_not_kept_is_missing_after_a_wait_and_never_null(theatre, asks):
    play = theatre(
        "  - {id: a, uses: test.act, keep_output: false}\n"
        "  - {id: each, for_each: [1, 2], uses: test.act, keep_output: false}\n"
        f"  - {{id: wait, {HOUR}}}\n  - {{id: b, uses: test.act, with: {{n: '{asks}'}}}}\n"
    )

    standing = play.play()

    assert (standing.outcome, standing.error["kind"]) == (Outcome.FAILED, "invalid")
    assert f"`{asks[4:-3]}` is not there" in standing.error["message"]


def test_the_turns_of_a_loop_whose_output_was_not_kept_are_missing_too(theatre):
    play = theatre(
        "  - {id: each, for_each: [1, 2], uses: test.act, keep_output: false}\n"
        "  - {id: b, uses: test.act, with: {n: '${{ steps.each.output }}'}}\n"
    )
    _crash_after(play, "each[0]")

    assert "`steps.each.output` is not there" in play.play().error["message"]


def test_an_output_that_is_not_kept_is_not_kept_by_its_group_either(theatre):
    play = theatre(
        "  - id: g\n    for_each: [1]\n    steps:\n      - {id: a, uses: test.act, keep_output: false}\n"
        "      - {id: b, uses: test.act, with: {n: '${{ steps.a.outcome }}'}}\n",
        script=lambda call: {"secret": "told" if call.inputs else "hidden"},
    )

    play.play()

    assert play.journal["g"].output == [
        {"a": {"outcome": "succeeded"}, "b": {"outcome": "succeeded", "output": {"secret": "told"}}}
    ]


def test_an_error_names_the_same_step_after_a_wait(theatre):
    play = theatre(
        "  - id: g\n    steps: [{id: f, uses: core.fail, with: {message: no}}]\n    on_error:\n      then: continue\n"
        f"      steps: [{{id: wait, {HOUR}}}, {{id: say, uses: test.act, with: {{n: '${{{{ error.step }}}}'}}}}]\n"
    )

    play.play()

    assert [call.inputs["n"] for call in play.calls] == ["g/f"]


def test_inputs_that_look_like_a_decision_are_none(theatre):
    play = theatre(
        "  - {id: a, uses: test.act, with: {branch: else}, else: [{id: b, uses: core.log, with: {message: x}}],"
        " if: event.data.x == 1}\n",
        data={"x": 1},
    )
    _crash_after(play)

    play.play()

    assert [call.inputs for call in play.calls] == [{"branch": "else"}]
