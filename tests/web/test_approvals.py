"""Approvals through the API, the pages and links: looking decides nothing, and a vote goes on with the run."""

import pytest
from werkzeug.test import Client

from engine.store import approvals
from engine.words import Outcome, Role
from tests.engines import ended, workflow
from tests.path.waiting import ASK, begun
from tests.web.browser import Browser, person, signed_in
from tests.web.seen import Seen

FIELDS = "quorum: 1, details: <b>bold</b>, fields: {why: {type: string, required: true}}"


@pytest.fixture
def asked(engine):
    """Return a run that asks, and the id of what it asks."""
    workflow(engine, ASK.replace("MORE", FIELDS), "ask")
    run = begun(engine, "ask")
    (one,) = engine.store.read(approvals.of_run, run.id)
    return run, one.approval.id


@pytest.fixture
def people(engine, api):
    for name, role in (("anna", Role.ADMIN), ("edith", Role.EDITOR), ("victor", Role.VIEWER), ("carol", Role.VIEWER)):
        person(engine, name, role)
    return {name: signed_in(api.client.application, name) for name in ("anna", "edith", "victor", "carol")}


def test_the_api_lists_what_waits_and_takes_a_vote_with_its_nonce(api, asked):
    run, approval_id = asked
    (listed,) = api.get("/approvals")["items"]

    voted = api.post(
        f"/approvals/{approval_id}", {"answer": "approved", "nonce": listed["nonce"], "fields": {"why": "ok"}}
    )

    assert (listed["workflow"], listed["path"], listed["fields"]["why"]["type"]) == ("ask", "ask", "string")
    assert (voted["answer"], voted["nonce"], voted["votes"][0]["by"]) == ("approved", None, "token:the operator")
    assert ended(api.engine, run.id).outcome is Outcome.SUCCEEDED
    assert api.get("/approvals")["items"] == []


@pytest.mark.parametrize(
    ("change", "status"),
    [({"nonce": "guessed"}, 409), ({"fields": {}}, 422), ({"answer": "perhaps"}, 422), ({"fields": {"whi": "x"}}, 422)],
)
def test_a_vote_that_cannot_be_taken_is_refused_in_words(api, asked, change, status):
    shown = api.get(f"/approvals/{asked[1]}")
    vote = {"answer": "approved", "nonce": shown["nonce"], "fields": {"why": "ok"}} | change

    refused = api.call("POST", f"/approvals/{asked[1]}", vote)

    assert refused.status_code == status
    assert api.get(f"/approvals/{asked[1]}")["answer"] is None


def test_the_page_shows_what_is_asked_as_text_and_takes_the_answer(engine, asked, people):
    run, approval_id = asked
    path = f"/approvals/{approval_id}"
    shown = people["edith"].get(path)

    voted = people["edith"].post(path, answer="approved", nonce=Seen(shown.text).values["nonce"], **{"input.why": "ok"})

    assert "&lt;b&gt;bold&lt;/b&gt;" in shown.text
    assert (voted.status_code, voted.headers["Location"]) == (303, path)
    assert ended(engine, run.id).outputs["answer"]["by"] == "edith"
    assert "It was approved." in people["edith"].get(path).text


def test_looking_decides_nothing(engine, asked, people):
    for path in ("/approvals", f"/approvals/{asked[1]}"):
        assert people["anna"].get(path).status_code == 200

    assert engine.store.read(approvals.number_open) == 1


def test_a_viewer_decides_only_what_names_them(asked, people):
    path = f"/approvals/{asked[1]}"

    assert "It is not yours to decide" in people["victor"].get(path).text
    assert "You decide as <strong>carol</strong>" in people["carol"].get(path).text


def test_what_is_missing_is_said_beside_its_field(engine, asked, people):
    path = f"/approvals/{asked[1]}"
    nonce = Seen(people["edith"].get(path).text).values["nonce"]

    refused = people["edith"].post(path, answer="approved", nonce=nonce)

    assert (refused.status_code, engine.store.read(approvals.number_open)) == (422, 1)
    assert "Fill this in." in refused.text


def test_a_link_speaks_for_its_user_and_only_a_post_decides(engine, api, asked, people):
    run, approval_id = asked
    link = api.post(f"/approvals/{approval_id}/links", {"user": "carol"})["url"]
    path = "/decide/" + link.rpartition("/")[2]
    stranger = Browser(Client(api.client.application))

    shown = stranger.get(path)
    assert engine.store.read(approvals.number_open) == 1
    voted = stranger.post(path, answer="rejected", nonce=Seen(shown.text).values["nonce"])

    assert (shown.status_code, voted.status_code) == (200, 303)
    assert ended(engine, run.id).outputs["answer"]["by"] == "carol"
    assert stranger.get(path[:-3]).status_code == 404


def test_a_link_shows_no_more_than_the_answer_when_it_is_answered(api, asked, people):
    _, approval_id = asked
    path = "/decide/" + api.post(f"/approvals/{approval_id}/links", {"user": "carol"})["url"].rpartition("/")[2]
    stranger = Browser(Client(api.client.application))
    shown = stranger.get(path)

    stranger.post(path, answer="rejected", nonce=Seen(shown.text).values["nonce"])

    assert "Details" in shown.text
    assert "Details" not in stranger.get(path).text
    assert "Details" in people["edith"].get(f"/approvals/{approval_id}").text


def test_only_an_administrator_makes_links(asked, people):
    path = f"/approvals/{asked[1]}/link"

    assert people["edith"].post(path, user="carol").status_code == 403
    assert "/decide/" in people["anna"].post(path, user="carol").text


def test_a_nonce_of_one_person_is_none_of_another(engine, asked, people):
    path = f"/approvals/{asked[1]}"
    nonce = Seen(people["anna"].get(path).text).values["nonce"]

    refused = people["edith"].post(path, answer="approved", nonce=nonce, **{"input.why": "ok"})

    assert (refused.status_code, engine.store.read(approvals.number_open)) == (409, 1)


def test_all_that_is_wrong_with_an_answer_is_told_at_once(engine, asked, people):
    fields = "quorum: 1, fields: {why: {type: string, required: true}, days: {type: integer, maximum: 30}}"
    workflow(engine, ASK.replace("MORE", fields), "both")
    (one,) = engine.store.read(approvals.of_run, begun(engine, "both").id)
    path = f"/approvals/{one.approval.id}"
    nonce = Seen(people["edith"].get(path).text).values["nonce"]

    refused = people["edith"].post(path, answer="approved", nonce=nonce, **{"input.why": "", "input.days": "99"})

    assert refused.status_code == 422
    assert "Fill this in." in refused.text
    assert "99 is greater than the maximum of 30" in refused.text


def test_the_page_says_how_large_a_field_may_be_and_that_a_rejection_needs_none(engine, people):
    fields = "quorum: 1, details: {host: [a]}, fields: {days: {type: integer, minimum: 1, maximum: 30, required: true}}"
    workflow(engine, ASK.replace("MORE", fields), "bounded")
    (one,) = engine.store.read(approvals.of_run, begun(engine, "bounded").id)

    shown = people["edith"].get(f"/approvals/{one.approval.id}").text

    assert "From 1 to 30." in shown
    assert "To reject, nothing has to be filled in." in shown
    assert one.approval.details == '{\n  "host": [\n    "a"\n  ]\n}'


def test_the_page_that_makes_a_link_says_until_when_it_holds(engine, asked, people):
    path = f"/approvals/{asked[1]}"
    before = people["anna"].get(path).text

    made = people["anna"].post(f"{path}/link", user="carol").text

    assert "It holds until" in made
    assert "It holds until" not in before
