import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse

import pytest

from engine.errors import AddressTaken
from web.sink import HOST, KEPT, LARGEST, Sink, open_sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with open_sink(0) as sink:
        yield sink


@contextmanager
def ask(sink: Sink, method: str, path: str = "/", body: bytes | None = None, **headers: str) -> Iterator[HTTPResponse]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(HTTPConnection(HOST, sink.port, timeout=5)) as connection:
        connection.request(method, path, body, names)
        with connection.getresponse() as answer:
            yield answer


def shown(sink: Sink) -> dict[str, object]:
    with ask(sink, "GET") as answer:
        return json.load(answer)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_request_is_taken_and_numbered(sink, method):
    with ask(sink, method, "/tickets", b'{"title": "One"}', idempotency_key="run_1/ticket/1") as answer:
        told = json.load(answer)

    assert (answer.status, told) == (201, {"number": 1, "key": "SINK-1"})
    assert shown(sink)["last"] == [
        {
            "number": 1,
            "method": method,
            "path": "/tickets",
            "idempotency_key": "run_1/ticket/1",
            "body": '{"title": "One"}',
        }
    ]


def test_a_request_without_a_body_is_taken(sink):
    with ask(sink, "DELETE", "/files/1") as answer:
        assert answer.status == 201


def test_a_key_that_comes_again_is_seen_as_repeated(sink):
    for key in ("one", "two", "one"):
        sink.take("POST", "/", key, b"")

    with ask(sink, "GET", "/counts") as answer:
        assert json.load(answer) == {"one": 2, "two": 1}
    assert shown(sink)["repeated"] == {"one": 2}


def test_the_newest_requests_are_kept_and_all_are_counted(sink):
    for number in range(KEPT + 2):
        sink.take("POST", f"/{number}", "", b"")

    contents = shown(sink)

    assert contents["total"] == KEPT + 2
    assert [arrival["path"] for arrival in contents["last"]] == [f"/{n}" for n in range(KEPT + 1, 1, -1)]


def test_a_browser_gets_a_page_in_which_nothing_that_was_sent_is_html(sink):
    sink.take("POST", "/x", "", "<script>alert('ü')</script>".encode())

    with ask(sink, "GET", accept="text/html,*/*") as answer:
        page = answer.read().decode()

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;script&gt;alert(&#x27;ü&#x27;)" in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    "headers", [{"content_length": str(LARGEST + 1)}, {"content_length": "many"}, {"transfer_encoding": "chunked"}]
)
def test_a_body_that_is_too_large_or_without_a_length_is_refused(sink, headers):
    with ask(sink, "POST", **headers) as answer:
        assert answer.status == 413
    assert shown(sink)["total"] == 0


def test_a_port_that_is_taken_is_said_in_words(sink):
    with (
        pytest.raises(AddressTaken, match=f"cannot listen on 127.0.0.1:{sink.port}.*--no-examples"),
        open_sink(sink.port),
    ):
        pass
