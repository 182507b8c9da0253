"""A delivery is written once, its events once per key, and a second one says what it repeats."""

from datetime import timedelta
from threading import Thread

from sqlalchemy import select

from engine.store import ledger, sealed, tables
from engine.store.ledger import Fate, Tally, record_arrivals
from engine.words import Reason, Verdict


def _write(store, arrival):
    return store.submit(record_arrivals, arrival).result()


def _delivery(store, delivery_id):
    with store.reading() as connection:
        return connection.execute(select(tables.deliveries).where(tables.deliveries.c.id == delivery_id)).one()


def test_an_event_is_kept_with_the_delivery_body_as_its_data(store, arrival):
    body = b'{"nul": "\\u0000", "big": 123456789012345678901234567890}'
    recorded = _write(store, arrival(body=body))

    (event,) = store.read(ledger.events_of, recorded.event_ids).values()

    assert recorded.verdict is Verdict.ACCEPTED
    assert event.data == body


def test_the_same_key_again_is_a_duplicate_of_the_first_event(store, arrival):
    first, second = arrival("key"), arrival("key")

    kept, repeated = _write(store, first), _write(store, second)

    assert repeated.verdict is Verdict.DUPLICATE
    assert repeated.event_ids == kept.event_ids
    row = _delivery(store, second.delivery.id)
    assert (row.reason, row.duplicate_of, row.event_count) == (Reason.EVENT_SEEN, first.delivery.id, 0)


def test_twins_in_one_batch_are_settled_by_order(store, arrival):
    with store.database.writing.begin() as connection:
        results = record_arrivals(connection, [arrival("twin"), arrival("twin"), arrival("other")])

    assert [result.verdict for result in results] == [Verdict.ACCEPTED, Verdict.DUPLICATE, Verdict.ACCEPTED]
    assert results[1].event_ids == results[0].event_ids


def test_events_without_a_key_are_all_new(store, arrival):
    verdicts = [_write(store, arrival()).verdict for _ in range(2)]

    assert verdicts == [Verdict.ACCEPTED, Verdict.ACCEPTED]


def test_a_signature_seen_before_starts_nothing_whatever_the_key(store, arrival):
    first = _write(store, arrival("one", digest=b"signed"))

    second = arrival("two", digest=b"signed")
    replayed = _write(store, second)

    assert (replayed.verdict, replayed.fresh) == (Verdict.DUPLICATE, ())
    assert replayed.event_ids == first.event_ids
    assert _delivery(store, second.delivery.id).reason == Reason.SIGNATURE_SEEN


def test_signatures_are_forgotten_after_their_window(store, arrival, clock):
    _write(store, arrival(digest=b"signed"))

    store.write(sealed.forget_signatures, clock.now() + timedelta(seconds=1))

    assert _write(store, arrival(digest=b"signed")).verdict is Verdict.ACCEPTED


def test_one_key_sent_from_many_threads_brings_one_event(store, arrival):
    futures = []
    threads = [Thread(target=lambda: futures.append(store.submit(record_arrivals, arrival("key")))) for _ in range(20)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    verdicts = [future.result().verdict for future in futures]
    assert verdicts.count(Verdict.ACCEPTED) == 1
    assert verdicts.count(Verdict.DUPLICATE) == 19


def test_what_is_only_counted_adds_up(store, clock):
    tally = Tally("trg_a", clock.now(), Verdict.REJECTED, Reason.WRONG_PROOF)

    for future in [store.submit(ledger.count, tally) for _ in range(5)]:
        future.result()

    with store.reading() as connection:
        assert connection.scalar(select(tables.tallies.c.count)) == 5


def test_a_sample_that_takes_no_key_is_no_duplicate_of_one_that_does(store, arrival):
    made = arrival("key")
    sample = made._replace(events=tuple(event._replace(fate=Fate(starts=False)) for event in made.events))

    with store.database.writing.begin() as connection:
        results = record_arrivals(connection, [arrival("key"), sample])

    assert [result.verdict for result in results] == [Verdict.ACCEPTED, Verdict.ACCEPTED]
    assert results[1].event_ids == (sample.events[0].id,)


def test_more_keys_than_a_statement_takes_values_have_their_owners(store):
    rows = [("trg_a", str(number), "evt_2") for number in range(35_000)]

    with store.database.writing.begin() as connection:
        ledger._claim(connection, tables.event_keys, [("trg_a", "7", "evt_1")])
        owners = ledger._claim(connection, tables.event_keys, rows)

    assert len(owners) == len(rows)
    assert [key for key, owner in owners.items() if owner == "evt_1"] == [("trg_a", "7")]


def test_duplicates_are_found_without_a_walk_through_all_keys(plan, arrival):
    def repeat(connection):
        record_arrivals(connection, [arrival(key) for key in "abc"])
        record_arrivals(connection, [arrival(key) for key in "abc"])

    steps = plan(repeat)

    assert "SEARCH event_keys USING PRIMARY KEY (trigger_id=? AND key=?)" in steps
    assert not any(step.startswith("SCAN event_keys") for step in steps), steps
