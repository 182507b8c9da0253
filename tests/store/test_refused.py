"""Bodies of refused deliveries: the newest stay, up to so many bytes of each trigger."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import text

from engine.store import refused, sealed, show
from engine.store.ledger import record_arrivals
from engine.store.refused import FORGOTTEN, record_refused
from engine.store.sealed import Sealing, Tried, seal
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from engine.words import Reason, Verdict
from tests.serving import eventually


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Let a trigger keep 100 bytes."""
    monkeypatch.setattr(refused, "MOST_BYTES", 100)
    monkeypatch.setattr(refused, "LEAST", 1)


@pytest.fixture
def refuse(store, arrival):
    """Write refused deliveries of so many bytes each, and return their ids, oldest first."""

    def write(*sizes, trigger_id="trg_a"):
        made = [
            arrival(body=b"x" * size).delivery._replace(
                trigger_id=trigger_id, verdict=Verdict.REJECTED, reason=Reason.WRONG_PROOF, detail="of no secret"
            )
            for size in sizes
        ]
        for each in made:
            store.submit(record_refused, each).result()
        return [each.id for each in made]

    return write


def _sizes(store, ids):
    return [len(store.read(show.delivery, id_).body) for id_ in ids]


def test_the_newest_bodies_stay_and_the_oldest_go(store, refuse):
    ids = refuse(40, 40, 40, 40)

    assert _sizes(store, ids) == [0, 40, 40, 40]


def test_what_is_left_of_a_forgotten_one_says_so(store, refuse):
    first, *_ = refuse(60, 60, 60)

    found = store.read(show.delivery, first)

    assert (found.size, found.detail) == (60, f"of no secret {FORGOTTEN}")


def test_a_body_that_is_larger_than_the_room_stays_until_others_fill_it(store, refuse):
    ids = refuse(40, 500, 60)
    assert _sizes(store, ids) == [0, 500, 60]

    ids += refuse(60)

    assert _sizes(store, ids) == [0, 0, 60, 60]


def test_each_trigger_has_a_room_of_its_own(store, refuse):
    quiet, flood = refuse(90), refuse(90, 90, 90, trigger_id="trg_b")

    assert _sizes(store, [*quiet, *flood]) == [90, 0, 90, 90]


def test_small_bodies_count_for_more(store, refuse, monkeypatch):
    monkeypatch.setattr(refused, "LEAST", 50)

    assert _sizes(store, refuse(1, 1, 1)) == [0, 1, 1]


def test_bodies_without_a_bound_go_a_portion_at_a_time(store, refuse, monkeypatch):
    monkeypatch.setattr(refused, "MOST_BYTES", 10_000)
    monkeypatch.setattr(refused, "PORTION", 2)
    ids = refuse(*[50] * 6)
    monkeypatch.setattr(refused, "MOST_BYTES", 100)

    ids += refuse(50)

    assert _sizes(store, ids) == [0, 0, 50, 50, 50, 50, 50]


def test_what_is_accepted_is_no_matter_of_it(store, arrival, refuse):
    kept = arrival(body=b"y" * 500).delivery
    store.submit(record_arrivals, arrival(body=b"y" * 500)._replace(delivery=kept, events=())).result()

    refuse(90, 90, 90)

    assert _sizes(store, [kept.id]) == [500]


def test_what_is_sealed_or_was_proved_keeps_its_body_and_takes_no_room(store, clock, arrival, refuse):
    bodies = [b"z" * 200, b"p" * 200]
    made = [arrival(body=body) for body in bodies]
    for one in made:
        late = one.delivery._replace(verdict=Verdict.REJECTED, reason=Reason.WRONG_PROOF)
        store.submit(seal, Sealing(late, b"head", clock.now() + sealed.KEPT_FOR, None)).result()
    found = store.read(sealed.to_prove, "trg_a", clock.now())
    store.write(sealed.conclude, Tried([(found[1], made[1])], [], clock.now()))

    ids = refuse(60, 60)

    assert _sizes(store, [one.delivery.id for one in made]) == [200, 200]
    assert _sizes(store, ids) == [60, 60]


def test_two_hosts_that_forget_one_body_say_so_once(postgresql_url, arrival, monkeypatch):
    with closing(open_store(postgresql_url, cipher_from("test"))) as store, ThreadPoolExecutor(1) as pool:
        made = [arrival(body=b"x" * 60).delivery._replace(verdict=Verdict.REJECTED) for _ in range(3)]
        monkeypatch.setattr(refused, "MOST_BYTES", 1000)
        store.write(record_refused, made)
        monkeypatch.setattr(refused, "MOST_BYTES", 100)
        with store.database.writing.begin() as other:
            refused.forget_bodies(other, ["trg_a"])
            late = pool.submit(store.write, refused.forget_bodies, ["trg_a"])
            eventually(lambda: store.read(_waiting))
        late.result()

        assert store.read(show.delivery, made[0].id).detail == FORGOTTEN


def _waiting(connection):
    wanted = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
    return connection.scalar(text(wanted))


def test_bodies_are_added_up_by_an_index(plan, arrival):
    refusal = arrival().delivery._replace(verdict=Verdict.REJECTED)

    steps = plan(record_refused, [refusal])

    assert any("USING INDEX deliveries_refused_bodies" in step for step in steps), steps
    assert not [step for step in steps if step.startswith("SCAN deliveries")], steps
