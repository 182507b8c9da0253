"""Seed 002: Detectify reports findings, in bursts, and tries again on any error; each test is named by its row."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from time import monotonic

import pytest

from tests.serving import Trigger, Wink, eventually
from tests.sink import Sink
from tests.wire import JSON, Answer, send

LOG = "  - {id: done, uses: core.log, with: {message: '${{ event.type }}'}}\n"
FINDING = {
    "title": 'SQL "Injection"',
    "severity": "critical",
    "asset": "app.example.com",
    "url": "https://app.example.com/api/users?id=1&q='x'%20OR",
    "parameter": "id",
    "description": "SQL injection detected in the id parameter",
    "remediation": "Use parameterized queries...",
}


def finding(**changes: object) -> bytes:
    event = {"event_type": "finding", "timestamp": "2025-01-15T14:30:00Z", "finding": {**FINDING, **changes}}
    return json.dumps(event).encode()


SCAN = json.dumps({"event_type": "scan_completed", "timestamp": "2025-01-15T14:30:00Z", "scan": {"id": 1}}).encode()


@pytest.fixture
def trigger(wink: Wink) -> Trigger:
    return wink.trigger(connector="detectify")


def deliver(trigger: Trigger, body: bytes) -> Answer:
    return send(trigger.base_url, body, [JSON, ("X-Webhook-Secret", trigger.api_key or "")])


def test_002_r1_a_post_of_json_is_taken(wink: Wink, trigger: Trigger) -> None:
    answer = deliver(trigger, finding())

    assert answer.status == 202
    assert wink.event(*answer.json()["events"])["type"] == "detectify.finding"


def test_002_r2_a_url_with_query_and_quotes_survives_untouched(wink: Wink, sink: Sink, trigger: Trigger) -> None:
    wink.workflow(trigger, sink.step("/r2", "join([event.data.finding.title, event.data.finding.url], ' ')"))

    (run,) = wink.runs(deliver(trigger, finding()))

    assert run["outcome"] == "succeeded"
    assert [call.body.decode() for call in sink.at("/r2")] == [f"{FINDING['title']} {FINDING['url']}"]


def test_002_r3_a_condition_on_a_finding_is_unknown_for_a_scan_and_starts_nothing(wink: Wink, trigger: Trigger) -> None:
    wink.workflow(trigger, LOG, on="  if: event.data.finding.severity == 'critical'\n")

    answer = deliver(trigger, SCAN)
    explained = wink.get(f"/events/{wink.event(*answer.json()['events'])['id']}/explain")

    assert answer.json()["status"] == "accepted"
    assert [match["answer"] for match in explained["matches"]] == ["unknown"]
    assert "event.data.finding" in json.dumps(explained["matches"][0]["explanation"])
    assert explained["runs"] == []


@pytest.mark.parametrize(
    "condition",
    [
        "event.data.finding.severity in ['high', 'critical']",
        "rank(event.data.finding.severity, ['low', 'medium', 'high', 'critical']) >= 2",
        {"left": "event.data.finding.severity", "op": "in", "right": ["high", "critical"]},
    ],
)
def test_002_r4_severity_is_filtered_here_by_a_list_or_by_rank(wink: Wink, condition) -> None:
    trigger = wink.trigger(connector="detectify", condition=condition)
    wink.workflow(trigger, LOG)

    severities = ["low", "medium", "high", "critical"]
    taken = [severity for severity in severities if wink.runs(deliver(trigger, finding(severity=severity)))]

    assert taken == ["high", "critical"]


def test_002_r5_a_test_event_is_captured_received_parsed_and_processed(wink: Wink, trigger: Trigger) -> None:
    wink.workflow(trigger, LOG)
    wink.api("POST", f"/triggers/{trigger.id}/listen", {"for": "2m"})

    answer = deliver(trigger, finding())
    sample = wink.get(f"/triggers/{trigger.id}/sample")
    (run,) = wink.runs(answer)

    assert wink.delivery(answer)["verdict"] == "accepted"
    assert sample["event"]["data"]["finding"] == FINDING
    assert run["outcome"] == "succeeded"


def test_002_r6_what_is_filtered_known_or_of_no_use_is_answered_2xx_so_that_nobody_retries(wink: Wink) -> None:
    trigger = wink.trigger(
        connector="detectify", events=["detectify.finding"], condition="event.data.finding.severity == 'critical'"
    )

    answers = [deliver(trigger, body) for body in (finding(), finding(), finding(severity="low"), SCAN, b"[]")]

    assert {answer.status for answer in answers} == {202}
    assert [answer.json()["status"] for answer in answers][:2] == ["accepted", "duplicate"]


def test_002_r7_the_same_body_twice_is_one_run(wink: Wink, trigger: Trigger) -> None:
    wink.workflow(trigger, LOG)

    first, second = deliver(trigger, finding()), deliver(trigger, finding())

    assert second.json()["status"] == "duplicate"
    assert len(wink.runs(first)) == 1


@pytest.mark.parametrize("name", ["X-Webhook-Secret", "x-webhook-secret"])
def test_002_r8_a_secret_in_a_header_validates_the_source(wink: Wink, trigger: Trigger, name: str) -> None:
    right, wrong = (send(trigger.base_url, finding(), [JSON, (name, key)]) for key in (trigger.api_key or "", "wrong"))

    assert [right.status, wrong.status] == [202, 401]


def test_002_r10_a_burst_of_110_findings_in_two_seconds_is_acknowledged_and_accounted_for(
    wink: Wink, trigger: Trigger
) -> None:
    wink.workflow(trigger, LOG)
    bodies = [finding(title=f"finding {number}") for number in range(110)]
    began = monotonic()

    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(lambda body: deliver(trigger, body), bodies))
    took = monotonic() - began

    assert {answer.status for answer in answers} == {202}
    # The time is shown and not asserted: what counts is that none is lost, also on a machine that is busy.
    print(f"110 findings over 8 connections were acknowledged in {took:.2f} s")  # noqa: T201 - measured, and shown by -s
    assert {run["outcome"] for run in all_runs(wink, answers)} == {"succeeded"}
    assert len(all_runs(wink, answers)) == 110
    wink.ledger()


def all_runs(wink: Wink, answers: Sequence[Answer]) -> list[dict[str, object]]:
    ids = {event_id for answer in answers for event_id in answer.json()["events"]}
    return list(chain(*(wink.event(event_id)["runs"] for event_id in ids)))


def test_002_r11_the_answer_does_not_wait_for_the_workflow(wink: Wink, sink: Sink, trigger: Trigger) -> None:
    wink.workflow(trigger, sink.step("/r11", "event.type"))

    with sink.closed():
        answer = deliver(trigger, finding())
        eventually(lambda: sink.at("/r11"))
        under_way = wink.get(f"/events/{answer.json()['events'][0]}")["runs"]

    assert answer.status == 202
    assert [run["outcome"] for run in under_way] == ["running"]
    assert [run["outcome"] for run in wink.runs(answer)] == ["succeeded"]


@pytest.mark.parametrize("on_mismatch", ["warn", "reject"])
def test_002_r12_a_field_that_is_added_without_notice_passes(wink: Wink, on_mismatch: str) -> None:
    trigger = wink.trigger(connector="detectify", on_mismatch=on_mismatch)
    wink.api("POST", f"/triggers/{trigger.id}/listen", {"for": "2m"})
    deliver(trigger, finding())
    wink.api("POST", f"/triggers/{trigger.id}/sample/apply")

    answer = deliver(trigger, finding(cvss={"score": 9.8}))

    assert (answer.status, answer.json()["status"]) == (202, "accepted")
