"""What the vendors' own libraries sign is accepted, and refused with one byte changed."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from slack_sdk.signature import SignatureVerifier
from standardwebhooks.webhooks import Webhook
from stripe import WebhookSignature

from engine.authentication.request import Inbound
from engine.authentication.way import Way
from engine.definitions.catalog import read_connectors
from engine.errors import Rejected
from engine.words import Reason

#: Takes secret, body and time; returns the headers to send.
Sign = Callable[[str, str, datetime], dict[str, str]]

CONNECTORS = read_connectors(Path(__file__).parents[2] / "connectors")


def by_standardwebhooks(secret: str, body: str, now: datetime) -> dict[str, str]:
    signature = Webhook(secret).sign(msg_id="msg_1", timestamp=now, data=body)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


def by_stripe(secret: str, body: str, now: datetime) -> dict[str, str]:
    header = WebhookSignature.generate_signature_header(body, secret, int(now.timestamp()))
    return {"Stripe-Signature": header}


def by_slack(secret: str, body: str, now: datetime) -> dict[str, str]:
    stamp = str(int(now.timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature or ""}


LIBRARIES = [
    (by_standardwebhooks, CONNECTORS["standard-webhooks"].way()),
    (by_standardwebhooks, CONNECTORS["custom"].way("signature")),
    (by_stripe, CONNECTORS["stripe"].way()),
    (by_slack, CONNECTORS["slack"].way()),
]


def signed(bare: Inbound, headers: dict[str, str]) -> Inbound:
    for name, value in headers.items():
        bare = bare.with_header(name, value)
    return bare


@pytest.mark.parametrize(("sign", "way"), LIBRARIES)
def test_what_the_library_signs_is_accepted(bare: Inbound, sign: Sign, way: Way) -> None:
    (name, spec), *_ = way.secrets.items()
    secret = spec.generate()

    way.prove(signed(bare, sign(secret, bare.body.decode(), bare.received_at)), {name: [secret]})


@pytest.mark.parametrize(("sign", "way"), LIBRARIES)
def test_what_the_library_signs_is_refused_with_one_byte_changed(bare: Inbound, sign: Sign, way: Way) -> None:
    (name, spec), *_ = way.secrets.items()
    secret = spec.generate()
    changed = signed(bare, sign(secret, bare.body.decode(), bare.received_at))._replace(body=bare.body + b" ")

    with pytest.raises(Rejected) as refused:
        way.prove(changed, {name: [secret]})

    assert refused.value.reason is Reason.WRONG_PROOF


def test_the_libraries_accept_what_we_sign(bare: Inbound) -> None:
    way = CONNECTORS["stripe"].way()
    secret = way.secrets["signing_secret"].generate()

    header = way.sign(bare, {"signing_secret": secret}).first("stripe-signature")

    assert WebhookSignature.verify_header(bare.body.decode(), header, secret)
