import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.actions.compose import compose
from engine.errors import ActionFailed

URL = "https://vendor.example/a"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def test_json_is_written_exactly_with_its_type():
    request = compose("POST", {"url": URL, "json": {"n": 2**70, "t": "ü"}}, "key")

    assert request.body == b'{"n":1180591620717411303424,"t":"\\u00fc"}'
    assert request.headers["content-type"] == "application/json"


def test_a_json_null_is_a_body():
    assert compose("POST", {"url": URL, "json": None}, "key").body == b"null"


def test_a_form_repeats_lists_and_leaves_out_nulls():
    request = compose("POST", {"url": URL, "form": {"a": [1, True], "b": None, "c": "d&e=f"}}, "key")

    assert request.body == b"a=1&a=true&c=d%26e%3Df"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_text_body_is_plain_text_unless_a_header_says_else():
    plain = compose("POST", {"url": URL, "body": "ü"}, "key")
    xml = compose("POST", {"url": URL, "body": "<a/>", "headers": {"Content-Type": "text/xml"}}, "key")

    assert (plain.body, plain.headers["content-type"]) == ("ü".encode(), "text/plain; charset=utf-8")
    assert xml.headers["content-type"] == "text/xml"


def test_two_bodies_are_one_too_many():
    with pytest.raises(ActionFailed, match="one body: json or body"):
        compose("POST", {"url": URL, "json": {}, "body": ""}, "key")


def test_the_query_is_added_to_the_one_of_the_url():
    request = compose("GET", {"url": f"{URL}?a=1", "query": {"b": ["2 &", 3], "c": None, "d": False}}, "key")

    assert str(request.url) == f"{URL}?a=1&b=2+%26&b=3&d=false"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_request_that_changes_something_carries_its_key(method: str):
    assert compose(method, {"url": URL}, "run/step/0").headers == {"idempotency-key": "run/step/0"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_request_that_changes_nothing_carries_no_key(method: str):
    assert compose(method, {"url": URL}, "run/step/0").headers == {}


def test_an_author_s_own_key_stays():
    request = compose("POST", {"url": URL, "headers": {"Idempotency-Key": "mine"}}, "run/step/0")

    assert request.headers == {"idempotency-key": "mine"}


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\nb", "a\rb", "a\x00b", "a\x7fb"])
def test_a_control_character_in_a_header_is_invalid(value: str):
    with pytest.raises(ActionFailed) as failure:
        compose("POST", {"url": URL, "headers": {"X-A": value}}, "key")

    assert failure.value.kind == "invalid"


@pytest.mark.parametrize("name", ["X A", "X-A:", "X-A\r\nX-B", "", "ü", "Host", "content-length", "Transfer-Encoding"])
def test_a_header_that_is_none_or_not_the_author_s_is_invalid(name: str):
    with pytest.raises(ActionFailed, match="no header that a step can set"):
        compose("POST", {"url": URL, "headers": {name: "1"}}, "key")


@pytest.mark.parametrize(
    "parts",
    [
        {"headers": []},
        {"headers": {"x-a": {}}},
        {"query": "a=b"},
        {"query": {"a": [[1]]}},
        {"form": {"a": {"b": 1}}},
        {"body": {"a": 1}},
        {"body": "\ud800"},
        {"query": {"a": "\ud800"}},
        {"form": {"a": "\ud800"}},
    ],
)
def test_parts_of_the_wrong_shape_are_invalid(parts: dict[str, object]):
    with pytest.raises(ActionFailed) as failure:
        compose("POST", {"url": URL, **parts}, "key")

    assert failure.value.kind == "invalid"


@given(st.dictionaries(st.sampled_from(["url", "headers", "query", "json", "form", "body"]), json_values))
def test_whatever_the_inputs_hold_gives_a_request_or_a_failure_of_ours(parts: dict[str, object]):
    try:
        request = compose("POST", {"url": URL, **parts}, "key")
    except ActionFailed:
        return

    assert all("\n" not in value and "\r" not in value for value in request.headers.values())
