"""Groups side by side: how they run, end and fail, how groups stand in groups, and a crash in between."""

from engine.actions.action import End
from engine.words import Effect, Outcome
from tests.path.control import SEEN_TO, crash, fails, said

BOTH = """
  - id: both
    parallel:
      - id: left
        steps: [{id: one, uses: test.act, with: {n: l1}}, {id: two, uses: test.act, with: {n: l2}}]
      - id: right
        steps: [{id: one, uses: test.act, with: {n: r1}}, {id: two, uses: test.act, with: {n: r2}}]
"""


def test_branches_run_side_by_side_and_are_joined(theatre, clock):
    play = theatre(
        BOTH + "  - {id: out, uses: test.act, with: {n: '${{ steps.both.output.right.output.two.output }}'}}\n"
    )

    first = play.begin().advance(clock.now())
    play.play()

    assert [task.path for task in first.tasks] == ["both/left/one", "both/right/one"]
    assert said(play) == ["l1", "r1", "l2", "r2", {"echo": {"n": "r2"}}]
    assert set(play.journal["both"].output) == {"left", "right"}


def test_a_branch_does_not_wait_for_the_others(theatre, clock):
    play = theatre(
        BOTH.replace("{id: one, uses: test.act, with: {n: l1}}", "{id: w, uses: core.wait, with: {for: 1h}}")
    )
    walk = play.begin()

    progress = walk.advance(clock.now())
    progress = walk.advance(clock.now(), [(progress.tasks[0], play.perform(progress.tasks[0]))])

    assert [task.path for task in progress.tasks] == ["both/right/two"]


def test_when_a_branch_fails_the_others_go_on_to_their_end_and_then_the_step_fails(theatre):
    play = theatre(BOTH + "  - {id: out, uses: test.act}\n", script=fails("l1"))

    standing = play.play()

    assert (standing.outcome, standing.error["step"]) == (Outcome.FAILED, "both/left/one")
    assert said(play) == ["l1", "r1", "r2"]
    assert (play.outcomes()["both"], play.outcomes()["both/right"]) == ("failed", "succeeded")


def test_a_branch_and_a_parallel_step_can_see_to_their_errors(theatre):
    play = theatre(
        BOTH.replace("      - id: right\n", "        on_error: continue\n      - id: right\n") + SEEN_TO,
        script=fails("l1", "r2"),
    )

    assert play.play().outcome is Outcome.SUCCEEDED
    assert said(play) == ["l1", "r1", "r2", "both/right/two"]


def test_a_crash_repeats_at_most_the_step_in_doubt_of_each_branch(theatre):
    play = theatre(BOTH)
    doubtful = [task.path for task in crash(play, answered=1)]

    assert play.play().outcome is Outcome.SUCCEEDED
    assert doubtful == ["both/right/one", "both/left/two"]
    assert sorted(said(play)) == ["l1", "l2", "l2", "r1", "r1", "r2"]
    assert len({call.key for call in play.calls}) == 4


def test_a_step_in_doubt_of_a_branch_that_may_happen_once_waits_for_a_person(theatre):
    play = theatre(BOTH, effect=Effect.ONCE)
    crash(play)

    assert play.play().outcome is Outcome.INTERRUPTED
    assert sorted(said(play)) == ["l1", "r1"]


def test_a_parallel_step_in_a_loop_runs_its_branches_in_each_turn(theatre):
    play = theatre(BOTH.replace("  - id: both\n", "  - id: both\n    for_each: [1, 2]\n    at_once: 2\n"))
    crash(play)

    assert play.play().outcome is Outcome.SUCCEEDED
    assert len({call.key for call in play.calls}) == 8
    assert "both[1]/right/two" in play.journal


def test_a_branch_can_be_left_out_by_its_condition(theatre):
    play = theatre(
        BOTH.replace("      - id: right\n", "      - id: right\n        if: event.data.x == 1\n"), data={"x": 2}
    )

    play.play()

    assert said(play) == ["l1", "l2"]
    assert play.journal["both/right"].outcome is Outcome.SKIPPED


def test_what_a_file_gives_back_can_come_from_each_of_them(theatre):
    play = theatre(
        BOTH + "  - {id: each, while: loop.index < 2, max: 2, steps: [{id: a, uses: test.act}]}\n",
        more="outputs: {l: '${{ steps.both.output.left.outcome }}', n: '${{ length(steps.each.output) }}'}",
    )

    assert play.play().outputs == {"l": "succeeded", "n": 2}


def test_groups_stand_in_groups_with_else_and_on_error_at_every_level(theatre):
    play = theatre(
        "  - id: a\n    steps:\n      - id: b\n        if: event.data.x == 1\n        uses: test.act\n        else:\n"
        "          - id: c\n            steps: [{id: d, uses: test.act, with: {n: bad}}]\n"
        "            on_error: {steps: [{id: e, uses: test.act, with: {n: '${{ error.step }}'}}], then: fail}\n",
        data={"x": 2},
        more="on_error: [{id: page, uses: test.act, with: {n: 'file ${{ error.step }}'}}]",
        script=fails("bad"),
    )

    standing = play.play()

    assert standing.error["step"] == "a/b/c/d"
    assert list(play.journal)[:4] == ["a", "a/b", "a/b/c", "a/b/c/d"]
    assert said(play) == ["bad", "a/b/c/d", "file a/b/c/d"]


def test_outputs_that_cannot_be_filled_in_fail_the_run_and_on_error_sees_to_it(theatre):
    play = theatre(
        "  - {id: a, uses: test.act}\n",
        more="outputs: {x: '${{ steps.a.output.nope }}'}\n"
        "on_error: [{id: page, uses: test.act, with: {n: '${{ error.step }}'}}]",
    )

    standing = play.play()

    assert (standing.outcome, standing.error["step"]) == (Outcome.FAILED, "outputs")
    assert play.calls[-1].inputs == {"n": "outputs"}


def test_a_branch_that_stops_the_run_lets_the_others_end_and_no_failure_hides_it(theatre):
    play = theatre(
        BOTH + "    on_error: continue\n  - {id: after, uses: test.act, with: {n: after}}\n",
        script=lambda call: End(Outcome.STOPPED, "enough") if call.inputs["n"] == "l1" else fails("r2")(call),
    )

    assert play.play().outcome is Outcome.STOPPED
    assert said(play) == ["l1", "r1", "r2"]


def test_a_file_whose_on_error_fails_too_still_says_what_failed_first(theatre):
    play = theatre(
        "  - {id: a, uses: test.act, with: {n: bad}}\n",
        more="on_error: [{id: page, uses: test.act, with: {n: worse}}]",
        script=fails("bad", "worse"),
    )

    assert play.play().error == {"step": "a", "kind": "failed", "message": "bad broke"}
    assert play.outcomes() == {"a": "failed", "on_error/page": "failed"}
