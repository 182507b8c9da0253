"""What is held is found without a walk through everything that was ever received or answered."""

import pytest
from sqlalchemy import event as hooks

from engine.store import held
from engine.store.secrets import cipher_from
from engine.store.store import open_store


@pytest.fixture
def plan(tmp_path):
    """Return the steps that SQLite takes for a query; PostgreSQL plans by statistics, and here are no rows."""
    store = open_store(f"sqlite:///{tmp_path}/wink.db", cipher_from("test"))

    def steps(query, *args):
        asked = []
        with store.reading() as connection:
            hooks.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
            query(connection, *args)
            statement, parameters = asked[-1]
            return [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]

    yield steps
    store.close()


@pytest.mark.parametrize(
    ("query", "args", "index"),
    [
        (held.of_pause, ("trg_a", 10), "matches_held"),
        (held.of_event, ("evt_a",), "matches"),
        (held.unasked, ("trg_a",), "events_unmatched"),
    ],
)
def test_each_query_has_its_index(plan, query, args, index):
    steps = plan(query, *args)

    assert any(index in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps
