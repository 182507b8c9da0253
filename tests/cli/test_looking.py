"""The commands that look: deliveries, events, runs, the ledger, the description of the API."""

import hmac
import json
from urllib.parse import urlsplit

import pytest

from engine.path.start import start
from engine.store import approvals, show
from engine.words import Outcome
from tests.doubt import interrupted
from tests.engines import LOGS, ended, trigger, workflow
from tests.path.waiting import ASK, PARENT, SCAN, begun
from tests.serving import eventually
from tests.wire import JSON, send

#: Fails below two groups.
NESTED = """
name: Nested
on: {manual: true}
steps:
  - id: outer
    steps:
      - id: turns
        for_each: ${{ [1] }}
        steps:
          - {id: say, uses: core.fail, with: {message: broken by hand}}
"""


@pytest.fixture
def started(served):
    """Return what a delivery started: ids of delivery, event and run."""
    told = json.loads(served("send", "blink-alerts", "--json").stdout)
    item = told["items"][0]
    return {"delivery": item["delivery"], "event": item["events"][0], "run": told["runs"][0]["id"]}


def read(served, *words):
    return json.loads(served(*words, "--json").stdout)


@pytest.mark.parametrize(("kind", "group"), [("delivery", "deliveries"), ("event", "events"), ("run", "runs")])
def test_the_newest_is_listed_first_and_can_be_shown(served, started, kind, group):
    listed = read(served, group, "list", "--limit", "1")["items"]

    assert [item["id"] for item in listed] == [started[kind]]
    assert read(served, group, "show", started[kind])["id"] == started[kind]
    assert started[kind] in served(group, "list").stdout
    assert started[kind] in served(group, "show", started[kind]).stdout


def test_a_list_of_events_names_their_triggers(served, started):
    head, *lines = served("events", "list").stdout.splitlines()

    assert head.split() == ["event", "type", "trigger", "received", "(UTC)"]
    assert any(started["event"] in line and "blink-alerts" in line for line in lines)


@pytest.mark.parametrize("group", ["deliveries", "events", "runs"])
def test_a_list_goes_over_as_many_pages_as_it_takes(served, group, monkeypatch):
    monkeypatch.setattr("engine.cli.client.PAGE", 2)
    served("send", "blink-alerts", "--repeat", "5")

    listed = read(served, group, "list", "--limit", "5")

    assert len({item["id"] for item in listed["items"]}) == 5


def test_a_list_says_when_there_is_more(served):
    served("send", "blink-alerts", "--repeat", "2")

    assert "There are more" in served("runs", "list", "--limit", "1").stdout


@pytest.mark.parametrize(
    ("words", "none"),
    [
        (["deliveries", "list", "--verdict", "quarantined"], "No deliveries."),
        (["deliveries", "list", "--reason", "wrong_proof", "--trigger", "blink-alerts"], "No deliveries."),
        (["events", "list", "--trigger", "blink-alerts", "--type", "blink.other"], "No events."),
        (["events", "list", "--not-matched", "--trigger", "blink-alerts"], "No events."),
        (["events", "list", "-q", "no-such-text"], "No events."),
        (["runs", "list", "--workflow", "blink-forward", "--outcome", "failed"], "No runs."),
        (["runs", "list", "--since", "2999-01-01T00:00:00Z"], "No runs."),
        (["runs", "list", "--until", "2001-01-01T00:00:00Z"], "No runs.\n"),
    ],
)
def test_a_filter_that_fits_nothing_leaves_nothing(served, started, words, none):
    result = served(*words)

    assert result.exit_code == 0
    assert result.stdout.startswith(none)


def test_a_delivery_shows_its_headers_without_secrets(served):
    told = json.loads(served("send", "bearer-scans", "--json").stdout)

    shown = served("deliveries", "show", told["items"][0]["delivery"]).stdout

    assert "authorization: Bearer [redacted]" in shown
    assert '"scanId": "abc123"' in shown


def test_a_refused_delivery_shows_what_is_wrong_and_what_to_do(served, running):
    made = trigger(running.engine, name="signed", auth="signature", recipe="hmac-body")
    body = b'{"n": 1}'
    signature = hmac.digest(made.api_key.encode(), body, "sha256").hex()
    send(
        running.url + urlsplit(made.base_url).path, body + b"\n", [JSON, ("X-Hub-Signature-256", f"sha256={signature}")]
    )
    (line,) = read(served, "deliveries", "list", "--trigger", "signed")["items"]

    shown = served("deliveries", "show", line["id"]).stdout

    assert "what is wrong" in shown
    assert "The signature is right for this body without the white space around it" in shown
    assert "Sign exactly the bytes that are sent" in shown


def test_an_event_shows_who_was_asked(served, started):
    shown = served("events", "show", started["event"]).stdout

    assert "blink-forward" in shown
    assert started["run"] in shown


def test_an_explanation_shows_every_part_and_what_it_saw(served):
    told = json.loads(served("send", "detectify-findings", "--json").stdout)

    shown = served("events", "explain", told["items"][0]["events"][0]).stdout

    assert "detectify-ticket: yes" in shown
    assert "event.data.finding.severity" in shown
    assert "critical" in shown


def test_a_replayed_event_starts_a_new_run(served, started):
    result = served("events", "replay", started["event"])

    assert result.exit_code == 0
    assert len(read(served, "runs", "list", "--event", started["event"])["items"]) == 2


def test_a_run_shows_its_steps(served, started):
    shown = served("runs", "show", started["run"]).stdout

    assert [line.split()[:3] for line in shown.splitlines()[-2:]] == [
        ["alert", "core.set", "succeeded"],
        ["forward", "http.post", "succeeded"],
    ]


def test_a_step_of_a_run_shows_what_went_in_and_came_out(served, running):
    workflow(running.engine, LOGS, "logs")
    run = ended(running.engine, start(running.engine, "logs", {"asset": "web-1"}).id)

    shown = served("runs", "show", run.id, "--step", "first")

    assert '"asset": "web-1"' in shown.stdout.split("output")[1]
    assert read(served, "runs", "show", run.id, "--step", "second")["input"] == {"message": "hello"}
    missed = served("runs", "show", run.id, "--step", "third")
    assert (missed.exit_code, "it has first, second" in missed.stderr) == (2, True)


def test_a_failure_within_a_step_is_told_once_in_the_list_of_steps(served, running):
    workflow(running.engine, NESTED, "nested")
    run = ended(running.engine, start(running.engine, "nested", {}).id)

    steps = served("runs", "show", run.id).stdout.split("attempts")[1]

    assert steps.count("broken by hand") == 1


def test_a_run_is_repeated_from_a_step(served, started):
    result = served("runs", "rerun", started["run"], "--from", "forward")

    again = read(served, "runs", "show", result.stdout.split()[0])
    assert (result.exit_code, again["rerun_of"]) == (0, started["run"])


def test_a_run_that_has_ended_cannot_be_cancelled(served, started):
    result = served("runs", "cancel", started["run"])

    assert (result.exit_code, result.stdout) == (1, "")
    assert "has ended" in result.stderr


@pytest.mark.parametrize("words", [["runs", "list", "--outcome", "lost"], ["deliveries", "list", "--limit", "0"]])
def test_wrong_usage_exits_with_2(served, words):
    assert served(*words).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [["deliveries", "list", "--trigger"], ["events", "list", "--trigger"], ["triggers", "show"], ["triggers", "pause"]],
)
def test_a_trigger_that_is_not_there_is_no_empty_list(served, words):
    result = served(*words, "blink-alert")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: there is no trigger 'blink-alert'; did you mean 'blink-alerts'?\n"


@pytest.mark.parametrize("group", ["deliveries", "events", "runs"])
def test_what_is_not_there_is_said_in_one_line(served, group):
    result = served(group, "show", "nothing?all=1#")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: there is no ")


def test_the_numbers_add_up(served, started):
    result = served("ledger", "check")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].split() == ["unaccounted", "0"]
    assert read(served, "ledger", "check")["unaccounted"] == 0


def test_what_came_to_no_triggers_address_is_said_to_be_counted_alone(served, running):
    before = read(served, "ledger", "check")["unknown_addresses"]
    send(f"{running.url}/webhooks/nowhere")
    eventually(lambda: read(served, "ledger", "check")["unknown_addresses"] == before + 1)

    listed = served("deliveries", "list", "--reason", "unknown_address").stdout

    assert listed == f"{before + 1} at no trigger's address: counted, not kept\n"
    assert listed.strip() in served("ledger", "check").stdout


def test_a_run_shows_the_way_to_the_run_that_it_waits_for_and_to_what_that_asks(served, running):
    workflow(running.engine, ASK.replace("MORE", ""), "ask")
    workflow(running.engine, PARENT.replace("workflow: child, inputs: {n: 3}", "workflow: ask"), "parent")
    run = begun(running.engine, "parent")
    (asked,) = eventually(lambda: running.engine.store.read(approvals.open_of, run.id))

    told, shown = read(served, "runs", "show", run.id), served("runs", "show", run.id).stdout

    assert (told["approvals"], told["waits_for_events"]) == ([asked.approval.id], [])
    assert [(child["step"], child["id"], child["workflow"]) for child in told["children"]] == [
        ("sub", asked.run.id, "ask")
    ]
    assert f"sub: ask waiting: wink runs show {asked.run.id}" in shown
    assert f"wink approvals show {asked.approval.id}" in shown
    served("runs", "cancel", run.id)


def test_a_run_shows_which_event_it_waits_for(served, running):
    trigger(running.engine)
    workflow(running.engine, SCAN, "scan")
    run = begun(running.engine, "scan", {"scan": "s1"})

    (waits,) = read(served, "runs", "show", run.id)["waits_for_events"]
    shown = served("runs", "show", run.id).stdout

    assert (waits["step"], waits["trigger"], waits["types"]) == ("done", "t", ["custom.*"])
    assert f"done: of t, custom.*, if {waits['condition']}" in shown
    served("runs", "cancel", run.id)
    assert read(served, "runs", "show", run.id)["waits_for_events"] == []


def test_the_api_is_described(served):
    assert json.loads(served("openapi").stdout)["openapi"].startswith("3.1")


def test_an_interrupted_run_says_how_to_decide(served, running):
    run = interrupted(running.engine)

    asked = served("runs", "show", run.id).stdout

    assert f"wink runs resolve {run.id} ticket repeat    # it did not, and is repeated" in asked


def test_a_decision_lets_an_interrupted_run_go_on_and_is_shown(served, running):
    run = interrupted(running.engine)

    decided = served("runs", "resolve", run.id, "ticket", "happened", "--output", '{"key": "SEC-1"}', input="y\n")

    assert (decided.exit_code, ended(running.engine, run.id).outputs["told"]) == (0, {"key": "SEC-1"})
    assert "ticket: it happened, says the operator" in served("runs", "show", run.id).stdout


def test_a_second_decision_is_refused_in_words(served, running):
    run = interrupted(running.engine)
    served("runs", "resolve", run.id, "ticket", "happened", "--yes")

    again = served("runs", "resolve", run.id, "ticket", "repeat", "--yes")

    assert (again.exit_code, "the step ticket was decided before" in again.stderr) == (1, True)


def test_a_decision_is_asked_for_once_more(served, running):
    run = interrupted(running.engine)

    assert served("runs", "resolve", run.id, "ticket", "fail", input="n\n").exit_code == 1

    assert running.engine.store.read(show.run, run.id).outcome is Outcome.INTERRUPTED


def test_an_output_that_is_no_json_is_wrong_usage(served):
    assert served("runs", "resolve", "run_1", "ticket", "happened", "--output", "SEC-1").exit_code == 2
