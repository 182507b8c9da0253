"""A secret is rotated without losing a delivery, or at once."""

from datetime import timedelta

import pytest

from engine.errors import Invalid
from engine.path.receive import Request, receive
from engine.path.trigger_secrets import rotate
from tests.engines import deliver, trigger

DAY = timedelta(days=1)


def _send_with(engine, shown, key):
    headers = {"content-type": ("application/json",), "x-api-key": (key,)}
    return receive(engine, shown.trigger.path, Request("POST", "", headers, b"{}", 2, "127.0.0.1")).status


def test_during_the_overlap_both_keys_open(engine):
    made = trigger(engine)

    rotated = rotate(engine, "t", overlap=DAY)

    assert [_send_with(engine, made, key) for key in (made.api_key, rotated.api_key)] == [202, 202]


def test_after_the_overlap_the_old_key_opens_nothing(engine):
    made = trigger(engine)
    rotated = rotate(engine, "t", overlap=DAY)

    engine.clock.advance(DAY)

    assert [_send_with(engine, made, key) for key in (made.api_key, rotated.api_key)] == [401, 202]


def test_without_an_overlap_the_old_key_ends_at_once(engine):
    made = trigger(engine)

    rotated = rotate(engine, "t", overlap=timedelta())

    assert [_send_with(engine, made, key) for key in (made.api_key, rotated.api_key)] == [401, 202]


def test_rotating_again_ends_no_overlap_later_than_it_was(engine):
    made = trigger(engine)
    rotate(engine, "t", overlap=timedelta(hours=1))

    rotate(engine, "t", overlap=DAY)
    engine.clock.advance(timedelta(hours=2))

    assert _send_with(engine, made, made.api_key) == 401


def test_a_secret_of_the_vendors_has_to_be_given(engine):
    trigger(engine, connector="stripe", secret="whsec_0123456789abcdef0123456789abcdef")

    with pytest.raises(Invalid) as refused:
        rotate(engine, "t", overlap=DAY)

    assert refused.value.field == "secret"


def test_a_given_secret_is_trimmed_and_counts(engine):
    trigger(engine, connector="stripe")

    rotated = rotate(engine, "t", overlap=DAY, given="  whsec_0123456789abcdef0123456789abcdef\n")

    assert rotated.api_key == "whsec_0123456789abcdef0123456789abcdef"
    assert rotated.warnings == []
    assert deliver(engine, b'{"id": "evt_1", "type": "charge.failed"}').reply.status < 300
