"""A real store on each kind of database, and rows to put into it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event as hooks

from engine.ids import new_id
from engine.store.journal import Matched, record_matches
from engine.store.ledger import Arrival, NewEvent, record_arrivals
from engine.store.rows import Delivery, Match, Run
from engine.store.secrets import cipher_from
from engine.store.store import Store, open_store
from engine.words import Answer, Outcome, Reason, Verdict


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = open_store(database_url, cipher_from("test"))
    yield opened
    opened.close()


@pytest.fixture
def plan(tmp_path) -> Iterator[Callable[..., list[str]]]:
    """Return what SQLite does for the statements of a query or change, which is undone.

    PostgreSQL plans by statistics, and here are no rows; SQLite keeps none unless it is told to, and nobody tells it.
    """
    store = open_store(f"sqlite:///{tmp_path}/plan.db", cipher_from("test"))

    def steps(query, *args) -> list[str]:
        asked = []
        with store.database.writing.connect() as connection:
            hooks.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
            query(connection, *args)
            explained = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given) for sql, given in list(asked)]
            return [row.detail for rows in explained for row in rows]

    yield steps
    store.close()


@pytest.fixture
def arrival(clock) -> Callable[..., Arrival]:
    """Return a maker of accepted deliveries with one event each."""

    def make(key: str | None = None, *, digest: bytes | None = None, body: bytes = b'{"n": 1}') -> Arrival:
        delivery = Delivery(
            id=new_id("dlv"),
            trigger_id="trg_a",
            received_at=clock.now(),
            method="POST",
            query="",
            headers={"content-type": ("application/json",)},
            address="127.0.0.1",
            body=body,
            size=len(body),
            verdict=Verdict.ACCEPTED,
            reason=Reason.NEW,
            detail="",
            status=202,
            event_count=1,
        )
        event = NewEvent(
            id=new_id("evt"), key=key, type="custom.event", source="/custom/a", time=clock.now(), data=None
        )
        return Arrival(delivery, (event,), digest, clock.now() if digest else None)

    return make


@pytest.fixture
def queued(store, clock, arrival) -> Callable[..., Run]:
    """Return a maker of events that were matched by one workflow, whose run is queued."""

    def make(workflow: str = "w") -> Run:
        recorded = store.submit(record_arrivals, arrival()).result()
        run = Run(
            id=new_id("run"),
            workflow=workflow,
            version="v",
            trigger_id="trg_a",
            event_id=recorded.event_ids[0],
            inputs=None,
            outcome=Outcome.QUEUED,
            token=0,
            lease_until=None,
            deaths=0,
            due_at=None,
            queued_at=clock.now(),
            started_at=None,
            finished_at=None,
            error=None,
            outputs=None,
            rerun_of=None,
        )
        match = Match(
            event_id=recorded.event_ids[0],
            workflow="w",
            version="v",
            answer=Answer.YES,
            explanation=None,
            held=False,
            run_id=run.id,
            created_at=clock.now(),
        )
        store.submit(record_matches, Matched(recorded.event_ids[0], clock.now(), (match,), (run,))).result()
        return run

    return make
