"""Seed 001: a training platform that signs with a secret it shows once; each test is named by its row."""

import hmac
import json
from base64 import b64decode, b64encode

import pytest

from tests import signing
from tests.serving import Trigger, Wink
from tests.wire import JSON, Answer, Header, send

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KINDS = ["assignment.created", "assignment.completed", "sarif.ingested", "certificate.issued"]
LOG = "  - {id: done, uses: core.log, with: {message: '${{ event.type }}'}}\n"


@pytest.fixture
def trigger(wink: Wink) -> Trigger:
    return wink.trigger(connector="securecodinghub", secret=SECRET)


def deliver(trigger: Trigger, kind: str, message: str = "msg_1", stamp: str | None = None, **data: object) -> Answer:
    body = json.dumps({"id": message, "type": kind, "timestamp": "2026-01-02T03:04:05Z", "data": data}).encode()
    return send(trigger.base_url, body, signing.standard(SECRET, body, message=message, stamp=stamp))


def test_001_r1_the_secret_is_write_only(wink: Wink, trigger: Trigger) -> None:
    shown = wink.call("GET", f"/triggers/{trigger.id}")

    assert shown.json()["api_key"] is None
    assert SECRET.encode() not in shown.body
    assert SECRET.encode() not in wink.call("GET", "/triggers").body


@pytest.mark.parametrize("key", [SECRET.encode(), b64decode(SECRET.removeprefix("whsec_"))], ids=["kept", "decoded"])
@pytest.mark.parametrize("shape", ["standard", "elements", "plain"])
def test_001_r2_the_unknown_header_is_resolved_from_one_delivery(wink: Wink, shape: str, key: bytes) -> None:
    trigger = wink.trigger(connector="securecodinghub", secret=SECRET)
    body = b'{"id":"msg_9","type":"sarif.ingested","timestamp":"2026-01-02T03:04:05Z","data":{}}'
    refused = send(trigger.base_url, body, of_shape(shape, key, body))
    delivery = wink.last_delivery(trigger)["id"]

    found = wink.api("POST", f"/deliveries/{delivery}/recipe", {})
    wink.api("PATCH", f"/triggers/{trigger.id}", {"auth": found["auth"], "recipe": [found["recipes"][0]["recipe"]]})
    accepted = send(trigger.base_url, body, of_shape(shape, key, body))

    assert (refused.status, accepted.status) == (401, 202)
    assert SECRET not in json.dumps(found)


def of_shape(shape: str, key: bytes, body: bytes) -> list[Header]:
    """Return headers that nobody has seen yet, in one of the shapes that this sender may use."""
    stamp = signing.now()
    timed = hmac.digest(key, f"{stamp}.".encode() + body, "sha256").hex()
    named = b64encode(hmac.digest(key, f"evt_9.{stamp}.".encode() + body, "sha256")).decode()
    shapes: dict[str, list[Header]] = {
        "standard": [("X-SCH-Event-Id", "evt_9"), ("X-SCH-Timestamp", stamp), ("X-SCH-Signature", f"v1,{named}")],
        "elements": [("X-SCH-Signature", f"t={stamp},v1={timed}")],
        "plain": [("X-SCH-Signature", hmac.digest(key, body, "sha256").hex())],
    }
    return [JSON, *shapes[shape]]


def test_001_r1_a_truncated_secret_is_warned_of(wink: Wink) -> None:
    made = wink.api("POST", "/triggers", {"name": "cut-off", "connector": "securecodinghub", "secret": SECRET[:20]})

    assert any("secret" in warning for warning in made["warnings"])
    assert not any(SECRET[:20] in warning for warning in made["warnings"])


@pytest.mark.parametrize("kind", KINDS)
def test_001_r3_a_condition_on_the_event_type_picks_each(wink: Wink, kind: str) -> None:
    trigger = wink.trigger(
        connector="securecodinghub", secret=SECRET, condition=f"event.type == 'securecodinghub.{kind}'"
    )
    wink.workflow(trigger, LOG)

    started = [each for each in KINDS if wink.runs(deliver(trigger, each, message=each))]

    assert started == [kind]


def test_001_r3_a_type_of_the_future_is_recorded_and_filtered_and_no_failure(wink: Wink) -> None:
    trigger = wink.trigger(
        connector="securecodinghub", secret=SECRET, events=[f"securecodinghub.{kind}" for kind in KINDS]
    )
    wink.workflow(trigger, LOG)

    answer = deliver(trigger, "assignment.expired")

    assert (answer.status, answer.json()["status"]) == (202, "accepted")
    event = wink.event(*answer.json()["events"])
    assert event["type"] == "securecodinghub.assignment.expired"
    assert [match["answer"] for match in event["matches"]] == ["no"]
    assert event["runs"] == []


def test_001_r4_each_event_type_has_a_schema_of_its_own(wink: Wink) -> None:
    trigger = wink.trigger(connector="securecodinghub", secret=SECRET, on_mismatch="reject")
    wink.api("POST", f"/triggers/{trigger.id}/listen", {"for": "2m"})
    completed = {
        "userId": "u1",
        "userName": "Ada",
        "userEmail": "ada@example.com",
        "completedAt": "2026-01-02T03:04:05Z",
    }
    certificate = {
        "certificateId": "c1",
        "certificateNumber": "N-1",
        "categoryId": "k1",
        "categoryTitle": "XSS",
        "issuedAt": "2026-01-02T03:04:05Z",
    }
    deliver(trigger, "assignment.completed", "msg_1", **completed)
    deliver(trigger, "certificate.issued", "msg_2", **certificate)

    schemas = wink.api("POST", f"/triggers/{trigger.id}/sample/apply")["schemas"]
    crossed = deliver(trigger, "certificate.issued", "msg_3", **completed)
    fitting = deliver(trigger, "certificate.issued", "msg_4", **certificate)

    assert set(schemas) == {"securecodinghub.assignment.completed", "securecodinghub.certificate.issued"}
    assert [crossed.status, fitting.status] == [422, 202]


def test_001_r5_behind_a_tunnel_the_trigger_has_its_own_address_and_the_host_does_not_count(wink: Wink) -> None:
    trigger = wink.trigger(connector="blink", auth="signature", public_url="https://abc.trycloudflare.com")

    # The request itself names another host, as it does behind a tunnel.
    answer = send(f"{wink.url}{trigger.target}", b"{}", signing.blink(trigger.api_key or "", b"{}", trigger.base_url))

    assert trigger.base_url.startswith("https://abc.trycloudflare.com/webhooks/")
    assert answer.status == 202


def test_001_r6_five_attempts_of_one_event_are_one_run(wink: Wink, trigger: Trigger) -> None:
    wink.workflow(trigger, LOG)

    answers = [deliver(trigger, "sarif.ingested", stamp=signing.now(-shift)) for shift in (240, 180, 120, 60, 0)]

    assert [answer.json()["status"] for answer in answers] == ["accepted", *["duplicate"] * 4]
    assert len(wink.runs(answers[0])) == 1


def test_001_r7_what_their_admin_sees_is_short_json_that_names_the_ledgers_entry(wink: Wink, trigger: Trigger) -> None:
    body = b'{"type": '

    answer = send(trigger.base_url, body, signing.standard(SECRET, body))

    assert answer.status == 400
    assert wink.delivery(answer)["reason"] == "malformed_body"
    assert len(answer.body) < 500
    assert SECRET.encode() not in answer.body


def test_001_r7_a_refused_signature_is_told_nothing(trigger: Trigger) -> None:
    answer = send(trigger.base_url, b"{}", [JSON, *signing.standard(SECRET, b"[]")])

    assert (answer.status, answer.body) == (401, b'{"error":"unauthorized"}')
