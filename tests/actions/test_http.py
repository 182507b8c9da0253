import asyncio
from datetime import timedelta
from threading import Event

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response as Sent

from engine.errors import ActionFailed
from engine.words import Effect


def test_a_post_sends_json_with_its_key_and_returns_what_came_back(actions, call, httpserver: HTTPServer):
    httpserver.expect_request("/a", "POST", json={"a": 1}).respond_with_json({"id": 7}, 201, {"X-One": "1"})

    output = asyncio.run(actions["http.post"].run(call(url=httpserver.url_for("/a"), json={"a": 1})))

    assert (output["status"], output["body"], output["headers"]["x-one"]) == (201, {"id": 7}, "1")
    assert httpserver.log[0][0].headers["Idempotency-Key"] == "run_1/step/0"


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_each_method_has_its_action(actions, call, httpserver: HTTPServer, method: str):
    httpserver.expect_request("/", method.upper()).respond_with_data("", 204)

    assert asyncio.run(actions[f"http.{method}"].run(call(url=httpserver.url_for("/"))))["status"] == 204


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
def test_a_request_names_its_method(actions, call, httpserver: HTTPServer, method: str):
    httpserver.expect_request("/", method).respond_with_data("", 204)

    assert asyncio.run(actions["http.request"].run(call(url=httpserver.url_for("/"), method=method)))["status"] == 204


def test_http_actions_can_be_repeated_with_their_key_and_are_not_pure(actions):
    specs = [action.spec for name, action in actions.items() if name.startswith("http.")]

    assert {(spec.effect, spec.pure) for spec in specs} == {(Effect.IDEMPOTENT, False)}


def test_a_bad_status_fails_with_the_wait_that_the_server_asks_for(actions, call, httpserver: HTTPServer):
    httpserver.expect_request("/").respond_with_data("slow down", 429, {"Retry-After": "7"})

    with pytest.raises(ActionFailed, match=r"127\.0\.0\.1 answered 429") as failure:
        asyncio.run(actions["http.get"].run(call(url=httpserver.url_for("/"))))

    assert (failure.value.kind, failure.value.retry_after) == ("http_429", timedelta(seconds=7))
    assert failure.value.output["body"] == "slow down"


def test_a_bad_status_is_an_output_where_the_step_says_so(actions, call, httpserver: HTTPServer):
    httpserver.expect_request("/").respond_with_data("gone", 410)

    assert (
        asyncio.run(actions["http.get"].run(call(url=httpserver.url_for("/"), fail_on_status=False)))["status"] == 410
    )


def test_redirects_are_followed(actions, call, httpserver: HTTPServer):
    httpserver.expect_request("/a").respond_with_data("", 302, {"Location": "/b"})
    httpserver.expect_request("/b").respond_with_data("there")

    assert asyncio.run(actions["http.get"].run(call(url=httpserver.url_for("/a"))))["body"] == "there"


def test_redirects_are_not_followed_where_the_step_says_so(actions, call, httpserver: HTTPServer):
    httpserver.expect_request("/a").respond_with_data("", 302, {"Location": "/b"})

    output = asyncio.run(actions["http.get"].run(call(url=httpserver.url_for("/a"), follow_redirects=False)))

    assert (output["status"], output["headers"]["location"]) == (302, "/b")


def test_five_redirects_are_followed_and_the_sixth_fails(actions, call, httpserver: HTTPServer):
    for number in range(6):
        httpserver.expect_request(f"/{number}").respond_with_data("", 307, {"Location": f"/{number + 1}"})
    httpserver.expect_request("/6").respond_with_data("end")

    assert asyncio.run(actions["http.get"].run(call(url=httpserver.url_for("/1"))))["body"] == "end"
    with pytest.raises(ActionFailed, match="more than 5 times"):
        asyncio.run(actions["http.get"].run(call(url=httpserver.url_for("/0"))))


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/latest", "http://10.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://0x0a000001/"],
)
def test_a_redirect_to_a_private_address_is_refused(actions, call, httpserver: HTTPServer, location: str):
    httpserver.expect_request("/").respond_with_data("", 302, {"Location": location})

    with pytest.raises(ActionFailed) as failure:
        asyncio.run(actions["http.get"].run(call(url=httpserver.url_for("/"))))

    assert failure.value.kind == "refused"


def test_the_step_s_timeout_is_shortened_by_the_action_s(actions, call, httpserver: HTTPServer):
    over = Event()
    httpserver.expect_request("/").respond_with_handler(lambda _: (over.wait(10), Sent())[1])

    with pytest.raises(ActionFailed) as failure:
        asyncio.run(actions["http.get"].run(call(url=httpserver.url_for("/"), timeout="100ms")))
    over.set()

    assert failure.value.kind == "timeout"


@pytest.mark.parametrize(
    ("name", "inputs", "complaint"),
    [
        ("http.get", {}, "url"),
        ("http.get", {"url": 5}, "url"),
        ("http.get", {"url": "http://127.0.0.1/", "json": {}}, "json"),
        ("http.get", {"url": "http://127.0.0.1/", "timeout": "5"}, "timeout"),
        ("http.get", {"url": "http://127.0.0.1/", "headers": {"a": None}}, "headers"),
        ("http.get", {"url": "http://127.0.0.1/", "query": {"a": {}}}, "query"),
        ("http.get", {"url": "http://127.0.0.1/", "fail_on_status": "no"}, "fail_on_status"),
        ("http.request", {"url": "http://127.0.0.1/"}, "method"),
        ("http.request", {"url": "http://127.0.0.1/", "method": "CONNECT"}, "method"),
        ("http.request", {"url": "http://127.0.0.1/", "method": "get"}, "method"),
    ],
)
def test_wrong_inputs_are_invalid_and_named(actions, call, name: str, inputs: dict[str, object], complaint: str):
    with pytest.raises(ActionFailed, match=complaint) as failure:
        asyncio.run(actions[name].run(call(**inputs)))

    assert failure.value.kind == "invalid"
