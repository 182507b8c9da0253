"""Connections through the API: values go in, and come out nowhere."""

import pytest

from engine.path.access import new_token
from engine.words import Role

API = {"scheme": "bearer", "base_url": "https://api.example.com/v1", "values": {"token": "t0psecret"}}


def test_a_connection_is_set_shown_and_deleted(api):
    made, changed = api.call("PUT", "/connections/api", API), api.call("PUT", "/connections/api", API)

    assert (made.status_code, changed.status_code) == (201, 200)
    shown = api.get("/connections/api")
    assert {name: shown[name] for name in ("name", "connector", "scheme", "base_url", "workflows")} == {
        "name": "api",
        "connector": None,
        "scheme": "bearer",
        "base_url": "https://api.example.com/v1",
        "workflows": [],
    }
    assert [each["name"] for each in api.get("/connections")["items"]] == ["api"]
    assert api.call("DELETE", "/connections/api").status_code == 204
    assert api.call("GET", "/connections/api").status_code == 404
    assert api.call("DELETE", "/connections/api").status_code == 404
    assert api.call("POST", "/connections/api/test").status_code == 404


def test_no_answer_holds_a_value(api):
    answers = [api.call("PUT", "/connections/api", API)]
    answers += [api.call("GET", path) for path in ("/connections", "/connections/api", "/connectors")]
    answers += [api.call("POST", "/connections/api/test")]

    assert all("t0psecret" not in answer.text for answer in answers)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scheme": "digest"}, "scheme"),
        ({"scheme": "declared"}, "scheme"),
        ({"base_url": "t0psecret"}, "base_url"),
        ({"values": {"token": 7}}, "values.token"),
        ({"values": {"token": "t0psecret\n"}}, "values.token"),
        ({"values": {"token": "t0psecret" * 9999}}, "values.token"),
        ({"values": {"t0psecret": "a"}}, "values"),
        ({"values": "t0psecret"}, "values"),
        ({"secret": "t0psecret"}, "secret"),
        ({"connector": "nobody", "scheme": None}, "connector"),
    ],
)
def test_what_cannot_be_taken_is_named_and_no_value_is_quoted(api, change, field):
    answer = api.call("PUT", "/connections/api", API | change)

    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert "t0psecret" not in answer.text
    assert api.get("/connections")["items"] == []


def test_a_body_that_is_no_json_is_not_quoted(api):
    answer = api.call(
        "PUT", "/connections/api", data='{"values": {"token": "t0psecret}', content_type="application/json"
    )

    assert answer.status_code == 400
    assert "t0psecret" not in answer.text


@pytest.mark.parametrize(
    ("role", "statuses"),
    [(Role.VIEWER, (200, 403, 403)), (Role.EDITOR, (200, 200, 403)), (Role.ADMIN, (200, 200, 200))],
)
def test_viewers_see_names_editors_test_and_admins_change(api, role, statuses):
    api.call("PUT", "/connections/api", API | {"base_url": "http://10.0.0.1/"})
    headers = {"Authorization": f"Bearer {new_token(api.engine, 'x', role)[1]}"}

    answers = (
        api.call("GET", "/connections/api", headers=headers),
        api.call("POST", "/connections/api/test", headers=headers),
        api.call("PUT", "/connections/api", API, headers=headers),
    )

    assert tuple(answer.status_code for answer in answers) == statuses


def test_a_test_says_in_words_why_nothing_came_back(api):
    api.call("PUT", "/connections/api", API | {"base_url": "http://10.0.0.1/"})

    tested = api.post("/connections/api/test")

    assert (tested["ok"], tested["status"], tested["url"]) == (False, None, "http://10.0.0.1/")
    assert "no public address" in tested["message"]
