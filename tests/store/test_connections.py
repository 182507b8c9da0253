"""Of a connection the database knows nothing that could be used: its values are sealed, and bound to where they go."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine.errors import Conflict, NotFound
from engine.store import changes, connections, tables
from engine.store.connections import NOTED, StoredConnection
from engine.words import ConnectionScheme

VALUES = {"token": "t0ps3cret"}


@pytest.fixture
def row(clock) -> StoredConnection:
    now = clock.now()
    return StoredConnection("api", None, ConnectionScheme.BEARER, "https://api.example.com", None, now, now)


@pytest.fixture
def kept(store, row) -> StoredConnection:
    store.write(connections.put, store.cipher, row, VALUES)
    return row


def opened(store):
    return store.read(connections.opened, store.cipher)


def test_a_connection_is_found_with_its_values_only_where_it_is_opened(store, kept):
    assert store.read(connections.find, "api") == kept
    assert store.read(connections.all_of) == [kept]
    assert opened(store)["api"].values == VALUES
    assert "t0ps3cret" not in repr(opened(store))


def test_the_database_holds_no_value(store, kept):
    (row,) = store.read(lambda connection: connection.execute(select(tables.connections)).all())

    assert b"t0ps3cret" not in row.sealed
    assert "t0ps3cret" not in str(row)


def test_a_second_put_replaces_the_values_and_keeps_the_birthday(store, kept, clock):
    later = clock.now() + timedelta(hours=1)

    new = store.write(
        connections.put, store.cipher, kept._replace(created_at=later, updated_at=later), {"token": "other"}
    )

    assert new is False
    assert store.read(connections.find, "api") == kept._replace(updated_at=later)
    assert opened(store)["api"].values == {"token": "other"}


@pytest.mark.parametrize("column", ["base_url", "connector", "name", "scheme"])
def test_values_do_not_open_for_another_address_connector_name_or_scheme(store, kept, column):
    moved = {
        "base_url": "https://evil.example",
        "connector": "slack",
        "name": "other",
        "scheme": ConnectionScheme.HEADER,
    }[column]
    store.write(lambda connection: connection.execute(update(tables.connections).values({column: moved})))

    assert opened(store) == {}


def test_every_change_is_told_to_the_other_processes(store, row):
    marks = [store.read(changes.latest)]
    for change in ((connections.put, store.cipher, row, VALUES), (connections.remove, "api")):
        store.write(*change)
        marks.append(store.read(changes.latest))

    assert len(set(marks)) == 3


def test_a_use_is_noted_once_in_a_while(store, kept, clock):
    for later in (timedelta(), NOTED / 2, NOTED):
        store.write(connections.use, "api", clock.now() + later)

    assert store.read(connections.find, "api").last_used_at == clock.now() + NOTED


def test_what_is_not_there_is_not_found(store, kept):
    store.write(connections.remove, "api")

    for deed in (lambda: store.read(connections.find, "api"), lambda: store.write(connections.remove, "api")):
        with pytest.raises(NotFound):
            deed()


def test_a_connection_is_added_where_there_is_none(store, row, kept):
    with pytest.raises(Conflict):
        store.write(connections.add, store.cipher, row, {"token": "other"})
    store.write(connections.add, store.cipher, row._replace(name="second"), {"token": "other"})

    assert {name: one.values for name, one in opened(store).items()} == {"api": VALUES, "second": {"token": "other"}}
