"""Steps that choose, repeat and run side by side: what they do, what the journal says, and a crash in between."""

import pytest

from engine.actions.action import Call
from engine.errors import ActionFailed
from engine.words import Effect, Outcome

ROUTE = """
  - id: route
    switch: event.data.level
    cases:
      critical: [{id: page, uses: test.act, with: {n: page}}]
      3: [{id: count, uses: test.act, with: {n: number}}]
      "3": [{id: text, uses: test.act, with: {n: text}}]
      true: [{id: yes_, uses: test.act, with: {n: truth}}]
      null: [{id: none, uses: test.act, with: {n: nothing}}]
"""
ELSE = "    else: [{id: rest, uses: test.act, with: {n: rest}}]\n"

POLL = """
  - id: poll
    while: loop.index == 0 or loop.previous.ask.output.state != 'done'
    max: 5
    steps:
      - {id: ask, uses: test.act, with: {n: '${{ loop.index }}'}}
      - {id: pause, uses: core.wait, with: {for: 1m}}
"""

BOTH = """
  - id: both
    parallel:
      - id: left
        steps: [{id: one, uses: test.act, with: {n: l1}}, {id: two, uses: test.act, with: {n: l2}}]
      - id: right
        steps: [{id: one, uses: test.act, with: {n: r1}}, {id: two, uses: test.act, with: {n: r2}}]
"""

SEEN_TO = """
    on_error:
      then: continue
      steps: [{id: say, uses: test.act, with: {n: '${{ error.step }}'}}]
"""


def route(theatre, level, more=""):
    return theatre(ROUTE.replace('      "3":', '      "4":') + more, data={"level": level})


def said(play):
    return [call.inputs["n"] for call in play.calls]


def fails(*wanted):
    def script(call: Call):
        if call.inputs.get("n") in wanted:
            raise ActionFailed("failed", f"{call.inputs['n']} broke")
        return {"echo": call.inputs}

    return script


def crash(play, answered=0):
    """Play until so many tasks were answered, each in a commit of its own, let the others happen, and lose the walk."""
    walk, now = play.begin(), play.clock.now()
    play.commit(progress := walk.advance(now))
    tasks = list(progress.tasks)
    for _ in range(answered):
        task = tasks.pop(0)
        play.commit(progress := walk.advance(now, [(task, play.perform(task))]))
        tasks += progress.tasks
    for task in tasks:
        play.perform(task)
    return tasks


@pytest.mark.parametrize(
    ("level", "answer"), [("critical", "page"), (3, "number"), (3.0, "number"), (True, "truth"), (None, "nothing")]
)
def test_a_switch_runs_the_steps_of_the_case_that_is_its_value(theatre, level, answer):
    play = route(theatre, level)

    assert play.play().outcome is Outcome.SUCCEEDED
    assert said(play) == [answer]


@pytest.mark.parametrize("level", ["3", "Critical", "true", 1, False, [], {"a": 1}])
def test_a_value_of_no_case_takes_else(theatre, level):
    play = route(theatre, level, ELSE)

    play.play()

    assert said(play) == ["rest"]
    assert play.journal["route"].input["branch"] == "else"


def test_a_value_of_no_case_skips_a_switch_without_else_and_the_run_goes_on(theatre):
    play = route(theatre, "low", "  - {id: after, uses: test.act, with: {n: after}}\n")

    assert play.play().outcome is Outcome.SUCCEEDED
    assert (play.journal["route"].outcome, play.journal["route"].input) == (
        Outcome.SKIPPED,
        {"why": 'no case is for "low"'},
    )
    assert said(play) == ["after"]


def test_an_unknown_value_takes_else_and_the_journal_says_why(theatre):
    play = theatre(ROUTE.replace('"3":', '"4":') + ELSE, data={"other": 1})

    play.play()

    assert said(play) == ["rest"]
    assert "event.data.level` is not there" in play.journal["route"].input["why"]


def test_an_unknown_value_fails_a_switch_without_else_with_the_path(theatre):
    play = theatre(ROUTE.replace('"3":', '"4":'), data={"other": 1})

    standing = play.play()

    assert (standing.outcome, standing.error["step"]) == (Outcome.FAILED, "route")
    assert "event.data.level` is not there" in standing.error["message"]
    assert said(play) == []


def test_a_case_that_was_taken_is_journalled_and_not_chosen_again_after_a_crash(theatre):
    play = route(theatre, "critical", ELSE + "  - {id: out, uses: test.act, with: {n: '${{ steps.route.output }}'}}\n")
    crash(play)
    play.scope["event"]["data"]["level"] = 3

    play.play()

    assert play.journal["route"].input == {"case": "critical"}
    assert list(play.journal) == ["route", "route/page", "out"]
    assert said(play)[:2] == ["page", "page"]
    assert said(play)[2] == {"page": {"outcome": "succeeded", "output": {"echo": {"n": "page"}}}}


def test_a_switch_that_was_skipped_stays_skipped_after_a_crash(theatre):
    play = route(theatre, "low", "  - {id: after, uses: test.act, with: {n: after}}\n")
    crash(play)
    play.scope["event"]["data"]["level"] = 3

    play.play()

    assert set(said(play)) == {"after"}


def test_each_turn_of_a_loop_chooses_for_itself(theatre):
    play = theatre(
        "  - id: each\n    for_each: [a, b, c]\n    at_once: 3\n    switch: item\n"
        "    cases: {a: [{id: x, uses: test.act, with: {n: '${{ item }}1'}}], c: [{id: x, uses: core.fail, "
        "with: {message: no}, on_error: continue}]}\n"
        "    else: [{id: y, uses: test.act, with: {n: '${{ item }}2'}}]\n"
        "  - {id: out, uses: test.act, with: {n: '${{ steps.each.output[0].x.outcome }}'}}\n"
    )
    crash(play)

    assert play.play().outcome is Outcome.SUCCEEDED
    assert sorted(said(play)) == ["a1", "a1", "b2", "b2", "succeeded"]
    assert play.journal["each[2]"].input == {"case": "c"}


def test_a_switch_that_fails_is_seen_to_as_any_step_is(theatre):
    play = route(
        theatre,
        "critical",
        SEEN_TO,
    )
    play.script = fails("page")

    assert play.play().outcome is Outcome.SUCCEEDED
    assert said(play) == ["page", "route/page"]


def test_a_group_is_repeated_while_its_condition_is_true(theatre):
    answers = iter(["open", "open", "done"])
    play = theatre(
        POLL + "  - {id: out, uses: test.act, with: {n: '${{ length(steps.poll.output) }}'}}\n",
        script=lambda call: {"state": next(answers, None)},
    )

    assert play.play().outcome is Outcome.SUCCEEDED
    assert said(play) == [0, 1, 2, 3]
    assert [path for path in play.journal if path.endswith("ask")] == ["poll[0]/ask", "poll[1]/ask", "poll[2]/ask"]
    assert play.journal["poll"].input == {"turns": 3}
    assert [turn["ask"]["output"] for turn in play.journal["poll"].output] == [
        {"state": "open"},
        {"state": "open"},
        {"state": "done"},
    ]


def test_a_condition_that_is_false_at_first_repeats_nothing(theatre):
    play = theatre(POLL.replace("loop.index == 0 or", "false and"))

    assert play.play().outcome is Outcome.SUCCEEDED
    assert play.journal["poll"].output == []


def test_a_while_that_is_true_beyond_its_max_fails_in_words(theatre):
    play = theatre(POLL, script=lambda call: {"state": "open"})

    standing = play.play()

    assert (standing.outcome, len(play.calls)) == (Outcome.FAILED, 5)
    assert standing.error == {
        "step": "poll",
        "kind": "failed",
        "message": "its `while` is still true after 5 turns, and `max` allows no more",
    }


def test_the_last_turn_of_max_may_be_the_one_that_does_it(theatre):
    play = theatre(POLL.replace("max: 5", "max: 1"), script=lambda call: {"state": "done"})

    assert play.play().outcome is Outcome.SUCCEEDED


def test_an_unknown_condition_fails_the_while_with_the_path(theatre):
    play = theatre(POLL.replace("loop.index == 0 or ", ""))

    standing = play.play()

    assert "its `while` is unknown: `loop.previous" in standing.error["message"]
    assert play.calls == []


def test_a_failing_turn_ends_the_while_and_its_error_can_be_seen_to(theatre):
    play = theatre(POLL + "    on_error: continue\n", script=fails(1))
    play.script = lambda call: {"state": "open"} if call.inputs["n"] == 0 else fails(1)(call)

    assert play.play().outcome is Outcome.SUCCEEDED
    assert (play.journal["poll"].outcome, said(play)) == (Outcome.FAILED, [0, 1])


def test_a_while_over_its_time_fails_at_its_deadline(theatre):
    play = theatre(POLL + "    timeout: 90s\n", script=lambda call: {"state": "open"})

    assert play.play().error["kind"] == "timeout"
    assert said(play) == [0, 1]


def test_after_a_crash_a_while_goes_on_in_its_turn_and_asks_nothing_again(theatre):
    play = theatre(
        "  - id: l\n    while: loop.index < event.data.n\n    max: 9\n"
        "    steps: [{id: a, uses: test.act, with: {n: '${{ loop.index }}'}}]\n",
        data={"n": 3},
    )
    crash(play, answered=1)
    play.scope["event"]["data"]["n"] = 0

    assert play.play().outcome is Outcome.SUCCEEDED
    assert said(play) == [0, 1, 1]
    assert len({call.key for call in play.calls}) == 2


def test_a_while_in_a_loop_has_the_loop_of_its_own(theatre):
    play = theatre(
        "  - id: each\n    for_each: [a, b]\n    steps:\n"
        "      - id: twice\n        while: loop.index < 2\n        max: 2\n"
        "        steps: [{id: a, uses: test.act, with: {n: '${{ item }}${{ loop.index }}'}}]\n"
    )

    play.play()

    assert said(play) == ["a0", "a1", "b0", "b1"]
    assert "each[1]/twice[0]/a" in play.journal


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


def test_a_file_whose_on_error_fails_too_still_says_what_failed_first(theatre):
    play = theatre(
        "  - {id: a, uses: test.act, with: {n: bad}}\n",
        more="on_error: [{id: page, uses: test.act, with: {n: worse}}]",
        script=fails("bad", "worse"),
    )

    assert play.play().error == {"step": "a", "kind": "failed", "message": "bad broke"}
    assert play.outcomes() == {"a": "failed", "on_error/page": "failed"}
