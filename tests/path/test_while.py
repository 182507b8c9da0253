"""A group that is repeated: how often, what it sees and gives, and a crash in between."""

from engine.words import Outcome
from tests.path.control import crash, fails, said

POLL = """
  - id: poll
    while: loop.index == 0 or loop.previous.ask.output.state != 'done'
    max: 5
    steps:
      - {id: ask, uses: test.act, with: {n: '${{ loop.index }}'}}
      - {id: pause, uses: core.wait, with: {for: 1m}}
"""


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
