"""Credentials do not reach what is stored or logged, and nothing else is lost."""

import pytest

from engine.redact import REDACTED, forms, redact_headers, redact_query, redact_text, redact_value


@pytest.mark.parametrize(
    "name", ["authorization", "cookie", "x-api-key", "blink-api-key", "x-gitlab-token", "x-webhook-secret", "x-auth"]
)
def test_headers_with_credentials_are_hidden(name):
    assert redact_headers({name: ("a", "b")}) == {name: (REDACTED, REDACTED)}


@pytest.mark.parametrize(
    "name", ["idempotency-key", "x-event-key", "content-type", "x-hub-signature-256", "webhook-id"]
)
def test_headers_that_people_need_stay(name):
    assert redact_headers({name: ("value",)}) == {name: ("value",)}


def test_what_the_trigger_reads_its_key_from_is_hidden_too():
    assert redact_headers({"x-mine": ("k",)}, ["x-mine"]) == {"x-mine": (REDACTED,)}
    assert redact_query("mine=k&a=1", ["mine"]) == f"mine={REDACTED}&a=1"


def test_keys_in_a_query_are_hidden_and_the_rest_keeps_its_order():
    assert redact_query("a=1&apikey=s3cret&b=x%20y&apikey=other&key=k") == (
        f"a=1&apikey={REDACTED}&b=x%20y&apikey={REDACTED}&key={REDACTED}"
    )


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("Bearer abc", f"Bearer {REDACTED}"),
        ("basic YTpi", f"basic {REDACTED}"),
        ("s3cret word", REDACTED),
        ("abc", REDACTED),
    ],
)
def test_of_a_credential_the_word_of_http_stays(value, kept):
    assert redact_headers({"authorization": (value,)}) == {"authorization": (kept,)}


def test_what_is_no_key_stays_in_a_query_as_it_was_sent():
    assert redact_query("a=1:2&b=x+y&&c&mail=a@b.c&%61pikey=s&z=%C3%A9") == (
        f"a=1:2&b=x+y&&c&mail=a@b.c&%61pikey={REDACTED}&z=%C3%A9"
    )


def test_bytes_that_no_query_may_hold_are_escaped():
    assert redact_query("a=\xe9 \n\0") == "a=%C3%A9%20%0A%00"


def test_secret_values_are_taken_out_of_text_longest_first():
    assert redact_text("token abcd-efgh and abcd", ["abcd", "abcd-efgh", "x"]) == f"token {REDACTED} and {REDACTED}"


def test_a_value_loses_the_secrets_in_its_texts_keys_and_numbers():
    value = {"a": ["x s3cret y", {"s3cret": 1}], "n": 12345678, "ok": True, "none": None, "f": 1.5}

    assert redact_value(value, {"s3cret", "12345678"}) == {
        "a": [f"x {REDACTED} y", {REDACTED: 1}],
        "n": REDACTED,
        "ok": True,
        "none": None,
        "f": 1.5,
    }


@pytest.mark.parametrize("secret", ['qu"ote', "back\\slash", "line\nbreak", "f\u00fcnf", "\U0001f40e horse"])
def test_secrets_that_json_writes_otherwise_are_found(secret):
    assert redact_value([f"<{secret}>"], {secret}) == [f"<{REDACTED}>"]
    assert redact_value([f"<{secret}>", 2**70], {secret}) == [f"<{REDACTED}>", 2**70]


def test_a_value_without_secrets_is_handed_back_as_it_is():
    value = {"a": "abc"}

    assert redact_value(value, {"s3cret", "abc", ""}) is value
    assert redact_value(value, ()) is value


def test_of_two_secrets_that_overlap_the_longer_goes_first():
    assert redact_value("token-12", {"token", "token-12"}) == REDACTED


@pytest.mark.parametrize(
    "echoed",
    [
        "a&lt;b&gt;&amp;&quot;c&#x27;\u00ff\u00ff/+",
        "a&lt;b&gt;&amp;&#34;c&#39;\u00ff\u00ff/+",
        "a&lt;b&gt;&amp;\"c'\u00ff\u00ff/+",
        "a%3cb%3e%26%22c%27%c3%bf%c3%bf%2f%2b",
        "YTxiPiYiYyfDv8O_Lys",
    ],
)
def test_a_secret_is_known_in_the_forms_of_html_of_other_addresses_and_of_base64(echoed):
    assert redact_text(f"you sent {echoed}.", forms("a<b>&\"c'\u00ff\u00ff/+")) == "you sent [redacted]."
