"""The pages of connections: forms whose secrets never come back, a test in words, a deletion that names who uses it."""

import pytest
from pytest_httpserver import HTTPServer

from engine.store import connections
from engine.words import Role
from tests.engines import running, trigger, workflow
from tests.web.browser import person, signed_in
from tests.web.pages import HOSTILE
from tests.web.seen import Seen

SECRET = "t0p-s3cret-value"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with running(tmp_path_factory.mktemp("connections"), allow_private_addresses=["127.0.0.0/8"]) as engine:
        trigger(engine)
        for name, role in (("anna", Role.ADMIN), ("edith", Role.EDITOR), ("victor", Role.VIEWER)):
            person(engine, name, role)
        yield engine


@pytest.fixture(scope="module")
def anna(application):
    return signed_in(application, "anna")


@pytest.fixture
def api(anna, httpserver: HTTPServer):
    """Make a connection to the tests' server by the form; it is gone after the test."""
    made = anna.post("/connections/new", **typed(httpserver))
    assert (made.status_code, made.headers["Location"]) == (303, "/connections/api")
    yield made
    anna.post("/connections/api/delete")


def typed(httpserver: HTTPServer, **more: str) -> dict[str, str]:
    given = {"kind": "bearer", "name": "api", "value.token": f"{SECRET}\r\n", "base_url": httpserver.url_for("/v1")}
    return {**given, "test_path": "/me", **more}


def test_every_kind_is_offered_with_its_own_fields(anna):
    links = [link for link in Seen(anna.get("/connections").text).links if link and "kind=" in link]

    assert len(links) >= 4
    for link in links:
        found = anna.get(link)
        assert (found.status_code, Seen(found.text).in_order) == (200, True)
        assert any(name.startswith("value.") for name in Seen(found.text).values)
        assert "was not set" not in found.text


def test_an_address_that_is_a_secret_is_asked_for_once_and_shown_nowhere(anna):
    asked = Seen(anna.get("/connections/new?kind=ms-teams").text)
    url = f"https://prod-7.logic.example/workflows/1/invoke?sig={SECRET}"

    made = anna.post("/connections/new", kind="ms-teams", name="chat", **{"value.webhook_url": url})

    assert not {"base_url", "test_path"} & asked.values.keys()
    assert made.headers["Location"] == "/connections/chat"
    shown = anna.get("/connections/chat").text
    assert "https://prod-7.logic.example" in shown
    assert SECRET not in shown
    anna.post("/connections/chat/delete")


def test_a_connection_is_listed_and_shown_without_its_value(anna, api):
    for path in ("/connections", "/connections/api"):
        found = anna.get(path)
        assert "127.0.0.1" in found.text
        assert SECRET not in found.text
        assert Seen(found.text).in_order


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "A b"}, "name"),
        ({"name": "new"}, "name"),
        ({"base_url": "nowhere"}, "base_url"),
        ({"test_path": "me"}, "test_path"),
        ({"value.token": ""}, "value-token"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_no_secret_goes_back(anna, httpserver, change, field):
    answer = anna.post("/connections/new", **typed(httpserver, **change))

    assert answer.status_code == 422
    assert set(Seen(answer.text).errors) == {field}
    assert SECRET not in answer.text


def test_a_secret_that_is_too_short_to_be_hidden_is_refused(anna, httpserver: HTTPServer):
    answer = anna.post("/connections/new", **typed(httpserver, **{"value.token": "abc"}))

    assert answer.status_code == 422
    assert "The connection was not set" in answer.text
    assert "fewer than 4 characters" in answer.text


def test_what_a_person_types_is_text(anna, httpserver: HTTPServer):
    answer = anna.post("/connections/new", **typed(httpserver, name=HOSTILE, base_url=HOSTILE))

    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_a_name_that_is_taken_replaces_nothing(engine, anna, api, httpserver: HTTPServer):
    before = engine.store.read(connections.find, "api")

    assert anna.post("/connections/new", **typed(httpserver)).status_code == 409
    assert engine.store.read(connections.find, "api") == before


def test_setting_anew_takes_all_values(engine, anna, api, httpserver: HTTPServer):
    without = anna.post("/connections/api", base_url=httpserver.url_for("/v2"))
    again = anna.post("/connections/api", **{"value.token": "another-value", "base_url": httpserver.url_for("/v2")})

    assert (without.status_code, again.status_code) == (422, 303)
    assert engine.published.connections["api"].values == {"token": "another-value"}
    assert engine.store.read(connections.find, "api").base_url.endswith("/v2")


def test_a_test_says_in_words_what_came_back(application, api, httpserver: HTTPServer):
    httpserver.expect_request("/v1/me", headers={"Authorization": f"Bearer {SECRET}"}).respond_with_json(
        {"echo": SECRET}
    )

    found = signed_in(application, "edith").post("/connections/api/test")

    assert "The test succeeded" in found.text
    assert "It answered 200" in found.text
    assert SECRET not in found.text


def test_who_deletes_it_is_told_which_workflows_use_it(engine, anna, api):
    step = "{uses: http.get, connection: api, with: {url: 'https://a.example'}}"
    workflow(engine, f"name: Caller\non: {{trigger: t}}\nsteps: [{step}]", "caller")

    words = Seen(anna.get("/connections/api").text).words

    assert "Steps of caller name it: they fail from then on." in words
    assert anna.post("/connections/api/delete").status_code == 303
    assert anna.get("/connections/api").status_code == 404


def test_a_viewer_sees_names_and_no_forms(application, api):
    victor = signed_in(application, "victor")

    found = victor.get("/connections/api")

    assert found.status_code == 200
    assert "Test connection" not in found.text
    assert "Set anew" not in found.text
    assert victor.get("/connections/new").status_code == 403
    assert victor.post("/connections/api/test").status_code == 403
