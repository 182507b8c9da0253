"""Triggers through the API: their shape, their states, what is shown of their secrets."""

import pytest

FIELDS = {
    "id",
    "name",
    "connector",
    "auth",
    "state",
    "base_url",
    "full_url",
    "api_key",
}


def test_a_made_trigger_has_the_fields_of_the_contract(api):
    response = api.call("POST", "/triggers", {"name": "t"})

    assert response.status_code == 201
    assert response.json.keys() >= FIELDS
    assert response.json["full_url"] == f"{response.json['base_url']}?apikey={response.json['api_key']}"


def test_it_is_found_by_its_id_and_by_its_name_and_shows_its_key_no_more(api):
    made = api.post("/triggers", {"name": "t"})

    found = [api.get(f"/triggers/{key}") for key in (made["id"], "t")]

    assert found[0] == found[1]
    assert (found[0]["api_key"], found[0]["full_url"], found[0]["secrets"]) == (None, None, None)
    assert made["api_key"] not in str(api.get("/triggers"))


def test_a_draft_listens_is_published_paused_and_resumed(api):
    states = [api.post("/triggers", {"name": "t", "state": "draft"})["state"]]

    api.post("/triggers/t/listen", {"for": "2m"})
    states.append(api.get("/triggers/t")["state"])
    states += [api.post(f"/triggers/t/{deed}")["state"] for deed in ("publish", "pause", "resume")]

    assert states == ["draft", "listening", "published", "paused", "published"]


def test_a_trigger_without_the_vendors_secret_says_so_until_it_has_it(api):
    made = api.post("/triggers", {"name": "t", "connector": "stripe"})

    rotated = api.post("/triggers/t/rotate", {"overlap": "0s", "secret": "whsec_0123456789abcdef0123456789abcdef"})

    assert (made["state"], rotated["state"]) == ("needs_secret", "published")


@pytest.mark.parametrize("field", ["name", "connector", "state", "secret", "id"])
def test_what_is_for_good_is_not_changed(api, field):
    api.post("/triggers", {"name": "t"})

    response = api.call("PATCH", "/triggers/t", {field: "x"})

    assert (response.status_code, response.json["field"]) == (422, field)


def test_a_change_with_a_mistake_changes_nothing(api):
    before = api.post("/triggers", {"name": "t", "title": "Findings"})

    response = api.call("PATCH", "/triggers/t", {"title": "Scans", "networks": ["nowhere"]})

    assert (response.status_code, response.json["field"]) == (422, "networks")
    assert api.get("/triggers/t")["title"] == before["title"]


def test_triggers_are_listed_by_name_page_by_page(api):
    for name in ("b", "c", "a"):
        api.post("/triggers", {"name": name})

    first = api.get("/triggers?limit=2")
    second = api.get(f"/triggers?limit=2&cursor={first['next']}")

    assert [each["name"] for each in first["items"] + second["items"]] == ["a", "b", "c"]
    assert second["next"] is None


def test_a_deleted_trigger_is_gone(api):
    made = api.post("/triggers", {"name": "t"})

    response = api.call("DELETE", "/triggers/t")

    assert (response.status_code, response.data) == (204, b"")
    assert api.deliver(made["full_url"], {}).status_code == 404


def test_resuming_tells_the_runs_that_were_held(api):
    made = api.post("/triggers", {"name": "t"})
    api.put_workflow("name: W\non: {trigger: t}\nsteps:\n  - {uses: core.log, with: {message: hello}}\n")
    api.post("/triggers/t/pause")
    api.deliver(made["full_url"], {})

    resumed = api.post("/triggers/t/resume", {"held": "run"})

    assert len(resumed["runs"]) == 1


def test_a_condition_as_rows_is_kept_as_it_was_written(api):
    rows = {"all": [{"left": "event.data.severity", "op": "in", "right": ["high", "critical"]}]}

    made = api.post("/triggers", {"name": "t", "condition": rows})

    assert made["condition"] == rows


def test_the_test_button_sends_the_connectors_sample(api):
    api.post("/triggers", {"name": "t", "connector": "github"})

    sent = api.post("/triggers/t/test", {"type": "github.push"})

    assert (sent["status"], sent["verdict"]) == (202, "accepted")
    assert api.get(f"/events/{sent['events'][0]}")["type"] == "github.push"


def test_a_backtest_counts_answers(api):
    api.post("/triggers", {"name": "t"})
    for number in range(3):
        api.post("/triggers/t/test", {"body": f'{{"n": {number}}}', "headers": {"content-type": "application/json"}})

    tested = api.post("/triggers/t/backtest", {"condition": "event.data.n > 0"})

    assert tested["answers"] == {"yes": 2, "no": 1, "unknown": 0}
