"""Every error is a problem, in words, with the field that is wrong."""

import pytest
from structlog.testing import capture_logs

from engine.errors import StoreUnavailable
from tests.engines import LOGS

TRIGGER = {"name": "t"}


def _problem(response, status):
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == status
    return response.json


def test_what_is_not_there_is_404(api):
    for path in ("/triggers/t", "/workflows/w", "/deliveries/d", "/events/e", "/runs/r", "/connectors/c", "/nothing"):
        assert _problem(api.call("GET", path), 404)["detail"]


def test_a_method_that_is_not_there_is_405_and_says_which_are(api):
    response = api.call("PUT", "/triggers", {})

    _problem(response, 405)
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize(
    "body", [b"{", b'{"name": "a", "name": "b"}', b'{"name": NaN}', b'{"name": "\\ud800"}', b"\xff"]
)
def test_a_body_that_is_no_json_is_400_in_words(api, body):
    response = api.call("POST", "/triggers", data=body, content_type="application/json")

    assert "body" in _problem(response, 400)["detail"]


@pytest.mark.parametrize("body", [b"[]", b'"t"', b"1", b"null", b""])
def test_json_that_is_no_object_is_refused(api, body):
    _problem(api.call("POST", "/triggers", data=body, content_type="application/json"), 422)


def test_a_body_of_another_type_is_415(api):
    _problem(api.call("POST", "/triggers", data="<a/>", content_type="text/xml"), 415)
    _problem(api.call("PUT", "/workflows/w", {"name": "W"}), 415)


def test_a_body_beyond_the_limit_is_413(api):
    body = b" " * (api.engine.settings.max_body + 1)

    _problem(api.call("POST", "/triggers", data=body, content_type="application/json"), 413)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({}, "name"),
        ({"name": 1}, "name"),
        ({"name": "T"}, "name"),
        ({"name": "a\0b"}, "name"),
        ({**TRIGGER, "tittle": "x"}, "tittle"),
        ({**TRIGGER, "rate": "many"}, "rate"),
        ({**TRIGGER, "events": "all"}, "events"),
        ({**TRIGGER, "events": [1]}, "events.0"),
        ({**TRIGGER, "on_unknown": "guess"}, "on_unknown"),
        ({**TRIGGER, "reply": {"status": 500}}, "reply.status"),
        ({**TRIGGER, "condition": "&&"}, "condition"),
        ({**TRIGGER, "secret": ""}, "secret"),
    ],
)
def test_a_field_that_is_wrong_is_named(api, value, field):
    assert _problem(api.call("POST", "/triggers", value), 422)["field"] == field


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "since=yesterday", "verdict=maybe", "colour=red", "limit=1&limit=2"]
)
def test_a_query_that_is_wrong_names_its_field(api, query):
    assert _problem(api.call("GET", f"/deliveries?{query}"), 422)["field"] == query.partition("=")[0]


def test_a_name_that_is_taken_is_409(api):
    api.post("/triggers", TRIGGER)

    assert "already" in _problem(api.call("POST", "/triggers", TRIGGER), 409)["detail"]


def test_a_workflow_with_mistakes_is_422_with_each_of_them(api):
    mistakes = _problem(api.put_workflow("name: W\nsteps: []\n"), 422)["mistakes"]

    assert len(mistakes) >= 2
    assert mistakes[0].keys() == {"line", "column", "message", "warning"}


def test_a_workflow_that_moved_on_is_412(api):
    version = api.put_workflow(LOGS).json["version"]
    api.put_workflow(LOGS.replace("hello", "goodbye"))

    _problem(api.put_workflow(LOGS, **{"If-Match": f'"{version}"'}), 412)


def test_a_database_that_takes_no_writes_is_503_and_says_when_to_come_again(api, monkeypatch):
    def refuse(*_, **__):
        raise StoreUnavailable

    monkeypatch.setattr(type(api.engine.store), "write", refuse)

    response = api.call("POST", "/triggers", TRIGGER)

    _problem(response, 503)
    assert int(response.headers["Retry-After"]) > 0


def test_a_mistake_of_ours_is_500_and_tells_the_log_alone(api, monkeypatch):
    def fail(*_):
        raise RuntimeError("the secret of t is s3cret")

    monkeypatch.setattr("web.api.triggers.show", fail)

    with capture_logs() as logs:
        response = api.call("GET", "/triggers/t")

    assert "s3cret" not in _problem(response, 500)["detail"]
    assert logs[0]["event"] == "api.internal_error"


def test_a_path_with_a_nul_is_404(api):
    _problem(api.call("GET", "/triggers/a%00b"), 404)
