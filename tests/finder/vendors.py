"""One signed request of each vendor: as it published it, or else signed here with the standard library alone."""

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.authentication.request import Inbound

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
URL = "https://hooks.example.com/webhooks/4k1s2v6d"
BODY = b'{"id":"evt_1","type":"order.paid","data":{"amount":12}}'
FORM = b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True)
class Signed:
    """A request with the secret that it is signed with, and what the vendor says that it signs."""

    request: Inbound
    secret: str
    signs: str


def request(
    headers: dict[str, str], body: bytes = BODY, *, url: str = URL, at: datetime = NOW, kind: str = "application/json"
) -> Inbound:
    """Return a request as it comes in, with what else HTTP clients send."""
    usual = {"host": "hooks.example.com", "user-agent": "Sender/1.0", "content-type": kind, "accept": "*/*"}
    return Inbound(
        method="POST",
        url=url,
        path="/webhooks/4k1s2v6d",
        query=url.partition("?")[2],
        headers={name.lower(): (value,) for name, value in {**usual, **headers}.items()},
        body=body,
        address="192.0.2.7",
        received_at=at,
    )


def in_hex(secret: str, signed: bytes, algorithm: str = "sha256") -> str:
    return hmac.digest(secret.encode(), signed, algorithm).hex()


def in_base64(secret: str | bytes, signed: bytes, algorithm: str = "sha256") -> str:
    key = secret.encode() if isinstance(secret, str) else secret
    return base64.b64encode(hmac.digest(key, signed, algorithm)).decode()


def github() -> Signed:
    """Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries (published)."""
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-GitHub-Hook-ID": "292430182",
        "X-Hub-Signature-256": signature,
    }
    return Signed(request(headers, b"Hello, World!", kind="text/plain"), "It's a Secret to Everybody", "{body}")


def stripe() -> Signed:
    secret = "whsec_9f2d8c1b7a6e5f4d3c2b1a0987654321"
    signature = in_hex(secret, f"{STAMP}.".encode() + BODY)
    old = in_hex("another", f"{STAMP}.".encode() + BODY)
    return Signed(request({"Stripe-Signature": f"t={STAMP},v1={signature},v0={old}"}), secret, "{timestamp}.{body}")


def slack() -> Signed:
    """Source: https://docs.slack.dev/authentication/verifying-requests-from-slack/ (published)."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    headers = {
        "X-Slack-Request-Timestamp": "1531420618",
        "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    }
    at = datetime(2018, 7, 12, 18, 37, tzinfo=UTC)
    sent = request(headers, body, at=at, kind="application/x-www-form-urlencoded")
    return Signed(sent, "8f742231b10e8888abcd99yyyzzz85a5", "v0:{timestamp}:{body}")


def svix() -> Signed:
    """The published vector of the library that Standard Webhooks took over, under the vendor's own headers.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests/test_webhooks.py
    """
    headers = {
        "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "svix-timestamp": "1614265330",
        "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = datetime.fromtimestamp(1614265330 + 3, UTC)
    signs = "{header:svix-id}.{timestamp}.{body}"
    return Signed(request(headers, b'{"test": 2432232314}', at=at), STANDARD_SECRET, signs)


def shopify() -> Signed:
    secret = "hush-shpss-0123456789"
    headers = {
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Hmac-Sha256": in_base64(secret, BODY),
        "X-Shopify-Triggered-At": "2026-01-02T03:04:04.123456789Z",
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "X-Shopify-Event-Id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
    }
    return Signed(request(headers), secret, "{body}")


def square() -> Signed:
    """Source: https://developer.squareup.com/docs/webhooks/step3validate (published)."""
    body = b'{"hello":"world"}'
    headers = {"x-square-hmacsha256-signature": "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="}
    return Signed(request(headers, body, url="https://example.com/webhook"), "asdf1234", "{url}{body}")


def twilio() -> Signed:
    """Source: https://github.com/twilio/twilio-python/blob/main/tests/unit/test_request_validator.py (published)."""
    sent = request(
        {"X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "I-Twilio-Idempotency-Token": "5d2c8b"},
        FORM,
        url="https://mycompany.com/myapp.php?foo=1&bar=2",
        kind="application/x-www-form-urlencoded; charset=utf-8",
    )
    return Signed(sent, "12345", "{url}{form_sorted}")


def hubspot() -> Signed:
    secret, stamp = "3ea2f7b0-6e0c-4ad4-a2a6-5f0e4d0f9f11", f"{STAMP}123"
    headers = {
        "X-HubSpot-Request-Timestamp": stamp,
        "X-HubSpot-Signature-Version": "v1",
        # The first version hashes without a key.
        "X-HubSpot-Signature": "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de",
        "X-HubSpot-Signature-v3": in_base64(secret, b"POST" + URL.encode() + BODY + stamp.encode()),
    }
    return Signed(request(headers), secret, "{method}{url}{body}{timestamp}")


def blazelock() -> Signed:
    secret = "blz_7hJ2kq0s8Vx1"
    headers = {
        "X-Blazelock-Webhook-Timestamp": STAMP,
        "X-Blazelock-Webhook-Signature": in_hex(secret, f"{STAMP}.".encode() + BODY),
    }
    return Signed(request(headers), secret, "{timestamp}.{body}")


def blink() -> Signed:
    secret = "Zx8Q0m2p4s6u8w0y"
    signature = in_hex(secret, f"{STAMP}.{URL}.".encode() + BODY)
    return Signed(request({"X-BLINK-SIGNATURE": f"ts={STAMP};sig1={signature}"}), secret, "{timestamp}.{url}.{body}")


VENDORS = (github, stripe, slack, svix, shopify, square, twilio, hubspot, blazelock, blink)
