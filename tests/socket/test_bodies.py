"""Whatever stands in a body ends as a verdict with a reason, never as an error of ours."""

import json

import pytest

from tests.serving import Trigger, Wink
from tests.wire import JSON, Header, send

DEEP = 100_000

FORM: Header = ("Content-Type", "application/x-www-form-urlencoded")
NDJSON: Header = ("Content-Type", "application/x-ndjson")
TEXT: Header = ("Content-Type", "text/plain")
MULTIPART: Header = ("Content-Type", "multipart/form-data; boundary=b")

MALFORMED = {
    "nothing": (JSON, b""),
    "white space": (JSON, b" \n"),
    "no JSON": (JSON, b"hello"),
    "cut off": (JSON, b'{"a": [1, 2'),
    "more than one value": (JSON, b"{} {}"),
    "lists too deep": (JSON, b"[" * DEEP + b"]" * DEEP),
    "mappings too deep": (JSON, b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "one level too deep": (JSON, b"[" * 201 + b"]" * 201),
    "never closed": (JSON, b"[" * DEEP),
    "a byte order mark": (JSON, b"\xef\xbb\xbf{}"),
    "UTF-16": (JSON, '{"a": 1}'.encode("utf-16")),
    "not UTF-8": (JSON, b'{"a": "\xff\xfe"}'),
    "an overlong character": (JSON, b'{"a": "\xc0\xaf"}'),
    "a surrogate in UTF-8": (JSON, b'{"a": "\xed\xa0\x80"}'),
    "half a surrogate pair": (JSON, b'{"a": "\\ud800"}'),
    "half a surrogate pair as a name": (JSON, b'{"\\udc00": 1}'),
    "a pair the wrong way round": (JSON, b'{"a": "\\udc00\\ud800"}'),
    "a name twice": (JSON, b'{"a": 1, "a": 2}'),
    "a name twice inside": (JSON, b'[{"b": {"a": 1, "a": 1}}]'),
    "a name twice, once in disguise": (JSON, b'{"a": 1, "\\u0061": 2}'),
    "NaN": (JSON, b'{"a": NaN}'),
    "Infinity": (JSON, b'{"a": Infinity}'),
    "-Infinity": (JSON, b"[-Infinity]"),
    "too large for a float": (JSON, b'{"a": 1e999}'),
    "too large for a float, alone": (JSON, b"-1e999"),
    "a comment": (JSON, b'{"a": 1} // x'),
    "a trailing comma": (JSON, b'{"a": 1,}'),
    "single quotes": (JSON, b"{'a': 1}"),
    "a raw control character": (JSON, b'{"a": "\x01"}'),
    "a raw NUL": (JSON, b'{"a": "\x00"}'),
    "NUL bytes alone": (JSON, b"\x00" * 64),
    "a bad line": (NDJSON, b'{"a": 1}\n{"a": \n'),
    "a form that is not UTF-8": (FORM, b"a=%ff"),
    "a form of many fields": (FORM, b"a=1&" * 1_001),
    "a form whose payload is no JSON": (FORM, b"payload=%7B"),
    "text that is not UTF-8": (TEXT, b"\xff"),
    "parts that never end": (MULTIPART, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'),
    "parts without a name": (MULTIPART, b"--b\r\n\r\n1\r\n--b--"),
    "parts without a boundary": (("Content-Type", "multipart/form-data"), b"--b--"),
}

#: JSON that is unusual and right: its data comes out as it went in.
UNUSUAL = {
    "a NUL in a text": b'{"a": "\\u0000"}',
    "a NUL in a name": b'{"\\u0000": 1}',
    "a surrogate pair": b'{"a": "\\ud83d\\ude00"}',
    "large integers": b'{"a": [18446744073709551616, -123456789012345678901234567890]}',
    "nothing in it": b"null",
    "a number alone": b"1.5",
    "a text alone": b'"x"',
    "200 levels": b"[" * 200 + b"]" * 200,
    "the same name in siblings": b'[{"a": 1}, {"a": 2}]',
    "names that mean something elsewhere": b'{"__proto__": 1, "constructor": {}, "$ref": "#", "": 0}',
}


@pytest.fixture(scope="module")
def trigger(wink: Wink) -> Trigger:
    return wink.trigger()


@pytest.mark.parametrize("title", MALFORMED)
def test_refused_with_400_in_words(wink: Wink, trigger: Trigger, title: str) -> None:
    kind, body = MALFORMED[title]

    answer = send(trigger.full_url or "", body, [kind])

    assert (answer.status, answer.json()["error"]) == (400, "malformed_body"), answer.body
    kept = wink.delivery(answer)
    assert (kept["verdict"], kept["reason"], kept["size"]) == ("rejected", "malformed_body", len(body))
    assert kept["detail"]


@pytest.mark.parametrize("title", UNUSUAL)
def test_accepted_and_kept_as_it_is(wink: Wink, trigger: Trigger, title: str) -> None:
    body = UNUSUAL[title]

    answer = send(trigger.full_url or "", body)

    assert answer.status == 202, answer.body
    assert wink.event(*answer.json()["events"])["data"] == json.loads(body)


def test_a_body_of_exactly_the_limit_is_taken(trigger: Trigger) -> None:
    body = b'"' + b"x" * (5 * 1024 * 1024 - 2) + b'"'

    assert send(trigger.full_url or "", body).status == 202


@pytest.mark.parametrize("body", [b'{"event_type": "a\\u0000b"}', b'{"event_type": "' + b"a" * 2_000 + b'"}'])
def test_a_type_that_the_tables_cannot_hold_is_refused(wink: Wink, body: bytes) -> None:
    detectify = wink.trigger(connector="detectify")

    answer = send(detectify.full_url or "", body)

    assert (answer.status, answer.json()["error"]) == (400, "malformed_body")


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"', b'{"event_type": {}}', b'{"event_type": null}'])
def test_a_body_that_a_connector_does_not_expect_is_an_event_of_unknown_type(wink: Wink, body: bytes) -> None:
    detectify = wink.trigger(connector="detectify")

    answer = send(detectify.full_url or "", body)

    assert answer.status == 202
    assert wink.event(*answer.json()["events"])["type"] == "detectify.unknown"
