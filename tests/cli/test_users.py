"""``wink users`` and ``wink tokens``."""

import json
import re

import pytest

PASSWORD = "correct horse battery"


@pytest.fixture
def ann(served):
    """Return a new editor, as `users create` tells of it; the user is gone after the test."""
    yield json.loads(served("users", "create", "ann", "--role", "editor", "--json").stdout)
    served("users", "delete", "ann", "--yes")


def listed(served, what="users"):
    return json.loads(served(what, "list", "--json").stdout)["items"]


def test_a_new_user_gets_a_password_that_is_shown_this_once(served, ann):
    assert re.fullmatch(r"(\w{5}-){3}\w{5}", ann["password"])
    assert [(user["name"], user["role"], user["must_change"]) for user in listed(served)] == [("ann", "editor", True)]
    assert ann["password"] not in served("users", "list", "--json").stdout
    assert "ann" in served("users", "list").stdout


def test_a_password_from_standard_input_is_not_shown(served):
    made = served("users", "create", "bob", "--role", "viewer", "--password-file", "-", input=f"{PASSWORD}\n")
    refused = served("users", "create", "eve", "--role", "viewer", "--password-file", "-", input="short\n")
    served("users", "delete", "bob", "--yes")

    assert made.output == "bob has the role viewer, and has to change the password at the next sign-in.\n"
    assert (refused.exit_code, "at least 12 characters" in refused.stderr) == (1, True)


def test_a_role_is_changed(served, ann):
    assert served("users", "role", "ann", "viewer").stdout == "ann has the role viewer.\n"

    assert listed(served)[0]["role"] == "viewer"


def test_a_password_is_made_anew(served, ann):
    shown = served("users", "reset-password", "ann").stdout

    assert re.search(r"Password, shown this once: (\S+)", shown)[1] != ann["password"]


def test_a_user_is_signed_out(served, ann):
    assert served("users", "sign-out", "ann").stdout == "ann is signed out everywhere.\n"


def test_a_user_is_deleted_when_it_is_meant(served, ann):
    assert served("users", "delete", "ann", input="n\n").exit_code == 1
    assert listed(served)

    assert served("users", "delete", "ann", input="y\n").exit_code == 0
    assert listed(served) == []


def test_a_user_needs_a_role(served):
    assert served("users", "create", "ann").exit_code == 2
    assert served("users", "create", "ann", "--role", "root").exit_code == 2


def test_a_token_is_made_with_a_role_shown_once_and_deleted(served):
    shown = served("tokens", "create", "ci", "--role", "viewer").stdout
    (token,) = listed(served, "tokens")

    assert re.search(r"Token, shown this once: (wink_pat_\S+)", shown)
    assert (token["name"], token["role"], token["last_used_at"]) == ("ci", "viewer", None)
    assert token["id"] in served("tokens", "list").stdout
    assert served("tokens", "delete", token["id"]).exit_code == 0
    assert listed(served, "tokens") == []
