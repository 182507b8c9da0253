import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definitions.bodies import Kind, compile_bodies, read_json
from engine.errors import Rejected
from engine.words import Reason

ALL = compile_bodies(
    {
        "application/json": "json",
        "application/*+json": "json",
        "application/x-www-form-urlencoded": "form_payload",
        "application/x-plain-form": "form",
        "application/x-ndjson": "ndjson",
        "multipart/form-data": "multipart",
        "text/*": "text",
    }
)
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=AaB03x"


def refusal(body: bytes, content_type: str = "application/json") -> str:
    with pytest.raises(Rejected) as refused:
        ALL.read(body, content_type)
    assert refused.value.reason is Reason.MALFORMED_BODY
    return refused.value.detail


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", "json"),
        ("Application/JSON; charset=utf-8", "json"),
        ("application/cloudevents+json", "json"),
        ("text/plain", "text"),
        ("", "json"),
        ("image/png", None),
        ("application/jsonp", None),
    ],
)
def test_the_connector_says_who_reads_a_content_type(content_type: str, expected: Kind | None) -> None:
    assert ALL.kind(content_type) == expected


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "EOF"),
        (b"{", "EOF"),
        (b'{"a": 1} x', "trailing characters"),
        (b'{"a": 1, "a": 2}', "duplicate key"),
        (b'{"a": {"b": 1, "b": 2}}', "duplicate key"),
        (b"[NaN]", "no JSON"),
        (b"[Infinity]", "no JSON"),
        (b"[1e999]", "too large for a float"),
        (b'{"a": {"b": [-1e999]}}', "too large for a float"),
        (b"1e999", "too large for a float"),
        (b'["\\ud800"]', "no JSON"),
        (b'["\\udc00\\ud800"]', "no JSON"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'["caf\xe9"]', "not UTF-8, from byte 5 on"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b"[" * 201 + b"]" * 201, "more than 200 levels"),
        (b'{"a":' * 201 + b"1" + b"}" * 201, "recursion limit"),
        (b"[" * 100_000, "recursion limit"),
        (b"1" * 5_000, "out of range"),
        (b"{'a': 1}", "no JSON"),
    ],
)
def test_json_that_two_readers_could_understand_in_two_ways_is_refused(body: bytes, words: str) -> None:
    assert words.lower() in refusal(body).lower()


@pytest.mark.parametrize(
    "body",
    [
        b'{"subject": "{{7*7}} <% x %> ${jndi:ldap://x} !!python/object", "nul": "\\u0000", "rtl": "\\u202e"}',
        b'{"big": 123456789012345678901234567890, "zero": -0, "small": 1e-999}',
        b'"text"',
        b"null",
        b"[" * 200 + b"]" * 200,
        '["\\ud83d\\ude00", "é"]'.encode(),
    ],
)
def test_hostile_but_well_formed_json_is_read_as_it_is(body: bytes) -> None:
    assert read_json(body) == json.loads(body)


def test_a_form_becomes_its_fields_and_a_repeated_field_a_list() -> None:
    body = b"name=caf%C3%A9+au+lait&tag=a&tag=b&empty="

    fields = ALL.read(body, "application/x-plain-form")

    assert fields == {"name": "café au lait", "tag": ["a", "b"], "empty": ""}


def test_a_form_with_a_payload_holds_json() -> None:
    assert ALL.read(b"payload=%7B%22a%22%3A1%7D", FORM) == {"a": 1}
    assert ALL.read(b"command=%2Fdeploy", FORM) == {"command": "/deploy"}
    assert "no JSON" in refusal(b"payload=%7B", FORM)


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"a=%ff", "not UTF-8"), (b"a=\xff", "not UTF-8"), (b"a&" * 2_000, "more than 1000 fields")],
)
def test_a_form_that_cannot_be_read_is_refused(body: bytes, words: str) -> None:
    assert words in refusal(body, FORM)


def test_each_line_of_ndjson_is_a_value() -> None:
    assert ALL.read(b'{"a": 1}\n\n[2]\r\n', "application/x-ndjson") == [{"a": 1}, [2]]
    assert "no JSON" in refusal(b'{"a": 1}\n{"a"', "application/x-ndjson")


def test_text_is_utf_8() -> None:
    assert ALL.read("<a>é</a>".encode(), "text/xml") == "<a>é</a>"
    assert "not UTF-8" in refusal(b"\xe9", "text/plain")


def test_multipart_becomes_fields_and_of_a_file_its_name_and_size() -> None:
    body = (
        b'--AaB03x\r\nContent-Disposition: form-data; name="note"\r\n\r\nline one\r\nline two\r\n'
        b'--AaB03x\r\nContent-Disposition: form-data; name="scan"; filename="a.bin"\r\n\r\n\xff\x00\r\n'
        b"--AaB03x--\r\n"
    )

    fields = ALL.read(body, PARTS)

    assert fields == {"note": "line one\r\nline two", "scan": {"filename": "a.bin", "size": 2}}


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"--AaB03x--", "multipart/form-data", "names no boundary"),
        (b'--AaB03x\r\nContent-Disposition: form-data; name="a"\r\n\r\nx', PARTS, "cut off"),
        (b"", PARTS, "cut off"),
        (b"--AaB03x\r\n\r\nx\r\n--AaB03x--", PARTS, "has no name"),
        (b"--AaB03x" + b"\r\n--AaB03x" * 1_000 + b"--", PARTS, "more than 1000 fields"),
    ],
)
def test_multipart_that_cannot_be_read_is_refused(body: bytes, content_type: str, words: str) -> None:
    assert words in refusal(body, content_type)


@given(body=st.binary(max_size=200), content_type=st.sampled_from(["", FORM, PARTS, "application/x-ndjson", "text/a"]))
def test_any_bytes_are_a_value_or_a_refusal(body: bytes, content_type: str) -> None:
    try:
        value = ALL.read(body, content_type)
    except Rejected:
        return
    assert json.dumps(value, allow_nan=False)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_every_json_value_is_read_exactly(value: object) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return

    assert read_json(text) == value


def token(claims: bytes) -> bytes:
    return b"e30." + urlsafe_b64encode(claims).rstrip(b"=") + b".c2ln"


@pytest.mark.parametrize("claims", [b'{"iss": "acme"}', b'{"n": [1, null]}', b"[]", b"{}"])
def test_a_body_that_is_a_token_gives_its_claims(claims: bytes) -> None:
    bodies = compile_bodies({"application/jwt": "jwt"})

    assert bodies.read(token(claims) + b"\n", "application/jwt") == json.loads(claims)


@pytest.mark.parametrize(
    "body",
    [b"", b"..", b"a.b", b"a.b.c", b"e30.e30=.c", b"e30.e3\xff.c", b"e30.e30.c.d", b"e30.AAAAA.c", b"{}", token(b"{")],
)
def test_a_body_that_is_no_token_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        compile_bodies({"application/jwt": "jwt"}).read(body, "application/jwt")

    assert refused.value.reason is Reason.MALFORMED_BODY
