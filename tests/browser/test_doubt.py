"""The page of a run that a crash interrupted asks whether its step happened, and takes the answer."""

import pytest

from engine.words import Role


def path_of(place, which: int = 0) -> str:
    run = place.wink.get("/runs?outcome=interrupted")["items"][which]
    return f"/runs/{run['id']}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_the_question_is_tidy_and_open_to_everybody(visit, place, look, role, scheme):
    look.at(visit(role, scheme), path_of(place), f"interrupted-{role}-{scheme}")


def test_a_person_answers_it(visit, place):
    story = visit(Role.EDITOR)
    story.open(path_of(place, -1))

    story.tick("It happened")
    story.write("Output, if it happened (optional)", '{"key": "SEC-1"}')
    story.click("Decide")

    story.sees("succeeded")
    story.sees_not("Did ticket happen?")
    story.unfold("http.post")
    story.sees("decided that it")
