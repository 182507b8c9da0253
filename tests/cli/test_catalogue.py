"""``wink connectors``: the catalogue at a terminal."""

import json

import pytest


@pytest.mark.parametrize(
    ("words", "holds", "lacks"),
    [
        ((), "woocommerce", "No connector"),
        (("--category", "chat"), "slack", "github"),
        (("--confirmed",), "stripe", "okta"),
        (("--unconfirmed",), "okta", "stripe"),
        (("--search", "github push"), "github", "gitlab"),
        (("--search", "no such vendor"), "custom trigger, which takes any sender", "github"),
    ],
)
def test_the_list_shows_what_is_asked_for(served, words, holds, lacks):
    shown = served("connectors", "list", *words)

    assert shown.exit_code == 0
    assert holds in shown.stdout
    assert lacks not in shown.stdout


def test_programs_get_json(served):
    listed = json.loads(served("connectors", "list", "--unconfirmed", "--json").stdout)

    assert {each["confirmed"] for each in listed["items"]} == {False}
    assert json.loads(served("connectors", "show", "okta", "--json").stdout)["name"] == "okta"


def test_one_shows_what_confirms_it_what_the_vendor_does_and_what_to_do_there(served):
    shown = served("connectors", "show", "clerk").stdout

    assert "PyPI svix" in shown
    assert "15s" in shown
    assert "5s, 5m, 30m" in shown
    assert "1. " in shown


def test_a_category_that_is_none_and_a_connector_that_is_not_there_are_said(served):
    assert served("connectors", "list", "--category", "nothing").exit_code == 2
    assert "there is no connector" in served("connectors", "show", "nothing").stderr
