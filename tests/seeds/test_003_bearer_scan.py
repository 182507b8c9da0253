"""Seed 003: a scan service that sends a token of our making, and never tries again; each test is named by its row."""

import json
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from engine.runtime import Engine
from tests import signing
from tests.serving import Trigger, Wink
from tests.sink import Sink
from tests.wire import JSON, Answer, Header, send
from web.hooks import with_hooks

UNAUTHORIZED = (401, b'{"error":"unauthorized"}')
HOSTILE = [
    "{{7*7}}", "${{ 7*7 }}", "<% 7*7 %>", "${jndi:ldap://x/a}", "!!python/object/apply:os.system ['id']", "\0",
    "\u202egpj.exe", "$(id)", "'; DROP TABLE runs; --", "<script>alert(1)</script>", "../../etc/passwd",
]  # fmt: skip


def scan(status: str = "completed", scan_id: str = "abc123", details: object = (), **more: object) -> bytes:
    results = {"threatsFound": 0, "details": list(details)}  # type: ignore[call-overload]
    return json.dumps(
        {"scanId": scan_id, "status": status, "results": results, "timestamp": "2023-10-23T14:55:00Z", **more}
    ).encode()


@pytest.fixture
def trigger(wink: Wink) -> Trigger:
    return wink.trigger(connector="bearer-scan")


def deliver(trigger: Trigger, body: bytes, token: str | None = None, *further: Header) -> Answer:
    return send(trigger.base_url, body, [*signing.bearer(token or trigger.api_key or ""), *further])


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_003_r1_the_tokens_scheme_has_no_case(trigger: Trigger, scheme: str) -> None:
    assert send(trigger.base_url, scan(), [JSON, ("Authorization", f"{scheme} {trigger.api_key}")]).status == 200


def test_003_r1_we_make_a_token_of_256_bits_and_show_it_once(wink: Wink, trigger: Trigger) -> None:
    assert len(trigger.api_key or "") >= 43
    assert wink.get(f"/triggers/{trigger.id}")["api_key"] is None


def test_003_r1_while_the_token_is_rotated_two_are_alive(wink: Wink, trigger: Trigger) -> None:
    new = wink.api("POST", f"/triggers/{trigger.id}/rotate", {"overlap": "1h"})["api_key"]
    both = [deliver(trigger, scan(scan_id=token), token).status for token in (trigger.api_key, new)]

    newest = wink.api("POST", f"/triggers/{trigger.id}/rotate", {"overlap": "0s"})["api_key"]
    after = [deliver(trigger, scan(scan_id="2"), token).status for token in (trigger.api_key, new, newest)]

    assert both == [200, 200]
    assert after == [401, 401, 200]


def test_003_r2_a_missing_or_wrong_token_is_401_with_an_error_and_is_recorded(wink: Wink, trigger: Trigger) -> None:
    answers = [send(trigger.base_url, scan(), headers) for headers in ([JSON], signing.bearer("wrong"))]

    assert [(answer.status, answer.body) for answer in answers] == [UNAUTHORIZED, UNAUTHORIZED]
    assert [answer.header("www-authenticate") for answer in answers] == ["Bearer", "Bearer"]
    kept = wink.get(f"/deliveries?trigger={trigger.name}")["items"]
    assert [each["reason"] for each in kept] == ["wrong_proof", "missing_proof"]


def test_003_r3_success_is_exactly_200_with_its_message(trigger: Trigger) -> None:
    answer = deliver(trigger, scan())

    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    assert answer.json() == {"message": "Scan results received successfully."}


def test_003_r3_status_and_body_of_success_can_be_the_triggers_own(wink: Wink, trigger: Trigger) -> None:
    wink.api("PATCH", f"/triggers/{trigger.id}", {"reply": {"status": 204}})
    empty = deliver(trigger, scan())
    wink.api("PATCH", f"/triggers/{trigger.id}", {"reply": {"status": 201, "body": {"ok": True}}})
    own = deliver(trigger, scan(scan_id="2"))

    assert empty.status == 204
    assert (own.status, own.json()) == (201, {"ok": True})


def test_003_r4_every_error_has_its_status_and_says_error(wink: Wink) -> None:
    trigger = wink.trigger(connector="bearer-scan", on_mismatch="reject", rate="3/h")
    wink.api("POST", f"/triggers/{trigger.id}/listen", {"for": "2m"})
    deliver(trigger, scan())
    wink.api("POST", f"/triggers/{trigger.id}/sample/apply")

    answers = [
        deliver(trigger, b"{"),
        deliver(trigger, scan(scan_id="2", timestamp=5)),
        deliver(trigger, scan()),
        deliver(trigger, b"x" * (5 * 1024 * 1024 + 1)),
        send(trigger.base_url, b"", [("Content-Type", "text/plain")]),
        send(trigger.base_url, method="PUT"),
        send(f"{wink.url}/webhooks/nobody"),
    ]

    assert [answer.status for answer in answers] == [400, 422, 429, 413, 415, 405, 404]
    assert all(answer.json()["error"] for answer in answers)


def test_003_r4_a_mistake_of_our_own_is_500_says_error_and_is_logged() -> None:
    broken, told = with_hooks(cast("Engine", None), not_asked), []

    with capture_logs() as logs:
        body = broken({"PATH_INFO": "/webhooks/x"}, lambda status, headers: told.append(status))

    assert (told, b"".join(body)) == (["500 Internal Server Error"], b'{"error":"internal_error"}')
    assert [line["event"] for line in logs] == ["hooks.internal_error"]


def not_asked(environ: object, start: object) -> list[bytes]:
    raise AssertionError("the address is a trigger's")


def test_003_r5_an_empty_list_of_details_does_not_fix_what_they_are(wink: Wink) -> None:
    trigger = wink.trigger(connector="bearer-scan", on_mismatch="reject")
    wink.api("POST", f"/triggers/{trigger.id}/listen", {"for": "2m"})
    deliver(trigger, scan())
    schemas = wink.api("POST", f"/triggers/{trigger.id}/sample/apply")["schemas"]

    fitting = [
        deliver(trigger, scan(scan_id=str(number), details=details))
        for number, details in enumerate(([{"name": "x"}], ["x"]))
    ]
    others = [
        deliver(trigger, body)
        for body in (scan(scan_id=5), scan(scan_id="5", results={"threatsFound": "0", "details": []}))
    ]  # type: ignore[arg-type]

    assert set(schemas) == {"bearer-scan.completed"}
    assert [answer.status for answer in fitting] == [200, 200]
    assert [answer.status for answer in others] == [422, 422]


def test_003_r7_each_status_of_a_scan_is_recorded_in_whatever_order(wink: Wink, trigger: Trigger) -> None:
    wink.workflow(trigger, "  - {id: a, uses: core.log, with: {message: x}}\n", on="  event: bearer-scan.completed\n")

    for status in ("completed", "in_progress"):
        deliver(trigger, scan(status))

    late, final = (wink.event(each["id"]) for each in wink.get(f"/events?trigger={trigger.name}")["items"])
    assert [event["type"] for event in (final, late)] == ["bearer-scan.completed", "bearer-scan.in_progress"]
    assert [len(event["runs"]) for event in (final, late)] == [1, 0]


@pytest.mark.parametrize(
    "by", ["event.data.timestamp", "rank(event.data.status, ['in_progress', 'failed', 'completed'])"]
)
def test_003_r7_completed_is_final_and_a_late_in_progress_is_recorded_and_not_run(wink: Wink, by: str) -> None:
    trigger = wink.trigger(connector="bearer-scan", order={"key": "event.data.scanId", "by": by})
    wink.workflow(trigger, "  - {id: a, uses: core.log, with: {message: x}}\n")

    (final,) = delivered(wink, trigger, scan("completed"))
    late, _ = delivered(wink, trigger, scan("in_progress", timestamp="2023-10-23T14:54:00Z"))
    other, *_ = delivered(wink, trigger, scan("in_progress", "another", timestamp="2023-10-23T14:54:00Z"))

    assert [len(event["runs"]) for event in (final, late, other)] == [1, 0, 1]
    assert f"overtaken by {final['id']}" in json.dumps(wink.get(f"/events/{late['id']}/explain"))
    wink.ledger()


def delivered(wink: Wink, trigger: Trigger, body: bytes) -> list[dict[str, Any]]:
    """Deliver, and return the trigger's events once each of them was asked about, newest first."""
    assert deliver(trigger, body).status == 200
    return [wink.event(each["id"]) for each in wink.get(f"/events?trigger={trigger.name}")["items"]]


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("192.0.2.7", 200),
        ("2001:db8::7", 200),
        ("198.51.100.1", 401),
        ("2001:db9::7", 401),
        ("192.0.2.7, 198.51.100.1", 401),
        ("198.51.100.1, 192.0.2.7", 200),
        ("nonsense", 401),
        ("", 401),
    ],
)
def test_003_r8_only_the_vendors_networks_may_send(wink: Wink, forwarded: str, status: int) -> None:
    trigger = wink.trigger(connector="bearer-scan", networks=["192.0.2.0/24", "2001:db8::/32"])

    answer = deliver(trigger, scan(), None, ("X-Forwarded-For", forwarded))

    assert answer.status == status
    assert wink.last_delivery(trigger)["reason"] == ("new" if status == 200 else "address_not_allowed")


def test_003_r9_a_flood_is_answered_429_and_each_answer_is_accounted_for(wink: Wink) -> None:
    trigger = wink.trigger(connector="bearer-scan", rate="5/m")

    answers = [deliver(trigger, scan(scan_id=str(number))) for number in range(12)]

    assert [answer.status for answer in answers] == [200] * 5 + [429] * 7
    assert all(0 < int(answer.header("retry-after") or 0) <= 60 for answer in answers[5:])
    wink.ledger()


def test_003_r10_the_token_is_in_no_ledger_log_or_answer(wink: Wink, trigger: Trigger) -> None:
    token = trigger.api_key or ""
    accepted, refused = deliver(trigger, scan()), deliver(trigger, b"{")

    kept = [wink.delivery(each["id"]) for each in wink.get(f"/deliveries?trigger={trigger.name}")["items"]]

    assert [each["headers"]["authorization"] for each in kept] == [["Bearer [redacted]"]] * 2
    assert token not in json.dumps(kept) + wink.log()
    assert token.encode() not in accepted.body + refused.body
    assert not any(token.encode() in file.read_bytes() for file in wink.data.iterdir())


@pytest.mark.parametrize("text", HOSTILE)
def test_003_r11_hostile_text_passes_through_byte_for_byte(wink: Wink, sink: Sink, trigger: Trigger, text: str) -> None:
    path = f"/r11/{trigger.name}"
    wink.workflow(trigger, sink.step(path, "event.data.results.details[0]"))

    deliver(trigger, scan(details=[text]))
    (event,) = wink.get(f"/events?trigger={trigger.name}")["items"]

    assert [run["outcome"] for run in wink.event(event["id"])["runs"]] == ["succeeded"]
    assert [call.body for call in sink.at(path)] == [text.encode()]


@pytest.mark.parametrize("body", [b'{"a":1,"a":2}', b'{"a":NaN}', b"[" * 100_000 + b"]" * 100_000, b'{"a":"\\ud800"}'])
def test_003_r11_what_two_readers_could_understand_in_two_ways_is_400(trigger: Trigger, body: bytes) -> None:
    answer = deliver(trigger, body)

    assert (answer.status, answer.json()["error"]) == (400, "malformed_body")


def test_003_r12_the_test_button_sends_the_seeds_sample_through_the_real_path(wink: Wink, trigger: Trigger) -> None:
    sent = wink.api("POST", f"/triggers/{trigger.id}/test", {})

    assert (sent["status"], sent["verdict"]) == (200, "accepted")
    assert wink.event(*sent["events"])["data"]["scanId"] == "abc123"
    assert wink.delivery(sent["delivery"])["headers"]["authorization"] == ["Bearer [redacted]"]
