"""``wink connections``: values come from a prompt or a file, and are never shown."""

import json

import pytest

BEARER = ("--scheme", "bearer", "--base-url", "http://10.0.0.1/v1")


@pytest.fixture
def api(served):
    """Set a connection whose value is asked for; it is gone after the test."""
    yield served("connections", "set", "api", *BEARER, input="t0psecret\n")
    served("connections", "delete", "api", "--yes")


def test_a_value_is_asked_for_out_of_sight(served, api):
    assert api.exit_code == 0
    assert api.stdout == "api is set: it is sent to http://10.0.0.1/v1 and nowhere else.\n"
    shown = [served("connections", *words).output for words in (("list",), ("show", "api"), ("list", "--json"))]
    assert all("http://10.0.0.1/v1" in each and "t0psecret" not in each for each in shown)
    assert "t0psecret" not in api.output


def test_values_come_from_standard_input(served):
    values = "username=ann\npassword=t0p=secret\n"
    words = ("--scheme", "basic", "--base-url", "http://10.0.0.1/", "--values-file", "-", "--json")

    made = served("connections", "set", "basic", *words, input=values)

    assert json.loads(made.stdout)["scheme"] == "basic"
    assert "t0p=secret" not in made.output
    served("connections", "delete", "basic", "--yes")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say --connector, or --scheme"),
        (("--connector", "detectify"), "takes no connection"),
        (("--scheme", "bearer", "--values-file", "-"), "line 1 of the values"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_set(served, words, said):
    refused = served("connections", "set", "api", *words, input="nonsense\n")

    assert refused.exit_code == 2
    assert said in refused.stderr
    assert json.loads(served("connections", "list", "--json").stdout)["items"] == []


def test_a_refusal_is_told_without_the_value(served):
    refused = served("connections", "set", "api", "--scheme", "bearer", "--base-url", "x", input="t0psecret\n")

    assert refused.exit_code == 1
    assert "base_url" in refused.stderr or "http://" in refused.stderr
    assert "t0psecret" not in refused.output


def test_a_test_that_fails_ends_with_1(served, api):
    tested = served("connections", "test", "api")

    assert tested.exit_code == 1
    assert "no public address" in tested.stdout


def test_a_connection_is_deleted_when_it_is_meant(served, api):
    assert served("connections", "delete", "api", input="n\n").exit_code == 1
    assert served("connections", "delete", "api", input="y\n").stdout.endswith("api is deleted.\n")
    assert served("connections", "show", "api").exit_code == 1


def test_what_a_field_can_be_is_said_before_it_is_asked_for(served):
    asked = served("connections", "set", "mail", "--scheme", "smtp", input="mail.example.com\n\n\n\n\nw@example.com\n")

    assert "When it is empty: 587, 465 with tls, 25 with none.\nPort (may be empty):" in asked.stderr
    assert "starttls (default)" in asked.stderr
    served("connections", "delete", "mail", "--yes")
