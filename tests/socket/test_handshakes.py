"""Handshakes through a real socket: answered, kept, refused, and in the ledger with words."""

import hmac
import json
from base64 import b64encode
from hashlib import sha256
from urllib.parse import quote

import pytest

from tests import signing
from tests.serving import Trigger, Wink, eventually
from tests.wire import JSON, TEXT, Answer, Header, send

KEY = "a-secret-that-both-sides-know-0123456789"
HOOK = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81"
OTHER = "c648318031dcfb13468d0559245eb66af9ce4ae72608ede6742c9123fbf64f92"
TOKEN = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"
EVENT = (
    b'{"events":[{"action":"added","resource":{"gid":"1","resource_type":"task"},"created_at":"2026-01-02T03:04:05Z"}]}'
)


@pytest.fixture
def x(wink: Wink) -> Trigger:
    return wink.trigger(connector="x-twitter", secret=KEY)


@pytest.fixture
def asana(wink: Wink) -> Trigger:
    return wink.trigger(connector="asana")


def asked(trigger: Trigger, query: str, *, method: str = "GET") -> Answer:
    return send(f"{trigger.base_url}?{query}", method=method, headers=())


def brought(trigger: Trigger, secret: str) -> Answer:
    return send(trigger.base_url, b"", [("X-Hook-Secret", secret)])


def task(trigger: Trigger, secret: str) -> Answer:
    return send(trigger.base_url, EVENT, [JSON, ("X-Hook-Signature", signing.hex_hmac(secret, EVENT))])


def in_base64(secret: str, body: bytes) -> str:
    return b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def test_a_question_by_get_is_answered_and_stands_in_the_ledger(wink: Wink, x: Trigger) -> None:
    answer = asked(x, "crc_token=abc123")

    assert (answer.status, answer.json()) == (200, {"response_token": f"sha256={in_base64(KEY, b'abc123')}"})
    kept = wink.last_delivery(x)
    assert (kept["verdict"], kept["reason"], kept["method"]) == ("handshake", "handshake", "GET")
    assert kept["detail"] == "the challenge was signed and sent back"


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS"])
def test_any_other_request_by_such_a_method_is_405(wink: Wink, x: Trigger, method: str) -> None:
    answer = asked(x, "other=1", method=method)

    assert (answer.status, answer.header("allow")) == (405, "POST")
    assert wink.last_delivery(x)["reason"] == "method_not_allowed"


@pytest.mark.parametrize("body", [b"123", b"true", b"null"])
def test_what_a_question_got_signed_is_no_proof_of_a_delivery(wink: Wink, x: Trigger, body: bytes) -> None:
    """JSON that has the form of a challenge: whoever asks gets just the signature that a delivery would carry."""
    signature = asked(x, f"crc_token={body.decode()}").json()["response_token"]

    answer = send(x.base_url, body, [JSON, ("x-twitter-webhooks-signature", signature)])

    assert signature == f"sha256={in_base64(KEY, body)}"
    assert (answer.status, answer.body) == (401, b'{"error":"unauthorized"}')
    assert wink.last_delivery(x)["reason"] == "wrong_proof"


@pytest.mark.parametrize("challenge", ["{}", '{"a":1}', "a=b", "a" * 129, "\u00e9", "a\nb", "a\0b", "", "a b", "=" * 9])
def test_nothing_else_is_signed(wink: Wink, x: Trigger, challenge: str) -> None:
    answer = asked(x, f"crc_token={quote(challenge)}")

    assert answer.status == 405
    assert wink.last_delivery(x)["verdict"] == "rejected"


def test_without_a_secret_a_challenge_gets_what_a_forger_gets(wink: Wink) -> None:
    waiting = wink.trigger(connector="x-twitter")

    answer = asked(waiting, "crc_token=abc")

    assert (answer.status, answer.body) == (401, b'{"error":"unauthorized"}')
    assert wink.last_delivery(waiting)["reason"] == "no_secret"


def test_so_many_challenges_are_signed_in_an_hour_and_no_more(wink: Wink, x: Trigger) -> None:
    statuses = [asked(x, f"crc_token=n{number}").status for number in range(101)]

    assert statuses == [200] * 100 + [429]
    assert wink.last_delivery(x)["reason"] == "rate_limited"


def test_an_echo_is_answered_however_often_but_only_counted_after_a_while(wink: Wink) -> None:
    dropbox = wink.trigger(connector="dropbox", secret=KEY)
    before = wink.get("/ledger/check")["verdicts"].get("handshake", 0)

    answers = [asked(dropbox, "challenge=abc") for _ in range(103)]

    assert {(answer.status, answer.body) for answer in answers} == {(200, b"abc")}
    assert len(wink.get(f"/deliveries?trigger={dropbox.name}&limit=200")["items"]) == 100
    assert wink.get("/ledger/check")["verdicts"]["handshake"] == before + 103


@pytest.mark.parametrize("challenge", ["<script>alert(1)</script>", "\u00e9\u20ac", "a\r\nSet-Cookie: b=c"])
def test_an_echo_is_text_and_nothing_else(wink: Wink, challenge: str) -> None:
    dropbox = wink.trigger(connector="dropbox", secret=KEY)

    answer = asked(dropbox, f"challenge={quote(challenge)}")

    assert answer.body == challenge.encode()
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("set-cookie") is None


@pytest.mark.parametrize("origin", ["a\u00e9", "a\tb", "x" * 1_025])
def test_a_header_is_sent_back_only_where_it_is_one(wink: Wink, origin: str) -> None:
    events = wink.trigger(connector="cloudevents")

    answer = send(events.base_url, method="OPTIONS", headers=[("WebHook-Request-Origin", origin)])

    assert answer.status == 405
    assert answer.header("webhook-allowed-origin") is None


def test_cloudevents_are_asked_for_leave_with_options(wink: Wink) -> None:
    events = wink.trigger(connector="cloudevents")

    answer = send(events.base_url, method="OPTIONS", headers=[("WebHook-Request-Origin", "eventemitter.example.com")])

    assert (answer.status, answer.body) == (200, b"")
    assert answer.header("webhook-allowed-origin") == "eventemitter.example.com"
    assert (answer.header("webhook-allowed-rate"), answer.header("allow")) == ("*", "POST")


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_trello_finds_its_address(wink: Wink, method: str) -> None:
    trello = wink.trigger(connector="trello", secret=KEY)

    answer = send(trello.base_url, method=method, headers=())

    assert (answer.status, answer.body) == (200, b"")


def test_a_verify_token_has_to_be_the_triggers(wink: Wink) -> None:
    made = wink.api("POST", "/triggers", {"name": "meta-of-the-tests", "connector": "meta", "secret": KEY})
    token, query = made["secrets"]["verify_token"], "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="

    right, wrong = (send(f"{made['base_url']}?{query}{given}", method="GET", headers=()) for given in (token, "sesame"))

    assert (right.status, right.body) == (200, b"1158201444")
    assert (wrong.status, wrong.body) == (401, b'{"error":"unauthorized"}')
    listed = wink.get("/deliveries?trigger=meta-of-the-tests")["items"]
    told = json.dumps([wink.get(f"/deliveries/{each['id']}") for each in listed])
    assert "sesame" not in told
    assert token not in told


def test_graph_hears_its_token_decoded_as_text(wink: Wink) -> None:
    graph = wink.trigger(connector="ms-graph")

    answer = send(f"{graph.base_url}?validationToken=Validation%3A%20Token", b"", [TEXT])

    assert (answer.status, answer.body) == (200, b"Validation: Token")


def test_event_grid_hears_its_code_after_the_key(wink: Wink) -> None:
    grid = wink.trigger(connector="azure-event-grid")
    kind = "Microsoft.EventGrid.SubscriptionValidationEvent"
    body = json.dumps([{"id": "1", "eventType": kind, "data": {"validationCode": "c1"}}]).encode()

    answers = [send(url or "", body) for url in (grid.base_url, grid.full_url)]

    assert [answer.status for answer in answers] == [401, 200]
    assert answers[1].json() == {"validationResponse": "c1"}


def test_a_secret_that_the_vendor_brings_is_kept_and_proves_what_comes_next(wink: Wink, asana: Trigger) -> None:
    answer = brought(asana, HOOK)

    assert (answer.status, answer.header("x-hook-secret")) == (200, HOOK)
    assert task(asana, HOOK).status == 200
    assert asana.state == "needs_secret"
    assert wink.get(f"/triggers/{asana.name}")["state"] == "published"


def test_a_stranger_puts_no_secret_beside_one_that_is_there(wink: Wink, asana: Trigger) -> None:
    brought(asana, HOOK)

    answer = brought(asana, OTHER)

    assert (answer.status, answer.body) == (401, b'{"error":"unauthorized"}')
    assert wink.last_delivery(asana)["reason"] == "not_open"
    assert [task(asana, secret).status for secret in (HOOK, OTHER)] == [200, 401]


def test_while_somebody_listens_a_further_secret_is_taken_beside_the_first(wink: Wink, asana: Trigger) -> None:
    brought(asana, HOOK)
    wink.api("POST", f"/triggers/{asana.id}/listen", {"for": "2m"})

    answer = brought(asana, OTHER)

    assert answer.status == 200
    assert [task(asana, secret).status for secret in (HOOK, OTHER)] == [200, 200]


def test_not_even_an_open_trigger_takes_endless_secrets(wink: Wink) -> None:
    draft = wink.trigger(connector="asana", state="draft")

    statuses = [brought(draft, sha256(str(number).encode()).hexdigest()).status for number in range(11)]

    assert statuses == [200] * 10 + [401]


def test_a_secret_that_was_brought_stands_nowhere_in_the_ledger(wink: Wink, asana: Trigger) -> None:
    notion = wink.trigger(connector="notion")
    body = json.dumps({"verification_token": TOKEN}).encode()

    answers = [brought(asana, HOOK), brought(asana, OTHER), send(notion.base_url, body), send(notion.base_url, body)]

    assert [answer.status for answer in answers] == [200, 401, 200, 401]
    listed = [each for name in (asana.name, notion.name) for each in wink.get(f"/deliveries?trigger={name}")["items"]]
    told = json.dumps([wink.get(f"/deliveries/{each['id']}") for each in listed])
    assert len(listed) == 4
    assert not any(secret in told for secret in (HOOK, OTHER, TOKEN))
    assert HOOK not in wink.log()
    assert wink.last_delivery(notion)["size"] == len(body)


@pytest.mark.parametrize("secret", ["short", "x" * 1_025, "\u00e9" * 40])
def test_what_is_no_secret_opens_nothing(wink: Wink, asana: Trigger, secret: str) -> None:
    answer = brought(asana, secret)

    assert answer.status == 401
    assert wink.get(f"/triggers/{asana.name}")["state"] == "needs_secret"


def test_xero_gets_nothing_but_a_status(wink: Wink) -> None:
    xero = wink.trigger(connector="xero", secret=KEY)
    body = b'{"events":null,"firstEventSequence":0,"lastEventSequence":0,"entropy":"IAUJ"}'
    right: Header = ("x-xero-signature", in_base64(KEY, body))
    wrong: Header = ("x-xero-signature", in_base64("another", body))

    answers = [send(xero.base_url, body, [JSON, *proof]) for proof in ([right], [wrong], [], [right, right])]

    assert [answer.status for answer in answers] == [200, 401, 401, 401]
    assert {answer.body for answer in answers} == {b""}
    assert len({answer.without_date() for answer in answers[1:]}) == 1


def test_salesforce_gets_its_acknowledgement(wink: Wink) -> None:
    salesforce = wink.trigger(connector="salesforce")
    body = b'<notifications><Notification><Id>04l1</Id><sObject xsi:type="sf:Case"/></Notification></notifications>'

    answer = send(salesforce.full_url or "", body, [("Content-Type", "text/xml; charset=utf-8")])

    assert (answer.status, answer.header("content-type")) == (200, "text/xml; charset=utf-8")
    assert b"<Ack>true</Ack>" in answer.body
    events = eventually(lambda: wink.get(f"/events?trigger={salesforce.name}")["items"])
    assert [event["type"] for event in events] == ["salesforce.Case"]


@pytest.mark.parametrize("depth", [199, 201, 100_000])
def test_a_nested_question_is_read_or_refused_and_breaks_nothing(wink: Wink, depth: int) -> None:
    notion = wink.trigger(connector="notion")
    body = b'{"verification_token": ' + b"[" * depth + b"]" * depth + b"}"

    assert send(notion.base_url, body).status == 401
    assert wink.get(f"/triggers/{notion.name}")["state"] == "needs_secret"
