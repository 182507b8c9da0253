"""A secret that somebody brings is kept while there is room for it: that is decided where it is written."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.ids import new_id, new_path
from engine.store import kept_secrets, sealed, secrets, tables, triggers
from engine.store.kept_secrets import Offer
from engine.store.rows import Trigger
from engine.store.sealed import Sealing, Tried
from engine.words import OnMismatch, OnUnknown, OnUnproven, Reason, TriggerState, Verdict


@pytest.fixture
def trigger(store, clock) -> Trigger:
    names = {column.name: None for column in tables.triggers.c}
    decided = {
        "id": "trg_a",
        "name": "a",
        "title": "A",
        "path": new_path(),
        "connector": "acme",
        "auth": "signature",
        "state": TriggerState.PUBLISHED,
        "on_unknown": OnUnknown.DROP,
        "on_mismatch": OnMismatch.WARN,
        "on_unproven": OnUnproven.REFUSE,
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }
    made = Trigger(**{**names, **decided})
    store.write(triggers.add, made)
    return made


@pytest.fixture
def offer(store, arrival):
    """Return a maker of offers to the trigger ``trg_a``."""

    def make(value: str, *, room: int = 1) -> Offer:
        taken = arrival()._replace(events=())
        refused = taken._replace(
            delivery=taken.delivery._replace(id=new_id("dlv"), verdict=Verdict.REJECTED, reason=Reason.NOT_OPEN)
        )
        return Offer(store.cipher, "key", value, room, taken, refused)

    return make


def values(store, clock) -> list[str]:
    found = store.read(secrets.opened, store.cipher, clock.now())
    return [secret.value for secret in found.get("trg_a", {}).get("key", [])]


def verdicts(store) -> list[Verdict]:
    with store.reading() as connection:
        return list(connection.scalars(select(tables.deliveries.c.verdict).order_by(tables.deliveries.c.id)))


@pytest.mark.usefixtures("trigger")
def test_the_first_is_kept_and_the_second_is_not_and_both_are_in_the_ledger(store, clock, offer):
    kept = [store.write(kept_secrets.offer, offer(value)) for value in ("first", "second")]

    assert kept == [True, False]
    assert values(store, clock) == ["first"]
    assert sorted(verdicts(store)) == [Verdict.ACCEPTED, Verdict.REJECTED]


@pytest.mark.usefixtures("trigger")
def test_where_there_is_room_it_stands_beside_the_others(store, clock, offer):
    kept = [store.write(kept_secrets.offer, offer(value, room=2)) for value in ("first", "second", "third")]

    assert kept == [True, True, False]
    assert values(store, clock) == ["second", "first"]


@pytest.mark.usefixtures("trigger")
def test_one_that_has_expired_takes_no_room(store, clock, offer):
    store.write(kept_secrets.offer, offer("old"))
    store.write(secrets.expire, "trg_a", "key", clock.now() - timedelta(seconds=1))

    assert store.write(kept_secrets.offer, offer("new"))
    assert values(store, clock) == ["new"]


@pytest.mark.usefixtures("trigger")
def test_what_was_sealed_before_is_to_be_proved_with_the_secret_that_is_kept(store, clock, arrival, offer):
    refused = arrival().delivery
    store.submit(sealed.seal, Sealing(refused, b"head", clock.now() + sealed.KEPT_FOR, None)).result()
    store.write(sealed.conclude, Tried([], store.read(sealed.to_prove, "trg_a", clock.now()), clock.now()))

    asked = []
    for value in ("kept", "too many"):
        store.write(kept_secrets.offer, offer(value))
        asked.append([each.delivery.id for each in store.read(sealed.to_prove, "trg_a", clock.now())])
        store.write(sealed.conclude, Tried([], store.read(sealed.to_prove, "trg_a", clock.now()), clock.now()))

    assert asked == [[refused.id], []]


def test_a_trigger_that_is_gone_keeps_nothing(store, clock, offer):
    assert not store.write(kept_secrets.offer, offer("late"))
    assert values(store, clock) == []


@pytest.mark.usefixtures("trigger")
def test_of_many_at_the_same_time_one_is_kept(store, clock, offer):
    offers = [offer(f"secret-{number}") for number in range(8)]

    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(lambda each: _written_apart(store, each), offers))

    assert kept.count(True) == 1
    assert len(values(store, clock)) == 1


def _written_apart(store, offered: Offer) -> bool:
    """Write as another process would: in a transaction of its own, past this one's writer."""
    with store.database.writing.begin() as connection:
        return kept_secrets.offer(connection, offered)
