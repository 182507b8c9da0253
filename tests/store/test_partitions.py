"""On PostgreSQL what grows is parted by month, and nobody notices."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, table, text
from sqlalchemy.exc import TimeoutError as NoneFree
from structlog.testing import capture_logs

from engine.ids import earliest_id
from engine.store import bulk, partitions, retention
from engine.store.database import open_database
from engine.store.ledger import record_arrivals
from engine.store.migrate import Tables, migrate, tables_of
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from engine.store.tables import deliveries, events
from engine.store.upgrade import upgrade

NOW = datetime.now(UTC)
_soon = partitions.make_soon
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


def test_what_came_too_early_by_a_wrong_clock_moves_into_its_month(store, arrival):
    store.submit(record_arrivals, _born(arrival(), NOW + YEARS)).result()

    partitions.tend(store.database, NOW + YEARS, NOW - YEARS)

    assert _held(store, "deliveries_default") == 0
    assert _held(store, partitions.named(deliveries, NOW + YEARS)) == 1


def test_where_that_is_much_the_month_is_left_out_and_all_others_are_made(store, arrival, monkeypatch):
    monkeypatch.setattr(partitions, "STRAYS", 0)
    store.submit(record_arrivals, _born(arrival(), NOW + YEARS)).result()

    partitions.tend(store.database, NOW + YEARS, NOW - YEARS)

    months = [partitions.named(table, NOW + YEARS) in _months(store, table) for table in (deliveries, events)]
    assert months == [False, True]
    assert _held(store, "deliveries_default") == 1


def test_a_month_that_is_left_out_is_told_of_once(store, arrival, monkeypatch):
    monkeypatch.setattr(partitions, "STRAYS", 0)
    store.submit(record_arrivals, _born(arrival(), NOW + YEARS)).result()

    with capture_logs() as logs:
        for minute in range(3):
            partitions.tend(store.database, NOW + YEARS + timedelta(minutes=minute), NOW - YEARS)
            with store.database.writing.begin() as connection:
                partitions.make_soon(connection, NOW + YEARS)

    left_out = [line["name"] for line in logs if line["event"] == "store.partition_left_out"]
    assert left_out == [partitions.named(deliveries, NOW + YEARS)]


def test_a_month_that_was_left_out_is_made_when_what_strayed_into_it_is_little(store, arrival, monkeypatch):
    store.submit(record_arrivals, _born(arrival(), NOW + YEARS)).result()
    with monkeypatch.context() as much:
        much.setattr(partitions, "STRAYS", 0)
        partitions.tend(store.database, NOW + YEARS, NOW - YEARS)

    partitions.tend(store.database, NOW + YEARS, NOW - YEARS)

    assert _held(store, partitions.named(deliveries, NOW + YEARS)) == 1


@pytest.mark.parametrize("by", [-YEARS, YEARS], ids=["behind", "ahead"])
def test_a_start_by_a_wrong_clock_goes_well_and_so_does_the_next(store, postgresql_url, monkeypatch, by):
    _start(postgresql_url, monkeypatch, NOW + by)
    _start(postgresql_url, monkeypatch, NOW)

    assert partitions.named(deliveries, NOW) in _months(store)


def test_a_start_does_not_wait_for_a_backup_that_is_being_made(store, postgresql_url, monkeypatch):
    with store.database.writing.begin() as backup:
        backup.execute(text("LOCK TABLE deliveries_default IN ACCESS SHARE MODE"))

        _start(postgresql_url, monkeypatch, NOW + YEARS)

        assert partitions.named(deliveries, NOW + YEARS) not in _months(store)

    _start(postgresql_url, monkeypatch, NOW + YEARS)
    assert partitions.named(deliveries, NOW + YEARS) in _months(store)


def test_a_start_goes_well_when_a_row_comes_while_its_month_is_made(store, postgresql_url, arrival, monkeypatch):
    store.submit(record_arrivals, _born(arrival(), NOW + YEARS)).result()
    monkeypatch.setattr(partitions, "_number_of_strays", lambda *_: 0)  # as it was a moment before

    _start(postgresql_url, monkeypatch, NOW + YEARS)

    assert _held(store, "deliveries_default") == 1


def _start(url, monkeypatch, now):
    """Start, and end, a Wink whose host says that it is now."""
    monkeypatch.setattr(partitions, "make_soon", lambda connection, _: _soon(connection, now))
    open_store(url, cipher_from("test")).close()


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
        connection.execute(text("BEGIN"))  # so that its locks last as long as those of a statement that takes long
        connection.scalar(select(func.count()).select_from(deliveries))

        partitions.tend(store.database, NOW, NOW + YEARS)
        store.submit(record_arrivals, arrival()).result()

    assert _months(store) == before


def test_where_no_connection_comes_free_it_is_put_off(store, monkeypatch):
    def begin():
        raise NoneFree("QueuePool limit of size 1 overflow 2 reached")

    monkeypatch.setattr(store.database.writing, "begin", begin)

    with capture_logs() as logs:
        partitions.tend(store.database, NOW, NOW - YEARS)

    assert [line["event"] for line in logs] == ["store.partitions_wait"]


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
        assert tables_of(connection) is Tables.OURS
        found = connection.execute(select(deliveries.c.id, text("tableoid::regclass::text"))).one()
    assert found == (made.delivery.id, partitions.named(deliveries, NOW))
