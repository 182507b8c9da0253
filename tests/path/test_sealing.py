"""Which deliveries a trigger keeps sealed, and how many."""

from datetime import timedelta

import pytest

from engine.errors import Invalid
from engine.path.listen import listen
from engine.path.setup import change
from engine.path.shown import show
from engine.store import sealed
from engine.words import OnUnproven, Reason
from tests.engines import trigger
from tests.sealing import listed, post, scan, sealing

FORGED = "bl_secret_of_somebody_else"


@pytest.mark.parametrize("shift", [-310, 310])
def test_a_signature_of_another_time_is_not_sealed(engine, shift):
    sealing(engine)

    post(engine, scan(), shift=shift)

    assert listed(engine, sealed=True) == []


def test_what_has_no_proof_of_the_right_form_is_not_sealed(engine):
    sealing(engine)

    post(engine, scan(), **{"X-Blazelock-Webhook-Signature": "x"})

    assert [line.reason for line in listed(engine)] == [Reason.MALFORMED_PROOF]
    assert listed(engine, sealed=True) == []


def test_a_trigger_refuses_unless_it_is_told_to_seal(engine):
    sealing(engine, on_unproven=OnUnproven.REFUSE)

    post(engine, scan())

    assert listed(engine, sealed=True) == []


def test_a_key_that_is_wrong_cannot_be_sealed(engine):
    with pytest.raises(Invalid) as refused:
        trigger(engine, on_unproven=OnUnproven.SEAL)

    assert refused.value.field == "on_unproven"


def test_a_trigger_that_seals_has_to_stay_one_by_signature(engine):
    trigger(engine, auth="signature", on_unproven=OnUnproven.SEAL)

    with pytest.raises(Invalid) as refused:
        change(engine, "t", {"auth": "api_key"})

    assert refused.value.field == "on_unproven"


def test_a_draft_seals_nothing(engine):
    sealing(engine, draft=True)
    listen(engine, "t", timedelta(minutes=5))

    status = post(engine, scan())

    assert (status, listed(engine, sealed=True)) == (401, [])


def test_a_flood_fills_the_room_and_then_is_refused_as_ever(engine, monkeypatch):
    monkeypatch.setattr(sealed, "MOST", 3)
    sealing(engine)

    statuses = [post(engine, scan(number), FORGED) for number in range(10)]

    assert set(statuses) == {401}
    assert len(listed(engine, sealed=True)) == 3
    assert len(listed(engine)) == 10
    assert show(engine, "t").sealed.number == 3


def test_bytes_are_bounded_too(engine, monkeypatch):
    monkeypatch.setattr(sealed, "MOST_BYTES", 5_000)
    sealing(engine)

    for number in range(10):
        post(engine, scan(number) + b" " * 1_000, FORGED)

    assert 1 <= len(listed(engine, sealed=True)) < 5
