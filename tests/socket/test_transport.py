"""HTTP as senders, proxies and attackers write it."""

from contextlib import ExitStack, suppress
from http.client import HTTPException
from socket import create_connection

import pytest

from tests import signing
from tests.serving import Trigger, Wink, eventually
from tests.wire import JSON, PATIENCE, TEXT, Header, chunked, exchange, head, request, send

LIMIT = 5 * 1024 * 1024


@pytest.fixture(scope="module")
def trigger(wink: Wink) -> Trigger:
    return wink.trigger()


@pytest.fixture
def target(trigger: Trigger) -> str:
    """Return where to post to, with the key."""
    return f"{trigger.target}?apikey={trigger.api_key}"


def break_off(wink: Wink, sent: bytes) -> None:
    """Send the beginning of a request and hang up; whether there is an answer then is the server's choice."""
    with suppress(HTTPException, OSError):
        exchange(wink.port, sent, hang_up_after=0)


def reasons(wink: Wink, trigger: Trigger) -> list[str]:
    return [each["reason"] for each in wink.get(f"/deliveries?trigger={trigger.name}")["items"]]


def test_a_chunked_body_is_put_together(wink: Wink, target: str) -> None:
    answer = exchange(wink.port, chunked("POST", target, [JSON], [b'{"a', b'": ', b"1}"]))

    assert answer.status == 202
    assert wink.event(*answer.json()["events"])["data"] == {"a": 1}


def test_a_chunked_body_beyond_the_limit_is_too_large(wink: Wink, target: str) -> None:
    parts = [b"x" * 65_536] * (LIMIT // 65_536 + 1)

    assert exchange(wink.port, chunked("POST", target, [JSON], parts)).status == 413


@pytest.mark.parametrize("first", [0, 1])
def test_a_length_beside_chunks_does_not_count(wink: Wink, target: str, first: int) -> None:
    both = [("Content-Length", "2"), ("Transfer-Encoding", "chunked")]
    sent = head("POST", target, [JSON, both[first], both[1 - first]])
    chunks = [b'{"a": "', b"x" * LIMIT, b'"}', b""]

    assert exchange(wink.port, sent + b'8\r\n{"a": 1}\r\n0\r\n\r\n').status == 202
    assert exchange(wink.port, sent + b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in chunks)).status == 413


def test_a_body_that_says_it_is_too_large_is_not_waited_for(wink: Wink, target: str) -> None:
    sent = head("POST", target, [JSON, ("Content-Length", str(LIMIT + 1))])

    assert exchange(wink.port, sent).status == 413


def test_a_sender_that_asks_first_is_told_to_go_on(wink: Wink, target: str) -> None:
    asking = head("POST", target, [JSON, ("Expect", "100-continue"), ("Content-Length", "2")])
    with create_connection(("127.0.0.1", wink.port), timeout=PATIENCE) as connection:
        connection.sendall(asking)
        told = connection.recv(25)
        connection.sendall(b"{}")
        answer = connection.makefile("rb").read()

    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 202 Accepted\r\n")


@pytest.mark.parametrize("length", ["abc", "-1", "1, 2", "99999999999999999999999999", "0x10"])
def test_a_length_that_is_none_is_a_bad_request(wink: Wink, target: str, length: str) -> None:
    assert exchange(wink.port, head("POST", target, [JSON, ("Content-Length", length)]) + b"{}").status == 400


def test_two_lengths_that_differ_are_a_bad_request(wink: Wink, target: str) -> None:
    lengths = [("Content-Length", "2"), ("Content-Length", "7")]

    assert exchange(wink.port, head("POST", target, [JSON, *lengths]) + b'{"a":1}').status == 400


def test_a_body_shorter_than_it_says_is_not_taken_for_a_whole_one(wink: Wink) -> None:
    trigger = wink.trigger()
    sent = head("POST", f"{trigger.target}?apikey={trigger.api_key}", [TEXT, ("Content-Length", "12")]) + b"deposit 1"

    break_off(wink, sent)

    assert eventually(lambda: reasons(wink, trigger)) == ["malformed_body"]


def test_chunked_json_that_breaks_off_is_not_taken_for_a_whole_one(wink: Wink) -> None:
    trigger = wink.trigger()
    sent = chunked("POST", f"{trigger.target}?apikey={trigger.api_key}", [JSON], [b'{"deposit": 1', b"000}"])

    break_off(wink, sent[:-12])

    assert eventually(lambda: reasons(wink, trigger)) == ["malformed_body"]


@pytest.mark.parametrize("path", ["/webhooks/nobody", "/api/v1/triggers", "/healthz", "/"])
def test_senders_who_know_no_address_and_never_finish_keep_nobody_waiting(wink: Wink, target: str, path: str) -> None:
    with ExitStack() as held:
        for _ in range(100):
            connection = held.enter_context(create_connection(("127.0.0.1", wink.port)))
            connection.sendall(head("POST", path, [JSON, ("Content-Length", "10")]) + b"{")

        assert exchange(wink.port, request("POST", target, [JSON], b"{}")).seconds < 5


@pytest.mark.parametrize("name", ["x-api-key", "X-API-KEY", "x-aPi-KeY"])
def test_the_case_of_a_headers_name_does_not_count(trigger: Trigger, name: str) -> None:
    assert send(trigger.base_url, b"{}", [JSON, (name, trigger.api_key or "")]).status == 202


def test_a_signature_does_not_depend_on_the_host_that_a_request_names(wink: Wink) -> None:
    signed = wink.trigger(auth="signature", recipe="blink", public_url="https://hooks.example.com")
    url = f"https://hooks.example.com{signed.target}?team=red&note=a%20b"

    answer = exchange(
        wink.port,
        request("POST", f"{signed.target}?team=red&note=a%20b", signing.blink(signed.api_key or "", b"{}", url), b"{}"),
    )

    assert signed.base_url == f"https://hooks.example.com{signed.target}"
    assert answer.status == 202


@pytest.mark.parametrize("query", ["", "?", "?&&", "?a", "?=", "?a=1&a=2", "?%", "?%00", "?" + "a=1&" * 2_000])
def test_a_query_that_nobody_asked_for_changes_nothing(wink: Wink, trigger: Trigger, query: str) -> None:
    answer = exchange(
        wink.port, request("POST", trigger.target + query, [JSON, ("X-Api-Key", trigger.api_key or "")], b"{}")
    )

    assert answer.status == 202


@pytest.mark.parametrize(
    "path",
    ["/webhooks/", "/webhooks", "/webhooks/%00", "/webhooks/%ff", "/webhooks/..", "/webhooks/%2e%2e/api/v1/triggers",
     "/webhooks/../healthz", "/webhooks/{}/", "/webhooks/{}/x", "/webhooks/{}%00", "/webhooks/{}%20", "/webhooks//{}",
     "/webhooks/" + "a" * 10_000, "/webhooks/\u00fc", "/webhooks/%f0%9f%98%80", "/webhooks/{}.json", "/webhooks/*"],
)  # fmt: skip
def test_an_address_that_is_no_triggers_is_not_found(wink: Wink, trigger: Trigger, path: str) -> None:
    key: Header = ("X-Api-Key", trigger.api_key or "")

    answer = exchange(wink.port, request("POST", path.format(trigger.target.rpartition("/")[2]), [JSON, key], b"{}"))

    assert answer.status == 404


@pytest.mark.parametrize(
    "name", ["%f0%9f%98%80", "%c3%bc", "%ff", "%00", "%2e%2e", "%252e", "%25", "%", "a%20b", "a+b", "%0d%0a"]
)
def test_a_name_that_nothing_has_is_not_found_by_the_api_either(wink: Wink, name: str) -> None:
    answers = [wink.call("GET", f"/triggers/{name}"), exchange(wink.port, request("GET", f"/{name}"))]

    assert [answer.status for answer in answers] == [404, 404]


def test_the_api_is_asked_for_the_name_as_it_was_written(wink: Wink) -> None:
    answer = wink.call("GET", "/triggers/%25%f0%9f%98%80%2565")

    assert "%\U0001f600%65" in answer.json()["detail"]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"POST\r\n\r\n",
        b"POST /webhooks/\x00 HTTP/1.1\r\n\r\n",
        b"\r\n" * 20 + b"x\r\n\r\n",
    ],
)
def test_what_is_no_http_is_a_bad_request(wink: Wink, sent: bytes) -> None:
    assert exchange(wink.port, sent).status == 400


def test_a_request_in_the_form_for_proxies_is_understood(wink: Wink, target: str) -> None:
    assert exchange(wink.port, request("POST", f"http://elsewhere.test{target}", [JSON], b"{}")).status == 202


def test_a_websocket_is_not_spoken_and_asking_for_one_is_a_request_like_any_other(wink: Wink) -> None:
    asked = wink.trigger()
    names = [
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "d2luayB3aW5rIHdpbms0MA=="),
    ]
    sent = head("GET", asked.target, names).replace(b"Connection: close", b"Connection: Upgrade, close")

    assert exchange(wink.port, sent, hang_up_after=1).status == 405
    assert reasons(wink, asked) == ["method_not_allowed"]


def test_an_old_client_is_served(wink: Wink, target: str) -> None:
    sent = request("POST", target, [JSON], b"{}").replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n")

    assert exchange(wink.port, sent).status == 202


def test_requests_that_share_a_connection_are_answered_in_order(wink: Wink, target: str) -> None:
    kept = request("POST", target, [JSON], b"{}").replace(b"Connection: close\r\n", b"")
    with create_connection(("127.0.0.1", wink.port), timeout=PATIENCE) as connection:
        connection.sendall(kept + request("PUT", target, [JSON], b"{}"))
        answers = connection.makefile("rb").read()

    assert answers.index(b"202 Accepted") < answers.index(b"405 Method Not Allowed")


def test_a_content_type_given_twice_is_one_that_nobody_takes_or_the_first(wink: Wink, trigger: Trigger) -> None:
    answer = send(trigger.full_url or "", b"{", [JSON, TEXT])

    assert answer.status in {400, 415}
