"""On PostgreSQL what grows is parted by month, and nobody notices."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, table, text

from engine.ids import earliest_id
from engine.store import bulk, partitions, retention
from engine.store.database import open_database
from engine.store.ledger import record_arrivals
from engine.store.migrate import is_current, migrate
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from engine.store.tables import deliveries, events
from engine.store.upgrade import upgrade

NOW = datetime.now(UTC)
YEARS = timedelta(days=3_000)


@pytest.fixture
def store(postgresql_url):
    with closing(open_store(postgresql_url, cipher_from("test"))) as opened:
        yield opened


def _born(made, when):
    return made._replace(delivery=made.delivery._replace(id=earliest_id("dlv", when)))


def _held(store, name):
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table(name)))


def _months(store, table=deliveries):
    return store.read(partitions.partitions, table)[:-1]


def test_a_row_is_in_the_partition_of_the_month_of_its_birth(store, arrival):
    store.submit(record_arrivals, arrival()).result()

    month = partitions.named(deliveries, datetime.now(UTC))
    assert (_held(store, month), _held(store, month.replace("deliveries", "events"))) == (1, 1)


def test_a_row_of_a_month_without_a_partition_is_taken_all_the_same(store, arrival):
    store.submit(record_arrivals, _born(arrival(), NOW + YEARS)).result()

    assert _held(store, "deliveries_default") == 1


def test_the_next_months_have_their_partitions_before_they_begin(store):
    before = _months(store)

    partitions.tend(store.database, NOW + timedelta(days=40), NOW - YEARS)

    assert len(before) == partitions.MONTHS
    assert before < _months(store)


def test_a_month_whose_rows_came_too_early_is_left_out(store, arrival):
    store.submit(record_arrivals, _born(arrival(), NOW + YEARS)).result()

    partitions.tend(store.database, NOW + YEARS, NOW - YEARS)

    months = [partitions.named(table, NOW + YEARS) in _months(store, table) for table in (deliveries, events)]
    assert months == [False, True]
    assert _held(store, "deliveries_default") == 1


def test_a_month_is_dropped_when_it_is_old_and_all_of_it_is_forgotten(store, arrival, clock):
    store.submit(record_arrivals, arrival()).result()
    month = partitions.named(deliveries, datetime.now(UTC))
    partitions.tend(store.database, NOW, NOW + YEARS)
    kept = _months(store)

    store.write(retention.forget, clock.now() + YEARS)
    partitions.tend(store.database, NOW, NOW + YEARS)

    assert kept == [month]
    assert month not in _months(store)


def test_a_month_that_is_young_stays_although_it_is_empty(store):
    before = _months(store)

    partitions.tend(store.database, NOW, NOW)

    assert _months(store) == before


def test_whoever_reads_for_long_puts_the_dropping_off_and_keeps_nobody_waiting(store, arrival):
    before = _months(store)
    with store.reading() as connection:
        connection.scalar(select(func.count()).select_from(deliveries))

        partitions.tend(store.database, NOW, NOW + YEARS)
        store.submit(record_arrivals, arrival()).result()

    assert _months(store) == before


def test_the_planner_knows_a_table_as_a_whole(store, arrival):
    store.submit(record_arrivals, arrival()).result()

    partitions.tend(store.database, NOW, NOW - YEARS)

    with store.reading() as connection:
        known = text(
            "SELECT count(*) FROM pg_stats WHERE tablename = 'events' AND attname = 'delivery_id' AND inherited"
        )
        assert connection.scalar(known) == 1


def test_a_database_without_partitions_gets_them_with_all_that_it_holds(postgresql_url, arrival):
    database = open_database(postgresql_url)
    made = arrival("key")
    with database.writing.begin() as connection:
        upgrade(connection, to="0005")
        bulk.insert_rows(connection, deliveries, [made.delivery])

    migrate(database.writing)

    with closing(database), database.reading.connect() as connection:
        assert is_current(connection)
        found = connection.execute(select(deliveries.c.id, text("tableoid::regclass::text"))).one()
    assert found == (made.delivery.id, partitions.named(deliveries, NOW))
