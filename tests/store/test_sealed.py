"""Sealed deliveries: each ask is answered for itself, and each delivery ends once."""

from datetime import UTC, datetime

from sqlalchemy import func, select

from engine.store import retention, sealed, search
from engine.store.ledger import Tally
from engine.store.sealed import Sealing, Tried, seal
from engine.store.sealed_tables import late_proofs
from engine.store.search import DeliveryFilter, Span
from engine.words import Reason, Verdict


def sealed_one(store, clock, arrival, tally=None):
    """Seal a delivery, and return what would be recorded of it."""
    one = arrival()
    store.submit(seal, Sealing(one.delivery, b"head", clock.now() + sealed.KEPT_FOR, tally)).result()
    return one


def test_an_answer_counts_for_its_own_ask_alone(store, clock, arrival):
    """Else what was read before a change would run before what came earlier, or not be proved with what is new."""
    genuine, forged = sealed_one(store, clock, arrival), sealed_one(store, clock, arrival)
    first, second = store.read(sealed.to_prove, "trg_a", clock.now())
    store.write(sealed.ask, "trg_a")

    recorded = store.write(sealed.conclude, Tried([(first, genuine)], [second], clock.now()))

    assert recorded == [None]
    assert [each.delivery.id for each in store.read(sealed.to_prove, "trg_a", clock.now())] == [
        genuine.delivery.id,
        forged.delivery.id,
    ]


def test_what_was_proved_once_is_recorded_once(store, clock, arrival):
    one = sealed_one(store, clock, arrival)
    (found,) = store.read(sealed.to_prove, "trg_a", clock.now())
    judged = Tried([(found, one)], [], clock.now())

    recorded = [store.write(sealed.conclude, judged) for _ in range(2)]

    assert [each[0] and each[0].verdict for each in recorded] == [Verdict.ACCEPTED, None]
    with store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(late_proofs)) == 1


def test_what_has_no_room_is_counted_or_kept_as_any_refusal(store, clock, arrival, monkeypatch):
    monkeypatch.setattr(sealed, "MOST", 1)
    tally = Tally("trg_a", clock.now(), Verdict.REJECTED, Reason.WRONG_PROOF)
    kept = [sealed_one(store, clock, arrival, each) for each in (None, None, tally)]

    found = store.read(search.list_deliveries, DeliveryFilter(), Span()).items

    assert [line.id for line in reversed(found)] == [each.delivery.id for each in kept[:2]]
    assert store.read(sealed.count_sealed)["trg_a"].number == 1


def test_retention_takes_what_is_sealed_and_what_became_of_it(store, clock, arrival):
    one = sealed_one(store, clock, arrival)
    (found,) = store.read(sealed.to_prove, "trg_a", clock.now())
    store.write(sealed.conclude, Tried([(found, one)], [], clock.now()))
    sealed_one(store, clock, arrival)

    store.write(retention.forget, clock.now() + sealed.KEPT_FOR)

    assert store.read(sealed.count_sealed) == {}
    assert store.read(sealed.proofs_of, [one.delivery.id]) == {}


def test_what_is_asked_for_is_found_by_an_index(plan):
    assert any(
        "SEARCH sealed USING INDEX" in step for step in plan(sealed.to_prove, "trg_a", datetime(2026, 1, 2, tzinfo=UTC))
    )
    assert any("sealed_asked" in step for step in plan(sealed.asked_triggers))
    assert any("sealed_by_time" in step for step in plan(sealed.expire, datetime(2026, 1, 2, tzinfo=UTC)))


def test_the_list_of_what_is_sealed_walks_through_that_and_not_through_all(plan):
    steps = plan(search.list_deliveries, DeliveryFilter(sealed=True), Span())

    assert not any(step.startswith("SCAN deliveries") for step in steps), steps
