"""What we send to a trigger is signed as its vendor signs, and takes the path that real deliveries take."""

import pytest

from engine.errors import Conflict, NotFound
from engine.path.send import Parcel, send
from engine.words import Reason, Verdict
from tests.engines import trigger


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"auth": "signature"},
        {"auth": "signature", "recipe": "blink"},
        {"auth": "signature", "recipe": "hmac-body"},
        {"networks": ["192.0.2.0/24"]},
    ],
)
def test_every_way_of_a_custom_trigger_is_signed(engine, fields):
    trigger(engine, **fields)

    sent = send(engine, "t", Parcel())

    assert (sent.delivery.verdict, len(sent.event_ids)) == (Verdict.ACCEPTED, 1)


def test_the_sample_of_a_type_can_be_asked_for(engine):
    trigger(engine, connector="github")

    sent = send(engine, "t", Parcel("github.push"))

    assert sent.delivery.headers["x-github-event"] == ["push"]


def test_a_body_and_headers_of_ones_own_are_sent_instead(engine):
    trigger(engine)

    sent = send(engine, "t", Parcel(body=b'{"n": 7}', headers={"Idempotency-Key": "k"}))

    assert (sent.delivery.body, sent.delivery.headers["idempotency-key"]) == (b'{"n": 7}', ["k"])


def test_the_ledger_says_that_it_was_us(engine):
    trigger(engine)

    sent = send(engine, "t", Parcel())

    assert "wink-sent" in sent.delivery.headers


def test_a_refusal_is_told_with_its_reason(engine):
    trigger(engine)

    sent = send(engine, "t", Parcel(body=b"{", headers={"content-type": "application/json"}))

    assert (sent.reply.status, sent.delivery.reason) == (400, Reason.MALFORMED_BODY)


def test_without_a_secret_there_is_nothing_to_sign_with(engine):
    trigger(engine, connector="stripe")

    with pytest.raises(Conflict):
        send(engine, "t", Parcel())


def test_a_type_without_a_sample_is_told(engine):
    trigger(engine)

    with pytest.raises(NotFound):
        send(engine, "t", Parcel("custom.nothing"))
