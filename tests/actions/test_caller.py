"""Credentials are sent to their own address, in the way of their scheme, and to nobody else."""

import asyncio
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from engine.actions.caller import hidden_of
from engine.actions.declaration import ConnectionDeclaration
from engine.errors import ActionFailed
from tests.actions.conftest import NOW

SECRET = "t0p s3cret/+"


def sent(httpserver: HTTPServer, index: int = -1) -> dict[str, str]:
    return {name.lower(): value for name, value in httpserver.log[index][0].headers.items()}


@pytest.fixture
def fetch(actions, call, httpserver: HTTPServer):
    """Send a GET with a connection to a path of the tests' server; return the output and what is hidden."""

    def get(connection, path="/a", **inputs):
        made = call(connection, url=httpserver.url_for(path), **inputs)
        return asyncio.run(actions["http.get"].run(made)), made.hidden

    return get


@pytest.mark.parametrize(
    ("given", "sends"),
    [
        (("bearer", {"token": SECRET}), ("authorization", f"Bearer {SECRET}")),
        (("header", {"header": "X-Api-Key", "value": SECRET}), ("x-api-key", SECRET)),
        (
            ("basic", {"username": "ann", "password": SECRET}),
            ("authorization", f"Basic {b64encode(f'ann:{SECRET}'.encode()).decode()}"),
        ),
    ],
)
def test_each_scheme_puts_its_header(fetch, connection, httpserver, given, sends):
    (scheme, values), (header, value) = given, sends
    httpserver.expect_request("/a").respond_with_data("")

    _, hidden = fetch(connection(scheme, values))

    assert sent(httpserver)[header] == value
    assert {SECRET, value.split()[-1] if scheme == "basic" else SECRET} <= hidden


def test_a_header_of_the_author_does_not_replace_the_credentials(fetch, connection, httpserver: HTTPServer):
    httpserver.expect_request("/a").respond_with_data("")

    fetch(connection("bearer", {"token": SECRET}), headers={"AUTHORIZATION": "Bearer mine"})

    assert sent(httpserver)["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("base", ["https://127.0.0.1:{port}/", "http://localhost:{port}/", "http://127.0.0.1:1/"])
def test_credentials_go_to_no_other_scheme_host_or_port(fetch, connection, httpserver: HTTPServer, base):
    with pytest.raises(ActionFailed, match=r"for .* alone") as failure:
        fetch(connection("bearer", {"token": SECRET}, base_url=base.format(port=httpserver.port)))

    assert failure.value.kind == "refused"
    assert not httpserver.log


@pytest.mark.parametrize("path", ["/tenant-b", "/", "/tenant/../other", "/tenant/%2e%2e/other"])
def test_credentials_go_to_no_other_folder(fetch, connection, httpserver: HTTPServer, path):
    with pytest.raises(ActionFailed) as failure:
        fetch(connection("bearer", {"token": SECRET}, base_url=httpserver.url_for("/tenant")), path)

    assert failure.value.kind == "refused"
    assert not httpserver.log


def test_credentials_do_not_follow_a_redirect_to_another_port(fetch, connection, httpserver: HTTPServer):
    with HTTPServer("127.0.0.1", 0) as elsewhere:
        elsewhere.expect_request("/b").respond_with_data("hello")
        httpserver.expect_request("/a").respond_with_data("", 302, {"Location": elsewhere.url_for("/b")})

        fetch(connection("bearer", {"token": SECRET}))

        assert SECRET in sent(httpserver)["authorization"]
        assert "authorization" not in sent(elsewhere)


def test_credentials_do_not_follow_a_redirect_out_of_their_folder(fetch, connection, httpserver: HTTPServer):
    for path, onward in (("/api/a", "/api/b"), ("/api/b", "/elsewhere")):
        httpserver.expect_request(path).respond_with_data("", 302, {"Location": onward})
    httpserver.expect_request("/elsewhere").respond_with_data("hello")

    fetch(connection("bearer", {"token": SECRET}, base_url=httpserver.url_for("/api")), "/api/a")

    assert [SECRET in sent(httpserver, index).get("authorization", "") for index in range(3)] == [True, True, False]


def test_a_key_in_place_of_the_user_name_is_hidden(fetch, connection, httpserver: HTTPServer):
    httpserver.expect_request("/a").respond_with_data("")

    _, hidden = fetch(connection("basic", {"username": "key-12345", "password": "x"}))
    _, with_password = fetch(connection("basic", {"username": "ann-smith", "password": SECRET}))

    assert "key-12345" in hidden
    assert "ann-smith" not in with_password


@pytest.mark.parametrize("kind", ["application/octet-stream", "application/x-json", "application/json-seq"])
def test_binary_bodies_hold_no_credentials_in_base64(fetch, connection, httpserver: HTTPServer, kind):
    httpserver.expect_request("/a").respond_with_data(b"\xff\xfe" + SECRET.encode(), content_type=kind)

    output, _ = fetch(connection("bearer", {"token": SECRET}))

    assert SECRET.encode() not in b64decode(output["body"]["base64"])


class TokenServer:
    """A token endpoint that counts, and an API that takes the newest token alone."""

    def __init__(self, httpserver: HTTPServer, **answer: object) -> None:
        self.given, self.server, self.taken = 0, httpserver, None
        self.answer = {"token_type": "Bearer", "expires_in": 3600} | answer
        httpserver.expect_request("/token", "POST").respond_with_handler(self._token)
        httpserver.expect_request("/a").respond_with_handler(self._api)

    def _token(self, request) -> Response:
        self.given += 1
        self.request = request
        self.taken = f"access-{self.given}"
        return Response(
            response=json.dumps({"access_token": self.taken, **self.answer}),
            content_type="application/json",
        )

    def _api(self, request) -> Response:
        return Response(status=200 if request.headers["Authorization"] == f"Bearer {self.taken}" else 401)


@pytest.fixture
def oauth(connection, httpserver: HTTPServer):
    def make(**values: str):
        given = {"client_id": "me", "client_secret": SECRET, "scope": "read write", "audience": "", "client_auth": ""}
        return connection("oauth2_client_credentials", {"token_url": httpserver.url_for("/token"), **given, **values})

    return make


def test_a_token_is_asked_for_once_and_hidden(fetch, oauth, httpserver: HTTPServer):
    server = TokenServer(httpserver)

    hidden = [fetch(oauth())[1] for _ in range(3)][-1]

    assert (server.given, "access-1" in hidden) == (1, True)
    assert dict(server.request.form) == {"grant_type": "client_credentials", "scope": "read write"}
    pair = b64decode(server.request.headers["Authorization"].removeprefix("Basic ")).decode()
    assert pair == "me:t0p+s3cret%2F%2B"


def test_a_client_can_prove_itself_in_the_body(fetch, oauth, httpserver: HTTPServer):
    server = TokenServer(httpserver)

    fetch(oauth(client_auth="body"))

    assert (server.request.form["client_id"], server.request.form["client_secret"]) == ("me", SECRET)
    assert "Authorization" not in server.request.headers


def test_a_token_is_not_used_up_to_its_end(actions, call, oauth, httpserver: HTTPServer):
    server = TokenServer(httpserver, expires_in="600")
    for minutes in (0, 8.9, 9.1):
        now = NOW + timedelta(minutes=minutes)
        made = call(oauth(), url=httpserver.url_for("/a"))
        made = replace(made, now=now, deadline=now + timedelta(seconds=10))
        asyncio.run(actions["http.get"].run(made))

    assert server.given == 2


def test_a_token_that_was_taken_back_is_renewed_once(fetch, oauth, httpserver: HTTPServer):
    server = TokenServer(httpserver)
    fetch(oauth())
    server.taken = "another"

    output, _ = fetch(oauth())

    assert (output["status"], server.given) == (200, 2)


def test_a_service_that_takes_no_token_is_asked_twice_and_no_more(fetch, oauth, httpserver: HTTPServer):
    httpserver.expect_request("/token").respond_with_json({"access_token": "a" * 9})
    httpserver.expect_request("/a").respond_with_data("", 401)

    with pytest.raises(ActionFailed, match="401"):
        fetch(oauth())

    assert [request.path for request, _ in httpserver.log] == ["/token", "/a", "/token", "/a"]


def test_a_connection_that_was_set_anew_gets_a_new_token(fetch, oauth, httpserver: HTTPServer):
    server = TokenServer(httpserver)

    fetch(oauth())
    fetch(oauth(client_secret="another one"))

    assert server.given == 2


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (({"error": "invalid_client"}, 401), ("http_4xx", r"answered 401 \(invalid_client\)")),
        (({"error": f"no {SECRET}"}, 400), ("http_4xx", "answered 400$")),
        (({}, 503), ("http_5xx", "answered 503")),
        (({}, 200), ("failed", "without an access token")),
        (({"access_token": "a\nb"}, 200), ("failed", "without an access token")),
        (({"access_token": "abcd", "token_type": "mac"}, 200), ("failed", "no bearer")),
    ],
)
def test_without_a_token_nothing_is_sent(fetch, oauth, httpserver: HTTPServer, answer, failed):
    kind, words = failed
    httpserver.expect_request("/token").respond_with_json(*answer)

    with pytest.raises(ActionFailed, match=words) as failure:
        fetch(oauth())

    assert failure.value.kind == kind
    assert SECRET not in str(failure.value)
    assert [request.path for request, _ in httpserver.log] == ["/token"]


def test_the_token_url_is_guarded_too(actions, call, oauth, httpserver: HTTPServer):
    made = call(oauth(token_url="http://10.0.0.1/token"), url=httpserver.url_for("/a"))

    with pytest.raises(ActionFailed, match=r"10\.0\.0\.1") as failure:
        asyncio.run(actions["http.get"].run(made))

    assert failure.value.kind == "refused"


def test_every_part_of_an_address_that_could_be_its_key_is_hidden(connection):
    declaration = ConnectionDeclaration.model_validate(
        {"fields": {"u": {"title": "URL", "secret": True}}, "sends": {"url": True, "value": "{u}"}}
    )
    url = "https://a.example/webhookb2/0a1b2c3d4e5f60718293/x?v=1&sig=Zm9v%2FYmFyYmF6cXV4"

    hidden = hidden_of(connection("declared", {"u": url}, connector="v"), declaration)

    assert {url, "0a1b2c3d4e5f60718293", "Zm9v%2FYmFyYmF6cXV4", "Zm9v/YmFyYmF6cXV4"} <= hidden
    assert not {"webhookb2", "x", "a.example"} & hidden
