import json
import time

import pytest

from tests.engines import WAITS, ended, trigger, workflow
from tests.path.waiting import ASK, EVER, PARENT, begun


def sent(result):
    return json.loads(result.stdout)


def test_a_delivery_shows_its_verdict_and_its_runs(served):
    result = served("send", "blink-alerts")

    assert result.exit_code == 0
    assert "accepted" in result.stdout
    assert "blink-forward" in result.stdout
    assert "succeeded" in result.stdout


def test_the_second_of_two_is_a_duplicate(served):
    told = sent(served("send", "bearer-scans", "--repeat", "2", "--json"))

    assert [item["verdict"] for item in told["items"]] == ["accepted", "duplicate"]
    assert len(told["runs"]) == 1


def test_a_duplicate_is_explained(served):
    served("send", "detectify-findings")

    assert "A duplicate starts nothing" in served("send", "detectify-findings").stdout


def test_a_body_comes_from_standard_input(served):
    told = sent(served("send", "blink-alerts", "-f", "-", "--json", input='{"title": "from a pipe"}'))

    event = json.loads(served("events", "show", told["items"][0]["events"][0], "--json").stdout)
    assert event["data"] == {"title": "from a pipe"}


def test_what_ended_a_wait_says_whose_also_where_one_looks_at_the_event(served, running):
    trigger(running.engine, name="scanner")
    workflow(running.engine, EVER.replace("trigger: t", "trigger: scanner"), "ever")
    run = begun(running.engine, "ever")
    words = f"It ended the wait of {run.id}, step done."

    result = served("send", "scanner")

    event = sent(served("events", "list", "--trigger", "scanner", "--json"))["items"][0]["id"]
    assert words in result.stdout
    assert "No workflow ran" not in result.stdout
    assert words in served("events", "explain", event).stdout
    assert run.id in served("events", "show", event).stdout
    ended(running.engine, run.id)


@pytest.mark.parametrize("nested", [False, True], ids=["the run itself", "a run that it waits for"])
def test_a_run_that_waits_for_people_is_not_waited_for_and_leads_to_the_question(served, running, nested):
    trigger(running.engine, name=f"reports-{nested}".lower())
    asks, parent = ASK.replace("MORE", ""), PARENT.replace("workflow: child, inputs: {n: 3}", "workflow: ask")
    by_event = f"on: {{trigger: reports-{nested}}}".lower()
    workflow(running.engine, asks if nested else asks.replace("on: {manual: true}", by_event), "ask")
    if nested:
        workflow(running.engine, parent.replace("on: {manual: true}", by_event), "parent")
    begun_at = time.monotonic()

    result = served("send", f"reports-{nested}".lower(), "--wait", "60s")

    assert (result.exit_code, time.monotonic() - begun_at < 30) == (0, True)
    assert "is waiting: wink approvals show apr_" in result.stdout


def test_a_run_that_waits_for_a_moment_is_waited_for(served, running):
    trigger(running.engine, name="short")
    workflow(running.engine, WAITS.replace("trigger: t", "trigger: short").replace("1h", "1s"), "short")

    assert "succeeded" in served("send", "short").stdout


def test_further_headers_are_sent(served):
    told = sent(served("send", "blink-alerts", "--header", "X-Test=a=b", "--json"))

    delivery = json.loads(served("deliveries", "show", told["items"][0]["delivery"], "--json").stdout)
    assert delivery["headers"]["x-test"] == ["a=b"]


def test_an_event_that_no_workflow_wants_says_how_to_find_out_why(served):
    result = served("send", "securecodinghub-training", "--event", "securecodinghub.sarif.ingested")

    assert result.exit_code == 0
    assert "wink events explain" in result.stdout


def test_what_is_rejected_exits_with_1(served):
    result = served("send", "blink-alerts", "-f", "-", input="no json")

    assert result.exit_code == 1
    assert "malformed_body" in result.stdout


def test_a_run_that_failed_exits_with_1_and_says_why(served):
    finding = {"event_type": "finding", "timestamp": "2026-01-02T03:04:05Z", "finding": {"severity": "high"}}

    result = served("send", "detectify-findings", "-f", "-", input=json.dumps(finding))

    assert result.exit_code == 1
    assert "ticket: " in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["--header", "X-Test"],
        ["--repeat", "0"],
        ["--wait", "10"],
        ["-f", "no-such-file.json"],
    ],
)
def test_wrong_usage_exits_with_2(served, words):
    assert served("send", "blink-alerts", *words).exit_code == 2


def test_a_body_that_is_no_text_is_refused(served, home):
    (home / "body").write_bytes(b"\xff\xfe")

    result = served("send", "blink-alerts", "-f", "body")

    assert (result.exit_code, "curl" in result.stderr) == (2, True)


def test_a_trigger_that_is_not_there_is_said_in_words(served):
    result = served("send", "no-such-trigger")

    assert (result.exit_code, result.stderr) == (1, "Error: there is no trigger 'no-such-trigger'\n")


def test_without_a_server_a_delivery_is_kept_and_nothing_runs(wink, home):
    wink("triggers", "create", "later")
    (home / "data").mkdir(exist_ok=True)

    result = wink("send", "later")

    assert result.exit_code == 0
    assert "Nobody serves this data folder" in result.stdout
    assert json.loads(wink("runs", "list", "--json").stdout)["items"] == []
