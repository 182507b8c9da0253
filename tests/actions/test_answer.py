import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.actions.answer import failure_of, output_of, retry_after
from engine.actions.response import Response
from engine.actions.url import read_url

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def body_of(body: bytes, content_type: str | None) -> object:
    headers = {} if content_type is None else {"content-type": content_type}
    return output_of(Response(200, headers, body))["body"]


@pytest.mark.parametrize("content_type", ["application/json", "Application/Problem+JSON; charset=utf-8", "text/json"])
def test_json_is_parsed(content_type: str):
    assert body_of(b'\xef\xbb\xbf{"a": [1, 18446744073709551616]}', content_type) == {"a": [1, 2**64]}


@pytest.mark.parametrize("body", [b"{", b"NaN", b'"\\ud800"', b"1e999", b"[" * 1000])
def test_what_claims_to_be_json_and_is_not_is_text(body: bytes):
    assert body_of(body, "application/json") == body.decode()


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("größe".encode(), "text/plain", "größe"),
        ("größe".encode("latin-1"), 'text/html; charset="ISO-8859-1"', "größe"),
        (b"<a/>", "application/soap+xml", "<a/>"),
        (b"a: 1", "application/yaml", "a: 1"),
        (b"a\xff", "text/plain; charset=utf-8", "a�"),
        (b"a", "text/plain; charset=punycode", "a"),
        (b"a", "text/plain; charset=no-such-thing", "a"),
        (b"plain", None, "plain"),
    ],
)
def test_text_is_text(body: bytes, content_type: str | None, text: str):
    assert body_of(body, content_type) == text


@pytest.mark.parametrize("content_type", ["application/octet-stream", "image/png", None])
def test_other_bytes_are_base64_and_say_so(content_type: str | None):
    assert body_of(b"\x00\xff", content_type) == {"base64": "AP8="}


def test_no_body_is_null():
    assert body_of(b"", "application/json") is None


@given(st.binary(), st.text() | st.sampled_from(["application/json", "text/plain; charset=utf-16", ""]))
def test_any_response_gives_an_output_that_json_can_hold(body: bytes, content_type: str):
    output = output_of(Response(200, {"content-type": content_type}, body))

    assert json.loads(json.dumps(output, allow_nan=False)) == output


@pytest.mark.parametrize(
    ("status", "kind"),
    [(302, "failed"), (400, "http_4xx"), (404, "http_4xx"), (429, "http_429"), (500, "http_5xx"), (999, "http_5xx")],
)
def test_a_failure_has_the_kind_of_its_status_and_the_response(status: int, kind: str):
    response = Response(status, {"content-type": "text/plain"}, b"why")

    failure = failure_of(response, read_url("https://vendor.example/key"), NOW)

    assert (failure.kind, str(failure)) == (kind, f"vendor.example answered {status}")
    assert failure.output == {"status": status, "headers": {"content-type": "text/plain"}, "body": "why"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("Sat, 21 Nov 2026 12:01:00 GMT", 60),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_server_says_how_long_to_wait(status: int, text: str, seconds: int):
    wait = retry_after(Response(status, {"retry-after": text}, b""), NOW)

    assert wait == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "-5", "1.5", "٣", "9" * 30, "Sat, 99 Nov 2026 12:01:00 GMT"])
def test_a_wait_that_cannot_be_read_is_none(text: str):
    assert retry_after(Response(429, {"retry-after": text}, b""), NOW) is None


@pytest.mark.parametrize("status", [200, 301, 404, 500])
def test_other_statuses_ask_for_no_wait(status: int):
    assert retry_after(Response(status, {"retry-after": "120"}, b""), NOW) is None


@given(st.text())
def test_any_text_is_a_wait_or_none(text: str):
    wait = retry_after(Response(503, {"retry-after": text}, b""), NOW)

    assert wait is None or wait >= timedelta()
