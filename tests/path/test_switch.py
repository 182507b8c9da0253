"""A step that chooses: which case runs, what the journal says of it, and a crash in between."""

import pytest

from engine.words import Outcome
from tests.path.control import SEEN_TO, crash, fails, said

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


def route(theatre, level, more=""):
    return theatre(ROUTE.replace('      "3":', '      "4":') + more, data={"level": level})


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
