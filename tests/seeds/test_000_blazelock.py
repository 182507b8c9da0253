"""Seed 000: Blazelock scans files and signs what it says about them; each test is named by its row."""

import json

import pytest

from tests import signing
from tests.serving import Trigger, Wink, eventually
from tests.sink import Sink
from tests.wire import Answer, send

SECRET = "bl_secret_9f8e7d6c5b4a3210"
LOG = "  - {id: done, uses: core.log, with: {message: '${{ event.type }}'}}\n"


def scan(event: str = "file_scan.completed", **data: object) -> bytes:
    envelope = {"event": event, "integration_id": "int_1", "occurred_at": "2026-01-02T03:04:05Z"}
    return json.dumps({**envelope, "data": data or {"id": "scan_1", "verdict": "malicious"}}).encode()


@pytest.fixture
def trigger(wink: Wink) -> Trigger:
    return wink.trigger(connector="blazelock", secret=SECRET)


def deliver(trigger: Trigger, body: bytes, *, secret: str = SECRET, stamp: str | None = None) -> Answer:
    return send(trigger.base_url, body, signing.blazelock(secret, body, stamp=stamp))


def reasons(wink: Wink, trigger: Trigger) -> list[str]:
    """Return why the trigger's deliveries got their verdicts, in order."""
    return [each["reason"] for each in reversed(wink.get(f"/deliveries?trigger={trigger.name}")["items"])]


def test_000_r2_the_signature_over_timestamp_and_raw_body_is_verified_before_anything_else(
    wink: Wink, trigger: Trigger
) -> None:
    wink.workflow(trigger, LOG)
    body = scan()
    written_again = json.dumps(json.loads(body), separators=(",", ":")).encode()

    accepted = deliver(trigger, body)
    refused = send(trigger.base_url, written_again, signing.blazelock(SECRET, body))

    assert [accepted.status, refused.status] == [202, 401]
    assert [run["outcome"] for run in wink.runs(accepted)] == ["succeeded"]
    assert wink.last_delivery(trigger)["events"] == []


@pytest.mark.parametrize(("shift", "status"), [(-290, 202), (290, 202), (-310, 401), (310, 401)])
def test_000_r3_five_minutes_to_either_side_are_the_window(trigger: Trigger, shift: int, status: int) -> None:
    assert deliver(trigger, scan(), stamp=signing.now(shift)).status == status


@pytest.mark.parametrize("stamp", ["", "soon", "1e9", "0x10", "-1", "2026-01-02T03:04:05Z", "9" * 400, "\u0663" * 10])
def test_000_r3_a_timestamp_that_is_no_number_of_seconds_is_refused(trigger: Trigger, stamp: str) -> None:
    assert deliver(trigger, scan(), stamp=stamp).status == 401


def test_000_r3_a_missing_timestamp_is_refused(trigger: Trigger) -> None:
    headers = [each for each in signing.blazelock(SECRET, scan()) if "Timestamp" not in each[0]]

    assert send(trigger.base_url, scan(), headers).status == 401


def test_000_r4_three_attempts_of_one_event_are_one_run_and_two_duplicates(wink: Wink, trigger: Trigger) -> None:
    wink.workflow(trigger, LOG)
    body = scan()

    answers = [deliver(trigger, body, stamp=signing.now(shift)) for shift in (-120, -60, 0)]

    assert [answer.json()["status"] for answer in answers] == ["accepted", "duplicate", "duplicate"]
    assert len({tuple(answer.json()["events"]) for answer in answers}) == 1
    assert reasons(wink, trigger) == ["new", "event_seen", "event_seen"]
    assert len(wink.runs(answers[0])) == 1


def test_000_r4_the_very_same_request_again_is_a_duplicate_too(wink: Wink, trigger: Trigger) -> None:
    stamp = signing.now()

    answers = [deliver(trigger, scan(), stamp=stamp) for _ in range(2)]

    assert [answer.json()["status"] for answer in answers] == ["accepted", "duplicate"]
    assert reasons(wink, trigger) == ["new", "signature_seen"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (scan(id="scan_1", verdict="clean"), "duplicate"),
        (scan(id="scan_2"), "accepted"),
        (scan("file_scan.failed", id="scan_1"), "accepted"),
    ],
)
def test_000_r5_event_integration_time_and_scan_tell_events_apart(trigger: Trigger, body: bytes, status: str) -> None:
    deliver(trigger, scan(id="scan_1"))

    assert deliver(trigger, body, stamp=signing.now(-1)).json()["status"] == status


def test_000_r5_without_an_id_in_the_data_the_body_tells_events_apart(trigger: Trigger) -> None:
    bodies = [scan(file="a"), scan(file="a"), scan(file="b")]

    answers = [deliver(trigger, body, stamp=signing.now(-shift)) for shift, body in enumerate(bodies)]

    assert [answer.json()["status"] for answer in answers] == ["accepted", "duplicate", "accepted"]


def test_000_r6_one_trigger_for_each_event_type(wink: Wink) -> None:
    kinds = ["submitted", "completed", "failed"]
    triggers = [
        wink.trigger(connector="blazelock", secret=SECRET, events=[f"blazelock.file_scan.{kind}"]) for kind in kinds
    ]
    for trigger in triggers:
        wink.workflow(trigger, LOG)

    started = [
        [kind for kind in kinds if wink.runs(deliver(trigger, scan(f"file_scan.{kind}", id="1")))]
        for trigger in triggers
    ]

    assert started == [["submitted"], ["completed"], ["failed"]]


def test_000_r6_one_trigger_with_a_branch_for_each_event_type(wink: Wink, trigger: Trigger) -> None:
    kinds = ["submitted", "completed", "failed"]
    branch = "  - {{id: {0}, if: event.type == 'blazelock.file_scan.{0}', uses: core.log, with: {{message: x}}}}\n"
    wink.workflow(trigger, "".join(branch.format(kind) for kind in kinds))

    taken = []
    for kind in kinds:
        (run,) = wink.runs(deliver(trigger, scan(f"file_scan.{kind}", id="1")))
        taken.append([step["path"] for step in run["steps"] if step["outcome"] == "succeeded"])

    assert taken == [["submitted"], ["completed"], ["failed"]]


def test_000_r7_the_answer_does_not_wait_for_workers(wink: Wink, sink: Sink, trigger: Trigger) -> None:
    """Every call that may be under way to a host hangs; the vendor gives up after 15 s."""
    wink.workflow(trigger, sink.step("/hang", "event.type"))
    with sink.closed():
        for number in range(40):
            deliver(trigger, scan(id=f"hang_{number}"))
        eventually(lambda: len(sink.at("/hang")) == 32)

        answers = [deliver(trigger, scan(id=f"scan_{number}")) for number in range(100)]
        hanging = len(sink.at("/hang"))

    assert {answer.status for answer in answers} == {202}
    assert max(answer.seconds for answer in answers) < 5
    assert hanging == 32
    assert [run["outcome"] for run in wink.runs(answers[-1])] == ["succeeded"]


def test_000_r8_a_regenerated_secret_counts_at_once_and_the_old_one_no_more(wink: Wink, trigger: Trigger) -> None:
    wink.api("POST", f"/triggers/{trigger.id}/rotate", {"secret": "bl_secret_new", "overlap": "0s"})

    old, new = deliver(trigger, scan()), deliver(trigger, scan(), secret="bl_secret_new")

    assert [old.status, new.status] == [401, 202]


@pytest.mark.parametrize("order", [(SECRET, "bl_secret_new"), ("bl_secret_new", SECRET)])
def test_000_r8_with_a_staged_second_secret_no_order_of_changing_loses_anything(
    wink: Wink, trigger: Trigger, order
) -> None:
    wink.api("POST", f"/triggers/{trigger.id}/rotate", {"secret": "bl_secret_new", "overlap": "1h"})

    statuses = [deliver(trigger, scan(id=secret), secret=secret).status for secret in order]

    assert statuses == [202, 202]


@pytest.mark.parametrize("first", ["here", "at the vendor"])
def test_000_r8_no_order_of_regenerating_loses_anything_where_the_trigger_seals(wink: Wink, first: str) -> None:
    """Regenerating takes effect at once: Blazelock signs with the new secret before anybody has pasted it."""
    trigger = wink.trigger(connector="blazelock", secret=SECRET, on_unproven="seal")
    wink.workflow(trigger, LOG)
    signed_with = SECRET if first == "here" else "bl_secret_new"
    before = [deliver(trigger, scan(id=f"before_{number}"), secret=signed_with).status for number in range(3)]

    rotated = wink.api("POST", f"/triggers/{trigger.id}/rotate", {"secret": "bl_secret_new", "overlap": "1h"})
    after = deliver(trigger, scan(id="after"), secret="bl_secret_new").status

    events = wink.get(f"/events?trigger={trigger.name}")["items"]
    assert (before, after) == ([202] * 3 if first == "here" else [401] * 3, 202)
    assert [wink.event(event["id"])["data"]["data"]["id"] for event in reversed(events)] == [
        "before_0", "before_1", "before_2", "after",
    ]  # fmt: skip
    assert all(len(wink.event(event["id"])["runs"]) == 1 for event in events)
    assert (rotated["late_proofs"] or {}).get("words") == (
        None if first == "here" else "3 of 3 sealed deliveries were genuine and run now."
    )
    wink.ledger()


def test_000_r8_what_is_sealed_and_sent_again_runs_once_and_what_is_forged_never(wink: Wink) -> None:
    trigger = wink.trigger(connector="blazelock", secret=SECRET, on_unproven="seal")
    wink.workflow(trigger, LOG)
    attempts = [deliver(trigger, scan(), secret="bl_secret_new", stamp=signing.now(shift)) for shift in (-60, -30)]
    forged = deliver(trigger, scan(id="forged"), secret="bl_secret_guessed")

    wink.api("POST", f"/triggers/{trigger.id}/rotate", {"secret": "bl_secret_new", "overlap": "0s"})
    again = deliver(trigger, scan(), secret="bl_secret_new")

    (event,) = wink.get(f"/events?trigger={trigger.name}")["items"]
    assert [answer.body for answer in attempts] == [forged.body] * 2
    assert (again.json()["status"], again.json()["events"]) == ("duplicate", [event["id"]])
    assert len(wink.event(event["id"])["runs"]) == 1
    assert [line["late_proof"] for line in wink.get(f"/deliveries?trigger={trigger.name}&sealed=true")["items"]] == [
        None
    ]
    assert wink.ledger()["sealed"] >= 1


def test_000_r9_a_pasted_secret_is_trimmed_and_never_shown_again(wink: Wink) -> None:
    trigger = wink.trigger(connector="blazelock", secret=f"  {SECRET}\n")

    shown = [wink.call("GET", path).body for path in (f"/triggers/{trigger.id}", "/triggers", "/deliveries")]

    assert deliver(trigger, scan()).status == 202
    assert not any(SECRET.encode() in body for body in shown)
    assert SECRET not in wink.log()


def test_000_r9_a_secret_can_be_pasted_later(wink: Wink) -> None:
    trigger = wink.trigger(connector="blazelock")
    before = deliver(trigger, scan())

    wink.api("POST", f"/triggers/{trigger.id}/rotate", {"secret": SECRET})

    assert trigger.state == "needs_secret"
    assert [before.status, deliver(trigger, scan()).status] == [401, 202]
    assert wink.get(f"/triggers/{trigger.id}")["state"] == "published"


def test_000_r11_a_new_address_and_a_changed_choice_of_events_need_no_restart(wink: Wink, trigger: Trigger) -> None:
    wink.workflow(trigger, LOG)
    first = wink.runs(deliver(trigger, scan("file_scan.failed", id="1")))
    wink.api("PATCH", f"/triggers/{trigger.id}", {"events": ["blazelock.file_scan.completed"]})
    second = wink.runs(deliver(trigger, scan("file_scan.failed", id="2")))

    moved = wink.trigger(connector="blazelock", secret=SECRET)

    assert [len(first), len(second)] == [1, 0]
    assert deliver(moved, scan()).status == 202
