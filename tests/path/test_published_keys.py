"""Deliveries whose proof wants keys that the vendor publishes: fetched first, and never accepted without."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from engine.actions.documents import Documents
from engine.authentication.algorithms import TOKEN_ALGORITHMS, write_private_key
from engine.authentication.token import write_token
from engine.errors import ActionFailed, Conflict
from engine.path.receive import Fetching, Request, begin, receive
from engine.path.send import Parcel, send
from engine.runtime import Engine
from engine.store import search, show
from engine.store.search import DeliveryFilter, Span
from engine.words import Reason, Verdict
from tests.engines import running, trigger

KEY = generate_private_key(65537, 2048)


class Vendor:
    """Publishes a key, or fails to."""

    key: RSAPrivateKey = KEY
    fails = False

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, address: str) -> str:
        self.asked.append(address)
        if self.fails:
            raise ActionFailed("timeout", "example.kinde.com did not answer in time")
        return write_private_key(self.key)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def engine(tmp_path: Path, vendor: Vendor) -> Iterator[Engine]:
    with running(tmp_path) as made:
        yield replace(made, documents=Documents(vendor, made.clock))


def sent(key: RSAPrivateKey = KEY, **claims: object) -> Request:
    told = {"type": "user.created", "event_id": "event_1", "data": {}, **claims}
    body = write_token({"alg": "RS256"}, told, lambda t: TOKEN_ALGORITHMS["RS256"].sign(key, t))
    return Request("POST", "", {"content-type": ("application/jwt",)}, body, len(body), "192.0.2.7")


def reasons(engine: Engine) -> list[tuple[Verdict, Reason, str]]:
    page = engine.store.read(search.list_deliveries, DeliveryFilter(), Span())
    kept = [engine.store.read(show.delivery, line.id) for line in page.items]
    return [(delivery.verdict, delivery.reason, delivery.detail) for delivery in kept]


def test_the_keys_are_fetched_once_and_the_delivery_is_accepted(engine: Engine, vendor: Vendor) -> None:
    path = trigger(engine, connector="kinde", secret="example").trigger.path

    first, second = (receive(engine, path, sent(n=n)) for n in range(2))

    assert (first.status, second.status) == (200, 200)
    assert vendor.asked == ["https://example.kinde.com/.well-known/jwks"]


def test_nobody_waits_on_the_thread_that_takes_deliveries(engine: Engine) -> None:
    path = trigger(engine, connector="kinde", secret="example").trigger.path

    begun = begin(engine, path, sent(), engine.published.now())

    assert isinstance(begun, Fetching)
    begun.fetched.result()
    assert begun.again().reply().status == 200


def test_keys_that_cannot_be_fetched_let_the_vendor_try_again(engine: Engine, vendor: Vendor) -> None:
    path = trigger(engine, connector="kinde", secret="example").trigger.path
    vendor.fails = True

    refused = receive(engine, path, sent())

    assert refused.status == 503
    assert json.loads(refused.body or b"")["error"] == "try_again"
    assert "Retry-After" in dict(refused.headers)
    ((verdict, reason, detail),) = reasons(engine)
    assert (verdict, reason) == (Verdict.REJECTED, Reason.KEYS_UNAVAILABLE)
    assert "did not answer in time" in detail


def test_a_forged_delivery_is_refused_once_the_keys_are_here(engine: Engine) -> None:
    path = trigger(engine, connector="kinde", secret="example").trigger.path

    forged = receive(engine, path, sent(generate_private_key(65537, 2048)))

    assert forged.status == 401
    assert reasons(engine)[0][1] is Reason.WRONG_PROOF


def test_a_flood_makes_nobody_fetch_without_bound(engine: Engine, vendor: Vendor) -> None:
    path = trigger(engine, connector="kinde", secret="example").trigger.path
    vendor.fails = True

    statuses = {receive(engine, path, sent(n=n)).status for n in range(30)}

    assert statuses == {503}
    assert len(vendor.asked) == 1


def test_an_address_that_a_sender_names_counts_against_the_triggers_rate(engine: Engine, vendor: Vendor) -> None:
    arn = "arn:aws:sns:us-west-2:123456789012:MyTopic"
    path = trigger(engine, connector="aws-sns", secret=arn).trigger.path
    vendor.fails = True
    message = {"Type": "Notification", "MessageId": "1", "Message": "m", "Timestamp": "t", "TopicArn": arn}

    for n in range(30):
        url = f"https://sns.us-west-2.amazonaws.com/SimpleNotificationService-{n}.pem"
        proof = {"Signature": "AAAA", "SignatureVersion": "2", "SigningCertURL": url}
        body = json.dumps(message | proof).encode()
        receive(engine, path, Request("POST", "", {"content-type": ("text/plain",)}, body, len(body), "192.0.2.7"))

    assert len(vendor.asked) == 10


def test_addresses_that_a_stranger_names_keep_nobody_from_a_known_one(engine: Engine, vendor: Vendor) -> None:
    path = trigger(engine, connector="kinde", secret="example").trigger.path
    receive(engine, path, sent())
    live = engine.published.now().by_path[path]
    engine.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    while live.fetches.take(engine.clock.now()) is None:
        pass

    assert receive(engine, path, sent()).status == 200
    assert len(vendor.asked) == 2


def test_what_the_vendor_alone_can_sign_is_not_sent_and_that_is_said(engine: Engine) -> None:
    trigger(engine, connector="kinde", secret="example")

    with pytest.raises(Conflict, match="let the vendor send"):
        send(engine, "t", Parcel())
