"""What the vendors' own libraries sign is accepted through a real socket, and refused with one byte changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from slack_sdk.signature import SignatureVerifier
from standardwebhooks.webhooks import Webhook
from stripe import WebhookSignature

from tests.serving import Trigger, Wink
from tests.wire import JSON, TEXT, Answer, Header, send

BODY = b'{"type":"payment_intent.succeeded","id":"evt_1","event_id":"Ev1","note":"Z\xc3\xbcrich \xf0\x9f\x91\x8b"}'
UNAUTHORIZED = (401, b'{"error":"unauthorized"}')

#: What the vendor would have shown, where it is the vendor that makes the secret.
PASTED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True)
class Library:
    """A library, and the trigger for what it signs; sign: takes the secret and the body."""

    fields: dict[str, object]
    sign: Callable[[str, bytes], Sequence[Header]]


def by_standardwebhooks(secret: str, body: bytes) -> Sequence[Header]:
    now = datetime.now(UTC)
    signature = Webhook(secret).sign(msg_id="msg_1", timestamp=now, data=body.decode())
    return [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", str(int(now.timestamp()))),
        ("webhook-signature", signature),
    ]


def by_stripe(secret: str, body: bytes) -> Sequence[Header]:
    now = int(datetime.now(UTC).timestamp())
    return [("Stripe-Signature", WebhookSignature.generate_signature_header(body.decode(), secret, now))]


def by_slack(secret: str, body: bytes) -> Sequence[Header]:
    now = str(int(datetime.now(UTC).timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=now, body=body)
    return [("X-Slack-Request-Timestamp", now), ("X-Slack-Signature", signature or "")]


LIBRARIES = {
    "standardwebhooks": Library({"connector": "standard-webhooks", "secret": PASTED}, by_standardwebhooks),
    "standardwebhooks at custom": Library({"auth": "signature"}, by_standardwebhooks),
    "standardwebhooks at securecodinghub": Library(
        {"connector": "securecodinghub", "secret": PASTED}, by_standardwebhooks
    ),
    "stripe": Library({"connector": "stripe", "secret": PASTED}, by_stripe),
    "slack_sdk": Library({"connector": "slack", "secret": PASTED}, by_slack),
}


def signed(library: Library, trigger: Trigger, body: bytes = BODY) -> Answer:
    """Send the body with the library's signature of the one above."""
    secret = str(library.fields.get("secret") or trigger.api_key)
    return send(trigger.base_url, body, [JSON, *library.sign(secret, BODY)])


def changed(body: bytes) -> bytes:
    return body.replace(b"1", b"2", 1)


@pytest.mark.parametrize("name", LIBRARIES)
def test_what_the_library_signs_is_accepted(wink: Wink, name: str) -> None:
    trigger = wink.trigger(**LIBRARIES[name].fields)

    answer = signed(LIBRARIES[name], trigger)

    assert answer.status in {200, 202}
    assert wink.last_delivery(trigger)["verdict"] == "accepted"


@pytest.mark.parametrize("name", LIBRARIES)
def test_what_the_library_signs_is_refused_with_one_byte_changed(wink: Wink, name: str) -> None:
    trigger = wink.trigger(**LIBRARIES[name].fields)

    answer = signed(LIBRARIES[name], trigger, changed(BODY))

    assert (answer.status, answer.body) == UNAUTHORIZED
    assert wink.last_delivery(trigger)["reason"] == "wrong_proof"


def test_what_octokit_signs_is_accepted(wink: Wink, octokit: Callable[[str, bytes], str]) -> None:
    trigger = wink.trigger(connector="github")
    headers = [JSON, ("X-GitHub-Event", "push"), ("X-Hub-Signature-256", octokit(trigger.api_key or "", BODY))]

    answer = send(trigger.base_url, BODY, [*headers, ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")])

    assert answer.status == 202
    assert wink.event(*answer.json()["events"])["type"] == "github.push"


def test_what_octokit_signs_is_refused_with_one_byte_changed(wink: Wink, octokit: Callable[[str, bytes], str]) -> None:
    trigger = wink.trigger(connector="github")
    headers = [JSON, ("X-GitHub-Event", "push"), ("X-Hub-Signature-256", octokit(trigger.api_key or "", BODY))]

    answer = send(trigger.base_url, changed(BODY), headers)

    assert (answer.status, answer.body) == UNAUTHORIZED


def test_the_vector_that_github_publishes_is_accepted(wink: Wink) -> None:
    """Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries."""
    trigger = wink.trigger(auth="signature", recipe="hmac-body", secret="It's a Secret to Everybody")
    signature = ("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")

    answers = [send(trigger.base_url, body, [TEXT, signature]) for body in (b"Hello, World!", b"Hello, World?")]

    assert [answer.status for answer in answers] == [202, 401]
