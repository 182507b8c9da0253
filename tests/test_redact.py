"""Credentials do not reach what is stored or logged, and nothing else is lost."""

import pytest

from engine.redact import REDACTED, redact_headers, redact_query, redact_text


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


def test_secret_values_are_taken_out_of_text_longest_first():
    assert redact_text("token abcd-efgh and abcd", ["abcd", "abcd-efgh", "x"]) == f"token {REDACTED} and {REDACTED}"
