"""Deciding about an interrupted step through the API and on the page of its run."""

import pytest

from engine.path.access import Holder
from engine.path.resolve import resolve
from engine.store import doubts, show
from engine.words import Outcome, Resolution, Role
from tests.doubt import interrupted
from tests.engines import ended
from tests.web.browser import person, signed_in
from tests.web.pages import HOSTILE
from tests.web.seen import Seen


@pytest.fixture
def run(engine):
    return interrupted(engine)


@pytest.fixture
def people(engine, api):
    for name, role in (("edith", Role.EDITOR), ("victor", Role.VIEWER)):
        person(engine, name, role)
    return {name: signed_in(api.client.application, name) for name in ("edith", "victor")}


#: A decision about the step that was interrupted.
GIVEN = {"step": "ticket", "decision": "happened", "output": {"key": HOSTILE}}


def test_the_api_takes_a_decision(api, run):
    told = api.post(f"/runs/{run.id}/resolve", GIVEN)

    assert told["id"] == run.id
    assert ended(api.engine, run.id).outputs["told"] == {"key": HOSTILE}
    (step, _) = api.get(f"/runs/{run.id}")["steps"]
    assert (step["resolutions"][0]["decision"], step["resolutions"][0]["by"]) == ("happened", "the operator")


def test_the_api_takes_one_decision(api, run):
    api.post(f"/runs/{run.id}/resolve", GIVEN)

    again = api.call("POST", f"/runs/{run.id}/resolve", GIVEN)

    assert (again.status_code, again.content_type) == (409, "application/problem+json")
    assert "the step ticket was decided before, by the operator: happened" in again.json["detail"]


@pytest.mark.parametrize(
    ("given", "status"),
    [({"step": "nope", "decision": "fail"}, 404), ({"step": "ticket", "decision": "perhaps"}, 422),
     ({"step": "ticket", "decision": "repeat", "output": 1}, 422), ({"decision": "fail"}, 422)],
)  # fmt: skip
def test_a_decision_that_cannot_be_is_refused_in_words(api, run, given, status):
    assert api.call("POST", f"/runs/{run.id}/resolve", given).status_code == status
    assert api.engine.store.read(doubts.of_run, run.id) == ["ticket"]


def test_the_page_asks_whether_it_happened_and_takes_the_answer(engine, run, people):
    path = f"/runs/{run.id}"
    shown = Seen(people["edith"].get(path).text)

    answer = people["edith"].post(f"{path}/resolve", step="ticket", decision="happened", output='{"key": "SEC-1"}')

    assert "Did ticket happen?" in shown.words
    assert shown.values["step"] == "ticket"
    assert "hx-get" not in {name for each in shown.attributes for name in each}, "nothing replaces what is typed"
    assert (answer.status_code, answer.location) == (303, path)
    assert ended(engine, run.id).outputs["told"] == {"key": "SEC-1"}
    assert "edith decided that it happened" in Seen(people["edith"].get(path).text).words


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"decision": ""}, "decision-1"), ({"decision": "happened", "output": "{SEC"}, "output-of-1"),
     ({"decision": "fail", "output": "1"}, "output-of-1")],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_beside_its_field_and_kept(engine, run, people, typed, field):
    answer = people["edith"].post(f"/runs/{run.id}/resolve", step="ticket", **typed)

    form = Seen(answer.text)
    assert answer.status_code == 422
    assert form.errors.keys() == {field}
    assert f">\n{typed.get('output', '')}</textarea>" in answer.text
    assert engine.store.read(doubts.of_run, run.id) == ["ticket"]


def test_a_second_answer_is_told_on_the_page(engine, run, people):
    resolve(engine, (run.id, "ticket"), Resolution.FAIL, by=Holder("ann", Role.EDITOR))
    ended(engine, run.id)

    answer = people["edith"].post(f"/runs/{run.id}/resolve", step="ticket", decision="happened")

    assert answer.status_code == 409
    assert "The step ticket was decided before, by ann: fail." in Seen(answer.text).words


def test_a_viewer_sees_the_question_and_cannot_answer_it(engine, run, people):
    shown = people["victor"].get(f"/runs/{run.id}").text

    answer = people["victor"].post(f"/runs/{run.id}/resolve", step="ticket", decision="happened")

    assert "An editor can decide." in Seen(shown).words
    assert "/resolve" not in shown
    assert answer.status_code == 403
    assert engine.store.read(show.run, run.id).outcome is Outcome.INTERRUPTED


def test_the_overview_says_that_a_run_waits_for_a_person(engine, api, run, people):
    api.post("/triggers", {"name": "t"})

    seen = Seen(people["victor"].get("/").text)

    assert "Waits for a person" in seen.words
    assert f"/runs/{run.id}" in seen.links
