"""Users through the API: what is shown once, what is refused, who is signed out."""

import pytest
from werkzeug.test import Client

from engine.words import Role
from tests.web.browser import OURS, PASSWORD, Browser, person
from web.application import create_application


def test_a_user_is_made_with_a_password_that_is_shown_once(api):
    made = api.post("/users", {"name": "ann", "role": "editor"})

    assert (made["name"], made["role"], made["must_change"]) == ("ann", "editor", True)
    assert len(made["password"]) == 23
    assert "password" not in api.get("/users/ann")
    assert api.get("/users")["items"] == [{name: value for name, value in made.items() if name != "password"}]


def test_a_password_that_was_given_is_not_told_again(api):
    assert api.post("/users", {"name": "ann", "role": "viewer", "password": PASSWORD})["password"] is None


@pytest.mark.parametrize(
    ("value", "status", "field"),
    [
        ({"name": "ann"}, 422, "role"),
        ({"name": "ann", "role": "root"}, 422, "role"),
        ({"name": "Ann", "role": "viewer"}, 422, "name"),
        ({"name": "a\0b", "role": "viewer"}, 422, "name"),
        ({"name": "\U0001f40e", "role": "viewer"}, 422, "name"),
        ({"name": "a" * 100_000, "role": "viewer"}, 422, "name"),
        ({"name": "<script>", "role": "viewer"}, 422, "name"),
        ({"name": "ann", "role": "viewer", "password": "short"}, 422, "password"),
        ({"name": "ann", "role": "viewer", "password": "a\0b" * 9}, 422, "password"),
        ({"name": "ann", "role": "viewer", "must_change": False}, 422, "must_change"),
    ],
)
def test_what_cannot_be_taken_is_named(api, value, status, field):
    answer = api.call("POST", "/users", value)

    assert (answer.status_code, answer.json["field"]) == (status, field)
    assert api.get("/users")["items"] == []


def test_a_name_that_is_taken_is_409_and_one_that_is_not_there_404(api):
    api.post("/users", {"name": "ann", "role": "viewer"})

    assert api.call("POST", "/users", {"name": "ann", "role": "admin"}).status_code == 409
    assert api.call("PATCH", "/users/bob", {"role": "viewer"}).status_code == 404
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/password"), ("DELETE", "/sessions")):
        assert api.call(method, f"/users/bob{path}").status_code == 404


def test_the_last_administrator_stays(api):
    api.post("/users", {"name": "root", "role": "admin"})

    assert api.call("DELETE", "/users/root").status_code == 409
    assert api.call("PATCH", "/users/root", {"role": "viewer"}).status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "value"),
    [("PATCH", "", {"role": "viewer"}), ("DELETE", "", None), ("POST", "/password", {}), ("DELETE", "/sessions", None)],
)
def test_what_changes_a_user_signs_it_out(api, engine, method, path, value):
    person(engine, "root", Role.ADMIN)
    person(engine, "ann", Role.EDITOR)
    browser = Browser(Client(create_application(engine)))
    browser.sign_in("ann")
    assert browser.get("/api/v1/runs").status_code == 200

    assert api.call(method, f"/users/ann{path}", value).status_code < 300

    assert browser.get("/api/v1/runs").status_code == 401


def test_who_gives_itself_another_role_stays_signed_in_with_it(engine):
    person(engine, "root", Role.ADMIN)
    person(engine, "ann", Role.ADMIN)
    client = Client(create_application(engine))
    Browser(client).sign_in("ann")

    assert client.patch("/api/v1/users/ann", json={"role": "viewer"}, headers=OURS).status_code == 200

    assert client.get("/api/v1/runs").status_code == 200
    assert client.get("/api/v1/users").status_code == 403


def test_users_are_listed_by_name_a_page_at_a_time(api):
    for name in ("cleo", "ann", "bob"):
        api.post("/users", {"name": name, "role": "viewer", "password": PASSWORD})

    first = api.get("/users?limit=2")
    second = api.get(f"/users?limit=2&cursor={first['next']}")

    assert [user["name"] for user in first["items"] + second["items"]] == ["ann", "bob", "cleo"]


def test_a_token_has_a_role_and_says_when_it_was_used_last(api, engine):
    made = api.post("/tokens", {"name": "ci", "role": "viewer"})
    headers = {"Authorization": f"Bearer {made['token']}"}

    read = api.client.get("/api/v1/triggers", headers=headers).status_code
    changed = api.client.post("/api/v1/triggers", json={"name": "t"}, headers=headers).status_code

    assert (made["role"], read, changed) == ("viewer", 200, 403)
    engine.store.write(lambda connection: None)
    assert api.get("/tokens")["items"][0]["last_used_at"]
