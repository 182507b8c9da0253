"""``/api/v1/connectors``: the catalogue for programs."""

import pytest
from werkzeug.test import Client

from engine.path.access import local_token
from tests.engines import running
from web.application import create_application


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with running(tmp_path_factory.mktemp("catalogue")) as engine:
        yield engine, Client(create_application(engine))


@pytest.fixture
def get(place):
    engine, client = place
    headers = {"Authorization": f"Bearer {local_token(engine.settings)}"}
    return lambda path: client.get(f"/api/v1/connectors{path}", headers=headers)


@pytest.mark.parametrize(
    ("query", "holds", "lacks"),
    [
        ("category=chat", "slack", "github"),
        ("confirmed=true", "stripe", "okta"),
        ("confirmed=false", "okta", "stripe"),
        ("q=GITHUB+push", "github", "gitlab"),
        ("category=finance&confirmed=true&q=pad", "paddle", "stripe"),
    ],
)
def test_the_list_can_be_narrowed(get, query, holds, lacks):
    names = [each["name"] for each in get(f"?limit=500&{query}").json["items"]]

    assert holds in names
    assert lacks not in names


def test_both_halves_are_the_whole_catalogue(place, get):
    halves = [get(f"?limit=500&confirmed={word}").json["items"] for word in ("true", "false")]

    assert sum(map(len, halves)) == len(place[0].connectors)
    assert [{each["confirmed"] for each in half} for half in halves] == [{True}, {False}]


def test_a_page_of_a_search_goes_on_where_it_ended(get):
    first = get("?category=security&limit=2").json
    second = get(f"?category=security&limit=2&cursor={first['next']}").json

    assert [len(each["items"]) for each in (first, second)] == [2, 2]
    assert first["items"][-1]["name"] < second["items"][0]["name"]


@pytest.mark.parametrize("query", ["category=nothing", "confirmed=perhaps", "size=3"])
def test_a_filter_that_is_none_is_a_mistake(get, query):
    assert get(f"?{query}").status_code == 422


def test_a_connector_says_by_what_it_is_confirmed(get):
    found = get("/box").json

    assert found["confirmed"] is True
    assert {"vector": None, "package": "PyPI boxsdk"} in found["confirmed_by"]
    assert get("/okta").json["confirmed_by"] == []


def test_a_connector_says_what_the_vendor_does(get):
    assert get("/securecodinghub").json["limits"] == {
        "answer_within": None,
        "retries": ["1m", "5m", "30m", "2h"],
        "attempts": None,
        "disables": True,
        "gives_up": "After five attempts the endpoint is disabled; its Active switch turns it on again.",
    }
