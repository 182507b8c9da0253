"""Of events with one key, the last one by their order stands; one that comes after it is overtaken."""

import pytest

from engine.store import latest
from engine.store.latest import Place, overtaken
from engine.store.store import open_store
from engine.store.trigger_tables import latest as table


def place(position: float, key: str = "scan", trigger: str = "trg_1") -> Place:
    return Place(trigger, key, position)


@pytest.mark.parametrize(("first", "second", "late"), [(1, 2, {}), (2, 2, {}), (2, 1, {"evt_2": "evt_1"})])
def test_an_event_is_overtaken_by_a_later_one_alone(store, first, second, late):
    store.write(overtaken, {"evt_1": place(first)})

    assert store.write(overtaken, {"evt_2": place(second)}) == late


def test_events_of_another_key_or_trigger_overtake_none(store):
    store.write(overtaken, {"evt_1": place(9)})

    others = {"evt_2": place(1, key="another"), "evt_3": place(1, trigger="trg_2")}

    assert store.write(overtaken, others) == {}


def test_of_two_in_one_batch_the_one_that_came_first_counts_first(store):
    found = store.write(overtaken, {"evt_1": place(2), "evt_2": place(1), "evt_3": place(3)})

    assert found == {"evt_2": "evt_1"}
    assert store.write(overtaken, {"evt_4": place(2.5)}) == {"evt_4": "evt_3"}


def test_what_another_process_wrote_counts_too(store, database_url):
    further = open_store(database_url, store.cipher)
    try:
        further.write(overtaken, {"evt_1": place(2)})

        assert store.write(overtaken, {"evt_2": place(1)}) == {"evt_2": "evt_1"}
    finally:
        further.close()


def test_a_place_is_forgotten_with_its_event(store):
    store.write(overtaken, {"evt_1": place(2)})
    gone = table.select().with_only_columns(table.c.event_id).where(table.c.key == "scan")

    store.write(latest.forget, gone)

    assert store.write(overtaken, {"evt_2": place(1)}) == {}
