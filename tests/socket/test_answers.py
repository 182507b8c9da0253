"""Every line of the table in the contract: what a sender is told, through a real socket."""

import json

import pytest

from tests import signing
from tests.serving import Trigger, Wink, eventually
from tests.wire import JSON, TEXT, Answer, send

#: More than the default limit of 5 MiB.
TOO_MUCH = b'"' + b"x" * (5 * 1024 * 1024) + b'"'

FINDING = b'{"severity": "high"}'


@pytest.fixture
def trigger(wink: Wink) -> Trigger:
    return wink.trigger()


@pytest.fixture
def strict(wink: Wink):
    """Return a maker of triggers that know the finding's schema, with what they do about another one."""

    def make(on_mismatch: str) -> Trigger:
        made = wink.trigger(on_mismatch=on_mismatch)
        wink.api("POST", f"/triggers/{made.id}/listen", {"for": "2m"})
        send(made.full_url, FINDING)
        wink.api("POST", f"/triggers/{made.id}/sample/apply")
        wink.api("DELETE", f"/triggers/{made.id}/listen")
        return made

    return make


def keyed(trigger: Trigger, message: str, body: bytes = b"{}") -> Answer:
    return send(trigger.full_url, body, [JSON, ("Idempotency-Key", message)])


def test_202_accepted_with_the_ids_of_delivery_and_events(wink: Wink, trigger: Trigger) -> None:
    answer = send(trigger.full_url, b'{"n": 1}')

    assert (answer.status, answer.header("content-type")) == (202, "application/json")
    assert set(answer.json()) == {"status", "delivery", "events"}
    assert answer.json()["status"] == "accepted"
    assert wink.delivery(answer)["verdict"] == "accepted"
    assert wink.event(*answer.json()["events"])["data"] == {"n": 1}


def test_the_connectors_own_answer_where_it_has_one(wink: Wink) -> None:
    scans = wink.trigger(connector="bearer-scan")
    body = b'{"scanId": "s", "status": "completed", "timestamp": "2026-01-02T03:04:05Z", "results": {}}'

    answer = send(scans.base_url, body, signing.bearer(scans.api_key or ""))

    assert answer.status == 200
    assert answer.json() == {"message": "Scan results received successfully."}
    assert wink.last_delivery(scans)["verdict"] == "accepted"


def test_202_duplicate_with_the_first_ones_event_ids(wink: Wink, trigger: Trigger) -> None:
    first, second = keyed(trigger, "one"), keyed(trigger, "one")

    assert second.status == 202
    assert second.json()["status"] == "duplicate"
    assert second.json()["events"] == first.json()["events"]
    assert second.json()["delivery"] != first.json()["delivery"]
    assert wink.delivery(second)["reason"] == "event_seen"


def test_202_sampled_where_an_unpublished_trigger_listens(wink: Wink) -> None:
    draft = wink.trigger(state="draft")
    wink.api("POST", f"/triggers/{draft.id}/listen", {"for": "2m"})

    answer = send(draft.full_url, b"{}")

    assert (answer.status, answer.json()["status"]) == (202, "sampled")
    assert wink.delivery(answer)["reason"] == "listening"


def test_202_quarantined_for_its_schema(wink: Wink, strict) -> None:
    answer = send(strict("quarantine").full_url, b'{"severity": 3}')

    assert (answer.status, answer.json()["status"]) == (202, "quarantined")
    assert wink.delivery(answer)["reason"] == "schema_mismatch"


def test_202_held_by_a_paused_trigger_until_it_is_resumed(wink: Wink, trigger: Trigger) -> None:
    wink.workflow(trigger, "  - {id: a, uses: core.log, with: {message: hello}}\n")
    wink.api("POST", f"/triggers/{trigger.id}/pause")

    answer = send(trigger.full_url, b"{}")
    held = [*wink.runs(answer)]
    wink.api("POST", f"/triggers/{trigger.id}/resume", {"held": "run"})

    assert (answer.status, answer.json()["status"]) == (202, "accepted")
    assert wink.delivery(answer)["reason"] == "held"
    assert held == []
    assert eventually(lambda: [run["outcome"] for run in wink.runs(answer)]) == ["succeeded"]


def test_200_and_the_challenge_for_a_handshake(wink: Wink) -> None:
    slack = wink.trigger(connector="slack", secret="slack-signing-secret")
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()

    answer = send(slack.base_url, body, signing.slack("slack-signing-secret", body))

    assert (answer.status, answer.body) == (200, b"3eZbrw1aB")
    assert wink.last_delivery(slack)["verdict"] == "handshake"


def test_400_for_a_body_that_is_not_what_its_content_type_says(wink: Wink, trigger: Trigger) -> None:
    answer = send(trigger.full_url, b'{"n": ')

    assert answer.status == 400
    assert answer.json()["error"] == "malformed_body"
    assert wink.delivery(answer)["reason"] == "malformed_body"


def test_401_whatever_the_cause(wink: Wink, trigger: Trigger) -> None:
    answer = send(trigger.base_url, b"{}")

    assert (answer.status, answer.body) == (401, b'{"error":"unauthorized"}')
    assert wink.last_delivery(trigger)["reason"] == "missing_proof"


def test_404_where_there_is_no_trigger(wink: Wink) -> None:
    answer = send(f"{wink.url}/webhooks/{'a' * 26}", b"{}")

    assert (answer.status, answer.json()) == (404, {"error": "not_found"})


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "BREW", "post"])
def test_405_for_a_method_that_the_connector_does_not_use(wink: Wink, trigger: Trigger, method: str) -> None:
    answer = send(trigger.full_url, method=method, headers=())

    assert (answer.status, answer.header("allow")) == (405, "POST")
    assert wink.last_delivery(trigger)["reason"] == "method_not_allowed"


def test_409_from_an_unpublished_trigger_that_is_not_listening(wink: Wink) -> None:
    draft = wink.trigger(state="draft")

    answer = send(draft.full_url, b"{}")

    assert (answer.status, answer.json()) == (409, {"error": "not_listening"})
    assert wink.last_delivery(draft)["reason"] == "not_listening"


def test_413_for_more_than_the_limit(wink: Wink, trigger: Trigger) -> None:
    answer = send(trigger.full_url, TOO_MUCH)

    kept = wink.last_delivery(trigger)
    assert answer.status == 413
    assert (kept["reason"], kept["size"]) == ("body_too_large", len(TOO_MUCH))


def test_415_for_a_content_type_that_the_connector_does_not_take(wink: Wink, trigger: Trigger) -> None:
    answer = send(trigger.full_url, b"\x89PNG", [("Content-Type", "image/png")])

    assert answer.status == 415
    assert wink.last_delivery(trigger)["reason"] == "unsupported_content_type"


def test_422_with_each_difference_where_the_trigger_rejects_what_does_not_fit(wink: Wink, strict) -> None:
    answer = send(strict("reject").full_url, b'{"severity": 3}')

    assert (answer.status, answer.json()["error"]) == (422, "schema_mismatch")
    (difference,) = answer.json()["detail"]
    assert difference["path"] == "/severity"
    assert difference["message"]


def test_429_over_the_triggers_rate_and_when_to_come_again(wink: Wink) -> None:
    slow = wink.trigger(rate="1/h")

    first, second = send(slow.full_url, b"{}"), send(slow.full_url, b"{}")

    assert first.status == 202
    assert (second.status, second.json()) == (429, {"error": "rate_limited"})
    assert 0 < int(second.header("retry-after") or "") <= 3600
    assert wink.last_delivery(slow)["reason"] == "rate_limited"


@pytest.mark.parametrize(
    ("content_type", "body", "data"),
    [
        ("application/json", b'{"a": [1, null]}', {"a": [1, None]}),
        ("application/vnd.example+json; charset=utf-8", b'{"a": 1}', {"a": 1}),
        ("application/x-www-form-urlencoded", b"a=1&b=x+y&b=%C3%A9", {"a": "1", "b": ["x y", "\u00e9"]}),
        ("application/x-www-form-urlencoded", b"payload=%7B%22a%22%3A1%7D", {"a": 1}),
        ("application/x-ndjson", b'{"n": 1}\n\n{"n": 2}\n', [{"n": 1}, {"n": 2}]),
        ("text/plain", b"two\nlines", "two\nlines"),
        ("application/xml", b"<a>1</a>", "<a>1</a>"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--',
            {"a": "1"},
        ),
    ],
)
def test_each_kind_of_body_becomes_data(wink: Wink, trigger: Trigger, content_type: str, body: bytes, data) -> None:
    answer = send(trigger.full_url, body, [("Content-Type", content_type)])

    assert answer.status == 202, answer.body
    assert wink.event(*answer.json()["events"])["data"] == data


def test_the_content_type_does_not_choose_a_reader_that_the_connector_does_not_use(wink: Wink) -> None:
    scans = wink.trigger(connector="bearer-scan")

    answer = send(scans.base_url, b"{}", [TEXT, ("Authorization", f"Bearer {scans.api_key}")])

    assert answer.status == 415
