"""Deliveries and events through the API: found, shown, explained, replayed, released."""

import pytest

from tests.engines import LOGS, ended, runs_of
from tests.path.waiting import EVER, begun


@pytest.fixture
def made(api):
    """Return a trigger whose events the workflow ``w`` runs for."""
    trigger = api.post("/triggers", {"name": "t"})
    api.put_workflow(LOGS)
    return trigger


@pytest.fixture
def sent(api, made):
    """Return what a sender was told whose event has run."""
    answer = api.deliver(made["full_url"], {"type": "found", "n": 2**70})
    runs_of(api.engine, answer.json["events"][0])
    return answer.json


def test_a_delivery_shows_its_body_and_not_its_key(api, made, sent):
    found = api.get(f"/deliveries/{sent['delivery']}")

    assert (found["verdict"], found["reason"], found["events"]) == ("accepted", "new", sent["events"])
    assert found["body"] == f'{{"type": "found", "n": {2**70}}}'
    assert made["api_key"] not in str(found)


def test_a_refused_delivery_says_why_in_words(api, made):
    api.client.post("/webhooks/" + made["base_url"].split("/webhooks/")[1], data=b"{}", headers={"X-Token": "theirs"})
    (line,) = api.get("/deliveries?verdict=rejected")["items"]

    found = api.get(f"/deliveries/{line['id']}")["diagnosis"]["findings"]

    assert [each["finding"] for each in found] == ["key_elsewhere"]
    assert "in header 'x-token' there is something like one" in found[0]["words"]
    assert found[0]["advice"]


def test_an_accepted_delivery_has_no_diagnosis(api, sent):
    assert api.get(f"/deliveries/{sent['delivery']}")["diagnosis"] is None


def test_a_body_that_is_no_text_is_shown_as_base64(api, made):
    api.client.post("/webhooks/" + made["full_url"].split("/webhooks/")[1], data=b"\xff", content_type="text/plain")
    (line,) = api.get("/deliveries")["items"]

    found = api.get(f"/deliveries/{line['id']}")

    assert (found["body"], found["body_base64"], found["reason"]) == (None, "/w==", "malformed_body")


def test_deliveries_are_listed_without_bodies(api, sent):
    (line,) = api.get("/deliveries?trigger=t&verdict=accepted")["items"]

    assert line["id"] == sent["delivery"]
    assert not line.keys() & {"body", "headers"}


def test_an_event_shows_its_exact_data_its_answers_and_its_runs(api, sent):
    event = api.get(f"/events/{sent['events'][0]}")

    assert event["data"] == {"type": "found", "n": 2**70}
    assert [(match["workflow"], match["answer"]) for match in event["matches"]] == [("w", "yes")]
    assert [run["outcome"] for run in event["runs"]] == ["succeeded"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("trigger=t", 1),
        ("trigger=trg_gone", 0),
        ("type=custom.found", 1),
        ("type=custom.other", 0),
        ("matched=true", 1),
        ("matched=false", 0),
        ("q=found", 1),
        ("q=nothing", 0),
        ("since=2020-01-01T00:00:00Z", 1),
        ("until=2020-01-01T00:00:00Z", 0),
        ("since=0001-01-01T00:00:00Z", 1),
    ],
)
def test_events_are_found(api, sent, query, found):
    assert len(api.get(f"/events?{query}")["items"]) == found


@pytest.mark.parametrize("path", ["/events", "/deliveries"])
def test_a_filter_by_a_trigger_that_is_not_there_is_404_and_names_the_nearest(api, path):
    api.post("/triggers", {"name": "orders"})

    answer = api.call("GET", f"{path}?trigger=ordres")

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json["detail"] == "there is no trigger 'ordres'; did you mean 'orders'?"


def test_an_explanation_has_the_verdict_the_trees_and_the_way(api, sent):
    explained = api.get(f"/events/{sent['events'][0]}/explain")

    assert explained["delivery"]["verdict"] == "accepted"
    assert [match["workflow"] for match in explained["matches"]] == ["w"]
    assert explained["stages"][0]["words"].startswith("A delivery from")


def test_an_event_tells_whose_wait_it_ended(api, made):
    api.put_workflow(EVER, "ever")
    run = begun(api.engine, "ever")
    event_id = api.deliver(made["full_url"], {"n": 1}).json["events"][0]
    ended(api.engine, run.id)

    found, explained = api.get(f"/events/{event_id}"), api.get(f"/events/{event_id}/explain")

    assert found["asks_waits"] is False
    assert [(wait["run"], wait["step"]) for wait in found["ended_waits"]] == [(run.id, "done")]
    assert explained["ended_waits"] == found["ended_waits"]
    assert f"It ended the wait of {run.id}, step done." in [stage["words"] for stage in explained["stages"]]


def test_an_event_is_replayed_as_a_new_run(api, sent):
    response = api.call("POST", f"/events/{sent['events'][0]}/replay")

    assert response.status_code == 202
    assert api.get(f"/runs/{response.json['runs'][0]}")["event"] == sent["events"][0]


def test_many_events_are_replayed_only_when_one_means_it(api, sent):
    said = api.post("/events/replay", {"trigger": "t"})
    done = api.post("/events/replay", {"trigger": "t", "dry_run": False})

    assert [item["workflows"] for item in said["items"]] == [["w"]]
    assert said["items"][0]["runs"] == []
    assert len(done["items"][0]["runs"]) == 1


def test_what_is_in_quarantine_is_released(api):
    made = api.post("/triggers", {"name": "t", "condition": "event.data.missing", "on_unknown": "quarantine"})
    api.put_workflow(LOGS)
    (event_id,) = api.deliver(made["full_url"], {}).json["events"]
    runs_of(api.engine, event_id)

    released = api.post(f"/events/{event_id}/release", {"held": "run"})

    assert len(released["runs"]) == 1
    assert api.get(f"/events/{event_id}")["matches"][1]["decision"] == "run"


def test_a_condition_is_evaluated_with_its_tree_and_its_rows(api):
    asked = {"condition": "event.data.n > 1", "event": {"data": {"n": 2}}}

    answer = api.post("/conditions/evaluate", asked)

    assert answer["answer"] == "yes"
    assert answer["explanation"]["parts"][0] == {"text": "event.data.n", "answer": None, "value": 2, "parts": []}
    assert answer["rows"] == {"left": "event.data.n", "op": "greater_than", "right": 1}


def test_connectors_are_described(api):
    found = api.get("/connectors/github")

    assert (found["title"], found["auth"]) == ("GitHub", {"signature": ["hmac"]})
    assert found.keys() >= {"name", "title", "category", "auth", "types", "confirmed", "actions"}
    assert "github" in [each["name"] for each in api.get("/connectors?limit=500")["items"]]


def test_the_numbers_of_the_ledger_add_up(api, sent):
    api.client.post("/webhooks/nobody", json={})
    api.engine.store.write(lambda connection: None)

    numbers = api.get("/ledger/check")

    assert numbers["received"] == sum(numbers["verdicts"].values()) == 2
    assert (numbers["matched"], numbers["runs"], numbers["unaccounted"]) == (1, 1, 0)
