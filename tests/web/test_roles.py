"""What each role may do, over every operation of the API and the pages: what is not in the table is open to nobody."""

import re
from itertools import product

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from engine.path.access import new_token
from engine.path.connection_spec import ConnectionSpec
from engine.path.connections import put
from engine.store.metadata import metadata
from engine.words import ConnectionScheme, Role
from tests.engines import WAITS, deliver, running, trigger, workflow
from tests.web.browser import OURS, Browser, person
from web.application import _flask, create_application
from web.origin import SAFE
from web.roles import BEFORE_CHANGE, NEEDS, OPEN

#: What a viewer may send although it is no GET: questions, and what concerns nobody else.
QUESTIONS = {
    "conditions.ask",
    "samples.backtest",
    "workflows.check",
    "condition.draft",
    "condition.backtest",
    "workflow_editor.check_draft",
    "workflow_editor.complete",
}
#: What an approval itself says who may do.
VOTES = {"approvals.vote", "approval_pages.vote", "approval_pages.vote_by_link"}
OWN = VOTES | {"session.sign_in", "session.change_password", "session.leave", "session.leave_everywhere"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return an engine that holds something of everything, its application, and its operations."""
    with running(tmp_path_factory.mktemp("roles")) as engine:
        trigger(engine)
        workflow(engine)
        workflow(engine, WAITS, "waits")
        deliver(engine)
        put(
            engine, "t", ConnectionSpec(None, ConnectionScheme.BEARER, "http://10.0.0.1/", None, {"token": "t0psecret"})
        )
        person(engine, "victor", Role.VIEWER)
        person(engine, "edith", Role.EDITOR)
        person(engine, "new", Role.ADMIN, must_change=True)
        rules = [
            (rule.endpoint, method, re.sub(r"<[^>]+>", "t", rule.rule))
            for rule in _flask(engine, None).url_map.iter_rules()
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
        ]
        yield engine, create_application(engine), rules


@pytest.fixture
def changes(place):
    """Return what an operation needs who changes something, whoever asks for it."""
    return [(endpoint, method, path) for endpoint, method, path in place[2] if method not in SAFE]


def kept(engine):
    """Return everything that people set up, but when a token was used last."""
    names = (
        "triggers",
        "secrets",
        "workflows",
        "workflow_versions",
        "samples",
        "schemas",
        "users",
        "tokens",
        "marks",
        "connections",
    )
    with engine.store.reading() as connection:
        columns = {name: [each for each in metadata.tables[name].c if each.name != "last_used_at"] for name in names}
        return {name: connection.execute(select(*found)).all() for name, found in columns.items()}


def call(client, method, path, **headers):
    return client.open(path, method=method, json={}, headers=headers)


def test_every_operation_is_in_the_table_and_nothing_else_is(place):
    assert {endpoint for endpoint, _, _ in place[2]} == NEEDS.keys()
    assert NEEDS.keys() >= BEFORE_CHANGE


def test_roles_cover_those_before_them():
    assert [[role.covers(needed) for needed in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_whatever_changes_something_needs_more_than_a_viewer(changes):
    open_to_viewers = {endpoint for endpoint, _, _ in changes if NEEDS[endpoint] in {OPEN, Role.VIEWER}}

    assert open_to_viewers == QUESTIONS | OWN


@pytest.mark.parametrize("way", ["token", "session"])
def test_a_viewer_can_change_nothing(place, changes, way):
    engine, application, _ = place
    client, headers = Client(application), OURS
    if way == "token":
        headers = {"Authorization": f"Bearer {new_token(engine, 'viewer', Role.VIEWER)[1]}"}
    else:
        Browser(client).sign_in("victor")
    before = kept(engine)

    answers = {
        endpoint: call(client, method, path, **headers)
        for endpoint, method, path in changes
        if endpoint not in QUESTIONS | OWN and (path.startswith("/api/") or way == "session")
    }

    assert len(answers) > 25
    assert {answer.status_code for answer in answers.values()} == {403}
    assert all("yours is viewer" in answer.text for answer in answers.values())
    assert kept(engine) == before


def test_a_viewers_questions_change_nothing(place):
    engine, application, _ = place
    client = Client(application)
    Browser(client).sign_in("victor")
    before = kept(engine)

    asked = client.post("/api/v1/conditions/evaluate", json={"condition": "true", "event": {}}, headers=OURS)
    tried = client.post("/api/v1/triggers/t/backtest", json={"condition": "true"}, headers=OURS)
    checked = client.post("/api/v1/workflows/check", data=WAITS, content_type="text/yaml", headers=OURS)

    assert [each.status_code for each in (asked, tried, checked)] == [200, 200, 200]
    assert kept(engine) == before


def test_who_is_not_signed_in_gets_nothing_that_is_not_open(place):
    _, application, rules = place

    for endpoint, method, path in rules:
        answer = call(Client(application), method, path, **OURS)
        if NEEDS[endpoint] is not OPEN:
            assert answer.status_code == (401 if path.startswith("/api/") else 303), path


def test_an_editor_reaches_what_it_may_and_no_users_or_tokens(place):
    _, application, rules = place
    client = Client(application)
    Browser(client).sign_in("edith")

    for endpoint, method, path in rules:
        if path.startswith("/api/") and NEEDS[endpoint] is Role.ADMIN:
            assert call(client, method, path, **OURS).status_code == 403, path
    assert client.get("/api/v1/runs").status_code == 200
    assert client.post("/api/v1/triggers/t/pause", headers=OURS).status_code == 200
    assert client.post("/api/v1/triggers/t/resume", headers=OURS).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_another_origin_can_do_nothing_with_an_editors_session(place, changes, headers):
    engine, application, _ = place
    client = Client(application)
    Browser(client).sign_in("edith")
    before = kept(engine)

    answers = {path: call(client, method, path, **headers).status_code for _, method, path in changes}

    assert set(answers.values()) == {403}
    assert kept(engine) == before


def test_who_must_change_the_password_can_do_nothing_through_the_api(place):
    _, application, rules = place
    client = Client(application)
    Browser(client).sign_in("new")

    statuses = {
        call(client, method, path, **OURS).status_code
        for endpoint, method, path in rules
        if path.startswith("/api/") and NEEDS[endpoint] is not OPEN
    }

    assert statuses == {403}


def test_a_token_that_is_wrong_is_not_saved_by_a_session(place):
    client = Client(place[1])
    Browser(client).sign_in("edith")

    assert client.get("/api/v1/runs", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_token_needs_no_origin(place):
    engine, application, _ = place
    text = new_token(engine, "editor", Role.EDITOR)[1]

    for origin, path in product([{}, {"Sec-Fetch-Site": "cross-site"}], ["pause", "resume"]):
        headers = {"Authorization": f"Bearer {text}", **origin}
        assert Client(application).post(f"/api/v1/triggers/t/{path}", headers=headers).status_code == 200
