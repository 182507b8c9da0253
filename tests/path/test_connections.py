"""A run calls a service with a connection: what the service echoes is nowhere in the database, the logs or the API."""

import json
import logging
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from threading import BoundedSemaphore, Event, Thread
from time import monotonic

import pytest
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs
from werkzeug import Request, Response

from engine.actions import outing
from engine.actions.guard import Guard
from engine.errors import Conflict, Invalid, NotFound, TooMany
from engine.path import connections as keeping
from engine.path.connection_spec import ConnectionSpec
from engine.path.workflows import check
from engine.store import connections, journal
from engine.words import ConnectionScheme
from tests.engines import deliver, running, runs_of, trigger, workflow
from tests.serving import eventually
from web.rsgi import THREADS

SECRET = 'hush "hush" /+\u00fc'
TOKEN = "access-token-of-the-hour"

CALLS = """
name: Calls
on: {trigger: t}
steps:
  - id: echo
    uses: http.post
    connection: api
    with: {url: URL/echo, json: {n: 1}}
  - id: again
    uses: core.log
    with: {message: "${{ steps.echo.output }}"}
  - id: refused
    uses: http.get
    connection: api
    with: {url: URL/refuse}
    on_error: continue
  - id: binary
    uses: http.get
    connection: api
    with: {url: URL/binary}
outputs: {all: "${{ steps }}"}
"""


@pytest.fixture
def engine(tmp_path):
    with running(tmp_path, allow_private_addresses=[ip_network("127.0.0.0/8")]) as engine:
        trigger(engine)
        yield engine


def bearer(httpserver: HTTPServer, **more) -> ConnectionSpec:
    values = {"values": {"token": "t0psecret"}, "scheme": ConnectionScheme.BEARER, "base_url": httpserver.url_for("/")}
    return ConnectionSpec(**{**values, **more})


def echo(request: Request) -> Response:
    """Answer with everything that was sent, as debugging services do."""
    told = dict(request.headers.items()) | {"form": request.get_data(as_text=True)}
    code = 400 if request.path == "/refuse" else 200
    if request.path == "/binary":
        return Response(b"\xff\xfe" + str(told).encode(), content_type="image/png")
    body = {"headers": told, "lines": [f"you sent {value}" for value in told.values()], told["Authorization"]: 1}
    headers = {"X-Echo": told["Authorization"]}
    return Response(json.dumps(body), code, headers, content_type="application/json")


def everything_of(engine, tmp_path, event_id, logs) -> str:
    """Return all that is kept and told of a run: every file of the data folder, the logs, and the run as read."""
    (run,) = runs_of(engine, event_id)
    entries = engine.store.read(journal.entries_of, [run.id])[run.id]
    assert [entry.outcome.value for entry in entries] == ["succeeded", "succeeded", "failed", "succeeded"]
    files = [file.read_bytes().decode("utf-8", "replace") for file in tmp_path.rglob("*") if file.is_file()]
    return f"{files} {entries} {run} {logs}"


def forms_of(secret: str, *more: str) -> set[str]:
    return {secret, json.dumps(secret)[1:-1], b64encode(secret.encode()).decode(), *more}


@pytest.mark.parametrize("scheme", ["basic", "header", "oauth2_client_credentials"])
def test_what_the_service_echoes_is_nowhere(engine, httpserver: HTTPServer, tmp_path, caplog, scheme):
    caplog.set_level(logging.DEBUG)
    httpserver.expect_request("/token").respond_with_json({"access_token": TOKEN, "expires_in": 60})
    httpserver.expect_request("/").respond_with_data("")
    for path in ("/echo", "/refuse", "/binary"):
        httpserver.expect_request(path).respond_with_handler(echo)
    values = {
        "basic": {"username": "ann", "password": SECRET},
        "header": {"header": "Authorization", "value": "just-a-plain-secret"},
        "oauth2_client_credentials": {
            "token_url": httpserver.url_for("/token"),
            "client_id": "me",
            "client_secret": "s3cret/of+clients",
        },
    }[scheme]
    with capture_logs() as lines:
        keeping.put(engine, "api", bearer(httpserver, scheme=ConnectionScheme(scheme), values=values))
        workflow(engine, CALLS.replace("URL", httpserver.url_for("").rstrip("/")), "calls")

        found = everything_of(engine, tmp_path, deliver(engine).event_ids[0], f"{caplog.text} {lines}")

    assert "[redacted]" in found
    sent = httpserver.log[-1][0].headers["Authorization"]
    hidden = forms_of(values.get("password") or values.get("value") or values["client_secret"])
    for secret in hidden | {sent, sent.split(" ")[-1]}:
        assert secret not in found


def test_a_missing_connection_is_a_warning_first_and_a_clear_failure_then(engine, httpserver: HTTPServer):
    text = CALLS.replace("URL", httpserver.url_for("").rstrip("/"))
    keeping.put(engine, "apis", bearer(httpserver))

    warned = [(each.line, each.message, each.warning) for each in check(engine, "w", text).mistakes]
    workflow(engine, text)
    (run,) = runs_of(engine, deliver(engine).event_ids[0])

    assert warned[0] == (7, "there is no connection 'api' yet; did you mean 'apis'?", True)
    assert len(warned) == 3
    assert run.error["kind"] == "invalid"
    assert "there is no connection 'api'" in run.error["message"]
    assert "wink connections set api" in run.error["message"]
    assert not httpserver.log


def test_a_change_counts_at_once_and_the_use_is_noted(engine, httpserver: HTTPServer):
    httpserver.expect_request("/a").respond_with_data("")
    url = httpserver.url_for("/a")
    step = f"{{uses: http.get, connection: api, with: {{url: '{url}'}}}}"
    workflow(engine, f"name: W\non: {{trigger: t}}\nsteps: [{step}]")
    for number, token in enumerate(("first-token", "second-token")):
        keeping.put(engine, "api", bearer(httpserver, values={"token": token}))
        runs_of(engine, deliver(engine, b'{"n": %d}' % number).event_ids[0])

    assert [request.headers["Authorization"] for request, _ in httpserver.log] == [
        "Bearer first-token",
        "Bearer second-token",
    ]
    assert eventually(lambda: engine.store.read(connections.find, "api").last_used_at) is not None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scheme": None}, "scheme"),
        ({"scheme": ConnectionScheme.DECLARED}, "scheme"),
        ({"connector": "github"}, "scheme"),
        ({"scheme": None, "connector": "nobody"}, "connector"),
        ({"base_url": None}, "base_url"),
        ({"base_url": "ftp://a.example"}, "base_url"),
        ({"base_url": "https://me@a.example"}, "base_url"),
        ({"base_url": "https://a.example/?key=t0psecret"}, "base_url"),
        ({"test_path": "me"}, "test_path"),
        ({"values": {}}, "values.token"),
        ({"values": {"token": "abc"}}, "values"),
        ({"values": {"token": "t0psecret", "tokn": "a"}}, "values"),
        ({"values": {"token": "t0psecret\nX: y"}}, "values.token"),
        ({"values": {"token": "t0psecret\u00fc"}}, "values.token"),
        ({"values": {"token": "t0psecret" * 2000}}, "values.token"),
        ({"scheme": ConnectionScheme.HEADER, "values": {"header": "Host", "value": "t0psecret"}}, "values.header"),
        ({"scheme": ConnectionScheme.BASIC, "values": {"username": "a", "password": "b"}}, "values"),
    ],
)
def test_what_cannot_be_set_is_named_and_not_quoted(engine, httpserver: HTTPServer, change, field):
    with pytest.raises(Invalid) as refused:
        keeping.put(engine, "api", bearer(httpserver, **change))

    assert refused.value.field == field
    assert "t0psecret" not in str(refused.value)
    assert engine.store.read(connections.all_of) == []


def test_a_name_is_a_slug(engine, httpserver: HTTPServer):
    with pytest.raises(Invalid) as refused:
        keeping.put(engine, "Not A Slug", bearer(httpserver))

    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("status", "ok", "words"),
    [(200, True, "can be read"), (401, False, "refuses"), (404, None, "nothing to read"), (503, None, "trouble")],
)
def test_a_test_says_what_came_back(engine, httpserver: HTTPServer, status, ok, words):
    httpserver.expect_request("/v1/me", headers={"Authorization": "Bearer t0psecret"}).respond_with_data("", status)
    keeping.put(engine, "api", bearer(httpserver, base_url=httpserver.url_for("/v1/"), test_path="/me"))

    tested = keeping.test(engine, "api")

    assert (tested.ok, tested.status) == (ok, status)
    assert words in tested.message


def test_a_test_of_what_is_not_reached_says_so(engine, httpserver: HTTPServer):
    keeping.put(engine, "api", bearer(httpserver, base_url="http://10.0.0.1/"))

    tested = keeping.test(engine, "api")

    assert (tested.ok, tested.status) == (False, None)
    assert "no public address" in tested.message


def test_what_is_not_there_is_not_tested(engine):
    with pytest.raises(NotFound):
        keeping.test(engine, "other")


def test_who_uses_a_connection_is_known(engine, httpserver: HTTPServer):
    keeping.put(engine, "api", bearer(httpserver))
    workflow(engine, CALLS.replace("URL", "https://a.example"), "calls")
    deep = "steps: [{id: g, steps: [{uses: http.get, connection: api, with: {url: 'https://a.example'}}]}]"
    workflow(engine, f"name: Deep\non: {{trigger: t}}\n{deep}", "deep")
    workflow(engine, name="none")

    assert keeping.users_of(engine) == {"api": ["calls", "deep"]}


def test_a_connection_is_deleted_for_good(engine, httpserver: HTTPServer):
    keeping.put(engine, "api", bearer(httpserver))

    keeping.delete(engine, "api")

    assert engine.published.connections == {}
    with pytest.raises(NotFound):
        keeping.delete(engine, "api")


@pytest.mark.parametrize(
    ("answer", "ok"), [({"ok": True}, True), ({"ok": False, "error": "invalid_auth"}, False), ([], False)]
)
def test_a_connectors_own_test_knows_a_200_that_says_no(engine, httpserver: HTTPServer, answer, ok):
    sent = {"Authorization": "Bearer xoxb-t0psecret"}
    httpserver.expect_request("/api/auth.test", "POST", headers=sent).respond_with_json(answer)
    values = {"token": "xoxb-t0psecret"}
    keeping.put(engine, "chat", ConnectionSpec("slack", None, httpserver.url_for("/api"), None, values))

    assert keeping.test(engine, "chat").ok is ok


def test_a_connector_whose_key_goes_into_events_has_nothing_to_test_by(engine, httpserver: HTTPServer):
    keeping.put(engine, "page", ConnectionSpec("pagerduty", values={"routing_key": "a1b2" * 8}))

    tested = keeping.test(engine, "page")

    assert (tested.ok, tested.url) == (None, None)
    assert engine.published.connections["page"].base_url == "https://events.pagerduty.com/v2"


def test_a_few_tests_run_at_once_and_the_next_is_told_to_wait(engine, httpserver: HTTPServer, monkeypatch):
    arrived, go_on = Event(), Event()

    def slow(request: Request) -> Response:
        arrived.set()
        go_on.wait(10)
        return Response("")

    httpserver.expect_request("/me").respond_with_handler(slow)
    monkeypatch.setattr(outing, "_PLACES", BoundedSemaphore(1))  # the tests' server takes one at a time
    keeping.put(engine, "api", bearer(httpserver, test_path="/me"))
    first = Thread(target=keeping.test, args=(engine, "api"))
    first.start()
    assert arrived.wait(10)

    with pytest.raises(TooMany):
        keeping.test(engine, "api")

    go_on.set()
    first.join()
    assert keeping.test(engine, "api").ok
    assert outing.AT_ONCE < THREADS // 2


def test_a_resolver_that_hangs_holds_a_test_no_longer_than_its_patience(engine, httpserver, monkeypatch):
    go_on = Event()
    guard = Guard(resolve=lambda host, port: [str(go_on.wait(10))])
    keeping.put(engine, "api", bearer(httpserver, base_url="https://api.invalid"))
    monkeypatch.setattr(keeping, "PATIENCE", timedelta(seconds=0.1))
    began = monotonic()

    tested = keeping.test(replace(engine, guard=guard), "api")

    assert (tested.ok, monotonic() - began < 5) == (False, True)
    go_on.set()


def test_of_two_who_make_one_connection_the_second_changes_nothing(engine, httpserver: HTTPServer):
    keeping.add(engine, "api", bearer(httpserver))

    with pytest.raises(Conflict):
        keeping.add(engine, "api", bearer(httpserver, values={"token": "another-secret"}))

    assert engine.published.connections["api"].values == {"token": "t0psecret"}


def test_a_connection_of_another_connector_is_a_warning(engine, httpserver: HTTPServer):
    keeping.put(engine, "api", bearer(httpserver))
    step = "{uses: slack.post_message, connection: api, with: {channel: C1, text: hello}}"

    (warning,) = check(engine, "w", f"name: W\non: {{manual: true}}\nsteps: [{step}]").mistakes

    assert (warning.message, warning.warning) == (
        "the connection 'api' (bearer) is not one that `slack.post_message` takes",
        True,
    )


def test_data_of_the_author_that_looks_like_a_step_is_none(engine):
    text = """
name: W
on: {manual: true}
vars: {call: {uses: my.thing, connection: missing}}
steps:
  - uses: core.stop
    else: [{uses: http.get, connection: absent, with: {url: https://example.com}}]
    if: workflow.name == 'w'
outputs: {steps: [{uses: http.get, connection: missing}]}
"""

    found = [mistake.message for mistake in check(engine, "w", text).mistakes]

    assert [words for words in found if "connection" in words] == ["there is no connection 'absent' yet"]
