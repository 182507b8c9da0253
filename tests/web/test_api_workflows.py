"""Workflows and runs through the API."""

import pytest

from tests.engines import LOGS, WAITS

OTHER = LOGS.replace("hello", "goodbye")


def test_a_new_workflow_is_201_and_a_changed_one_200(api):
    answers = [api.put_workflow(text) for text in (LOGS, OTHER)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json.keys() == {"name", "version", "warnings"}


def test_a_workflow_is_read_with_its_text(api):
    version = api.put_workflow(LOGS).json["version"]

    found = api.get("/workflows/w")

    assert (found["text"], found["version"], found["title"]) == (LOGS, version, "Logs")


def test_a_trigger_that_is_not_there_is_a_warning_and_the_workflow_is_published(api):
    api.post("/triggers", {"name": "ts"})

    answer = api.put_workflow(LOGS.replace("trigger: t", "trigger: tss"))

    (warning,) = answer.json["warnings"]
    assert (answer.status_code, warning["warning"], warning["line"]) == (201, True, 3)
    assert warning["message"] == "there is no trigger 'tss' yet; did you mean 'ts'?"
    assert api.get("/workflows/w")["enabled"]


def test_a_workflow_shows_what_a_check_says_of_it_now(api):
    api.put_workflow(LOGS)
    before = api.get("/workflows/w")["mistakes"]

    api.post("/triggers", {"name": "t"})

    assert [mistake["message"] for mistake in before] == ["there is no trigger 't' yet"]
    assert api.get("/workflows/w")["mistakes"] == []


@pytest.mark.parametrize("written", ["{}", '"{}"', 'W/"{}"', "*"])
def test_if_match_with_the_present_version_lets_it_pass(api, written):
    version = api.put_workflow(LOGS).json["version"]

    assert api.put_workflow(OTHER, **{"If-Match": written.format(version)}).status_code == 200


def test_checking_tells_mistakes_and_puts_nothing(api):
    good = api.call("POST", "/workflows/check", data=LOGS, content_type="text/yaml").json
    bad = api.call("POST", "/workflows/check", data="name: W\n", content_type="text/yaml").json

    assert (good["ok"], bad["ok"]) == (True, False)
    assert bad["mistakes"][0]["line"] == 1
    assert api.get("/workflows")["items"] == []


def test_versions_are_listed_with_the_present_one_marked(api):
    versions = [api.put_workflow(text).json["version"] for text in (LOGS, OTHER)]

    listed = api.get("/workflows/w/versions")["items"]

    assert {each["version"]: each["current"] for each in listed} == {versions[0]: False, versions[1]: True}


def test_a_file_that_cannot_be_imported_is_told_in_the_list(api, folder):
    (folder.path / "broken.yaml").write_text("name: [")
    folder.look()

    assert "broken.yaml" in api.get("/workflows")["problems"]


def test_disabling_and_enabling_shows(api):
    api.put_workflow(LOGS)

    assert [api.post(f"/workflows/w/{deed}")["enabled"] for deed in ("disable", "enable")] == [False, True]


def test_a_deleted_workflow_is_gone(api):
    api.put_workflow(LOGS)

    assert api.call("DELETE", "/workflows/w").status_code == 204
    assert api.call("GET", "/workflows/w").status_code == 404


def test_a_run_by_hand_that_is_waited_for_has_the_shape_of_the_contract(api):
    api.put_workflow(LOGS)

    response = api.call("POST", "/workflows/w/run", {"inputs": {"asset": "www"}, "wait": "20s"})

    run = response.json
    assert (response.status_code, run["outcome"], run["outputs"]) == (200, "succeeded", {"first": {"asset": "www"}})
    assert [step["path"] for step in run["steps"]] == ["first", "second"]
    assert run["steps"][0].keys() >= {
        "path", "uses", "outcome", "attempts", "started_at", "finished_at", "input", "output", "error"
    }  # fmt: skip
    assert run == api.get(f"/runs/{run['id']}")


def test_a_run_by_hand_that_nobody_waits_for_is_202(api):
    api.put_workflow(WAITS)

    response = api.call("POST", "/workflows/w/run")

    assert (response.status_code, response.json["event"]) == (202, None)


def test_an_input_that_does_not_fit_is_named(api):
    api.put_workflow(LOGS)

    response = api.call("POST", "/workflows/w/run", {"inputs": {"asset": 1}})

    assert (response.status_code, response.json["field"]) == (422, "inputs.asset")


def test_a_run_is_cancelled_once(api):
    api.put_workflow(WAITS)
    run = api.post("/workflows/w/run")

    first, second = (api.call("POST", f"/runs/{run['id']}/cancel") for _ in range(2))

    assert (first.json["outcome"], second.status_code) == ("cancelled", 409)


def test_a_run_is_repeated_from_a_step(api):
    api.put_workflow(LOGS)
    run = api.post("/workflows/w/run", {"wait": "20s"})

    response = api.call("POST", f"/runs/{run['id']}/rerun", {"from": "second"})

    assert (response.status_code, response.json["rerun_of"]) == (202, run["id"])


def test_runs_are_listed_by_workflow_and_outcome(api):
    api.put_workflow(LOGS)
    run = api.post("/workflows/w/run", {"wait": "20s"})

    assert [each["id"] for each in api.get("/runs?workflow=w&outcome=succeeded")["items"]] == [run["id"]]
    assert api.get("/runs?workflow=w&outcome=failed")["items"] == []


def test_004_r18_a_callback_is_shown_on_the_run_without_its_secrets(api):
    api.put_workflow(WAITS)
    callback = {"url": "https://example.com/hooks/k-123?t=k-456", "headers": {"Authorization": "Bearer k-789"}}

    started = api.post("/workflows/w/run", {"callback": callback})

    shown = api.call("GET", f"/runs/{started['id']}")
    assert shown.json["callback"] == {
        "origin": "https://example.com", "delivered": False, "attempts": 0,
        "next_at": shown.json["queued_at"], "finished_at": None, "error": None,
    }  # fmt: skip
    assert "k-" not in shown.text


@pytest.mark.parametrize(
    "callback",
    [{"url": "ftp://example.com"}, {"url": "https://example.com", "headers": {"Host": "x"}}, {}, "https://a"],
)
def test_a_callback_that_cannot_be_sent_starts_nothing(api, callback):
    api.put_workflow(WAITS)

    assert api.call("POST", "/workflows/w/run", {"callback": callback}).status_code == 422
    assert api.get("/runs")["items"] == []


def test_the_schedule_and_its_next_time_are_shown_until_it_is_disabled(api):
    api.put_workflow(LOGS.replace("manual: true", "schedule: {cron: 0 8 * * *, timezone: Europe/Zurich}"))

    enabled, listed = api.get("/workflows/w")["schedule"], api.get("/workflows")["items"][0]["schedule"]
    disabled = api.post("/workflows/w/disable")["schedule"]

    assert (enabled["cron"], enabled["timezone"], enabled == listed) == ("0 8 * * *", "Europe/Zurich", True)
    assert enabled["next_at"].endswith("00:00.000000Z")
    assert disabled == {**enabled, "next_at": None}


def test_every_wrong_input_is_in_the_errors(api):
    api.put_workflow(LOGS)

    response = api.call("POST", "/workflows/w/run", {"inputs": {"asset": 1, "depth": 2}})

    assert response.json["errors"] == [
        {"field": "inputs.depth", "message": "the workflow has no such input"},
        {"field": "inputs.asset", "message": "is a number, and must be text"},
    ]
