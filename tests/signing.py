"""Signatures as the vendors describe them, made with the standard library alone: nothing of Wink is asked."""

import base64
import hmac
import time

from tests.wire import JSON, Header

Headers = list[Header]


def now(shift: int = 0) -> str:
    """Return the time as Unix seconds, so many of them off."""
    return str(int(time.time()) + shift)


def hex_hmac(secret: str, signed: bytes) -> str:
    return hmac.digest(secret.encode(), signed, "sha256").hex()


def blazelock(secret: str, body: bytes, *, stamp: str | None = None) -> Headers:
    stamp = now() if stamp is None else stamp
    signature = hex_hmac(secret, f"{stamp}.".encode() + body)
    return [JSON, ("X-Blazelock-Webhook-Timestamp", stamp), ("X-Blazelock-Webhook-Signature", signature)]


def standard(secret: str, body: bytes, *, message: str = "msg_1", stamp: str | None = None) -> Headers:
    stamp = now() if stamp is None else stamp
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{message}.{stamp}.".encode() + body, "sha256")).decode()
    return [
        JSON,
        ("webhook-id", message),
        ("webhook-timestamp", stamp),
        ("webhook-signature", f"v1,{signature}"),
    ]


def blink(secret: str, body: bytes, url: str, *, stamp: str | None = None) -> Headers:
    stamp = now() if stamp is None else stamp
    return [JSON, ("X-BLINK-SIGNATURE", f"ts={stamp};sig1={hex_hmac(secret, f'{stamp}.{url}.'.encode() + body)}")]


def github(secret: str, body: bytes, *, event: str = "push", delivery: str = "1") -> Headers:
    return [
        JSON,
        ("X-GitHub-Event", event),
        ("X-GitHub-Delivery", delivery),
        ("X-Hub-Signature-256", f"sha256={hex_hmac(secret, body)}"),
    ]


def stripe(secret: str, body: bytes, *, stamp: str | None = None) -> Headers:
    stamp = now() if stamp is None else stamp
    return [JSON, ("Stripe-Signature", f"t={stamp},v1={hex_hmac(secret, f'{stamp}.'.encode() + body)}")]


def slack(secret: str, body: bytes, *, stamp: str | None = None) -> Headers:
    stamp = now() if stamp is None else stamp
    signature = hex_hmac(secret, f"v0:{stamp}:".encode() + body)
    return [JSON, ("X-Slack-Request-Timestamp", stamp), ("X-Slack-Signature", f"v0={signature}")]


def bearer(token: str) -> Headers:
    return [JSON, ("Authorization", f"Bearer {token}")]
