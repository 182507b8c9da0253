"""Lists: newest first, page by page, and never a walk through the whole table."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event as hooks

from engine.ids import earliest_id
from engine.store import held, search, show, tables
from engine.store.journal import Matched, record_matches
from engine.store.ledger import record_arrivals
from engine.store.rows import Delivery, Match
from engine.store.search import DeliveryFilter, EventFilter, RunFilter, Span
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from engine.words import Answer, Outcome, Reason, Verdict
from tests.store.plenty import plenty_of

#: One that was refused.
DELIVERY = Delivery(
    "dlv_1", "trg_1", datetime(2026, 1, 2, tzinfo=UTC), "POST", "", {}, "192.0.2.7", 0,
    Verdict.REJECTED, Reason.WRONG_PROOF, "", 401,
)  # fmt: skip


@pytest.fixture
def arrive(store, arrival):
    """Write deliveries with one event each, and return the arrivals, oldest first."""

    def write(count, **made):
        arrivals = [arrival(**made) for _ in range(count)]
        for each in arrivals:
            store.submit(record_arrivals, each).result()
        return arrivals

    return write


def _ids(page):
    return [line.id for line in page.items]


def test_deliveries_come_newest_first(store, arrive):
    arrivals = arrive(3)

    page = store.read(search.list_deliveries, DeliveryFilter(), Span())

    assert _ids(page) == [each.delivery.id for each in reversed(arrivals)]
    assert page.next is None


def test_pages_hold_everything_once(store, arrive):
    arrivals = arrive(5)

    seen, after = [], None
    while True:
        page = store.read(search.list_events, EventFilter(), Span(limit=2, after=after))
        seen += _ids(page)
        after = page.next
        if after is None:
            break

    assert seen == [each.events[0].id for each in reversed(arrivals)]


def test_what_comes_in_while_one_reads_moves_no_page(store, arrive):
    first, second = arrive(2)
    page = store.read(search.list_deliveries, DeliveryFilter(), Span(limit=1))

    arrive(1)

    assert _ids(page) == [second.delivery.id]
    assert _ids(store.read(search.list_deliveries, DeliveryFilter(), Span(after=page.next))) == [first.delivery.id]


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (DeliveryFilter(trigger_id="trg_a"), 1),
        (DeliveryFilter(trigger_id="trg_b"), 0),
        (DeliveryFilter(verdict=Verdict.ACCEPTED), 1),
        (DeliveryFilter(verdict=Verdict.REJECTED), 1),
        (DeliveryFilter(reason=Reason.NEW), 1),
        (DeliveryFilter(reason=Reason.WRONG_PROOF), 1),
        (DeliveryFilter(verdict=Verdict.ACCEPTED, reason=Reason.WRONG_PROOF), 0),
    ],
)
def test_deliveries_by_filter(store, arrive, arrival, which, found):
    arrive(1)
    made = arrival()
    refused = made.delivery._replace(
        trigger_id="trg_c", verdict=Verdict.REJECTED, reason=Reason.WRONG_PROOF, event_count=0
    )
    store.submit(record_arrivals, made._replace(delivery=refused, events=())).result()

    page = store.read(search.list_deliveries, which, Span())

    assert len(page.items) == found


def test_a_span_of_time_begins_with_since_and_ends_before_until(store, arrival):
    start = datetime.now(UTC)
    times = [start + timedelta(seconds=number) for number in range(3)]
    for moment in times:
        made = arrival()
        store.submit(record_arrivals, made._replace(delivery=made.delivery._replace(received_at=moment))).result()

    page = store.read(search.list_deliveries, DeliveryFilter(), Span(since=times[1], until=times[2]))

    assert [line.received_at for line in page.items] == [times[1]]


def test_events_are_found_by_a_text_in_their_data(store, arrive):
    arrive(1)
    (wanted,) = arrive(1, body=b'{"asset": "www.example.com"}')

    page = store.read(search.list_events, EventFilter(text="example.com"), Span())

    assert _ids(page) == [wanted.events[0].id]


def test_a_search_stops_after_so_many_events_and_goes_on_with_the_next_page(store, arrive, monkeypatch):
    monkeypatch.setattr(search, "SEARCHED", 2)
    (wanted,) = arrive(1, body=b'{"asset": "www.example.com"}')
    later = arrive(2)

    page = store.read(search.list_events, EventFilter(text="example.com"), Span())

    assert (page.items, page.next) == ([], later[0].events[0].id)
    further = store.read(search.list_events, EventFilter(text="example.com"), Span(after=page.next))
    assert _ids(further) == [wanted.events[0].id]


@pytest.mark.parametrize(
    ("listed", "which"),
    [
        (search.list_deliveries, DeliveryFilter(trigger_id="trg_7", verdict=Verdict.ACCEPTED, reason=Reason.HELD)),
        (search.list_deliveries, DeliveryFilter(trigger_id="trg_0", verdict=Verdict.REJECTED, reason=Reason.NEW)),
        (search.list_deliveries, DeliveryFilter(verdict=Verdict.ACCEPTED, reason=Reason.HELD)),
        (search.list_deliveries, DeliveryFilter(verdict=Verdict.REJECTED, reason=Reason.NEW)),
        (search.list_events, EventFilter(trigger_id="trg_7", matched=False)),
        (search.list_events, EventFilter(matched=False)),
        (search.list_events, EventFilter(type="type.8", text="nothing")),
        (search.list_runs, RunFilter(workflow="w7", trigger_id="trg_7", outcome=Outcome.SUCCEEDED)),
        (search.list_runs, RunFilter(workflow="w0", trigger_id="trg_7", outcome=Outcome.FAILED)),
    ],
)
def test_what_no_index_finds_is_looked_for_in_a_part_that_has_a_bound(plenty, monkeypatch, listed, which):
    for bound in ("ASKED", "SEARCHED", "SIFTED"):
        monkeypatch.setattr(search, bound, 100)
    steps = []

    with plenty.reading() as connection:
        driver = connection.connection.driver_connection
        driver.set_progress_handler(lambda: steps.append(1), 100)
        page = listed(connection, which, Span())
        driver.set_progress_handler(None, 0)

    assert page.items == []
    assert len(steps) < 100


@pytest.mark.parametrize("matched", [True, False])
def test_what_was_answered_is_asked_event_by_event_however_much_was(postgresql_url, matched):
    with closing(open_store(postgresql_url, cipher_from("test"))) as store:
        _answer(store, 20_000)

        plan = _plan(store, search.list_events, EventFilter(trigger_id="trg_7", matched=matched), Span())

    assert any("Index Scan using matches_pkey" in line for line in plan)
    assert not any("Seq Scan on matches" in line for line in plan), plan


def _answer(store, number):
    """Write so many events of a hundred triggers, each of which a workflow wanted, and let PostgreSQL look at them."""
    numbers = f"FROM generate_series(1, {number}) i"
    born = f"'{earliest_id('evt', datetime.now(UTC))}' || to_char(i, 'FM00000000')"
    event = f"{born}, 'trg_' || mod(i, 100), '', '', '', i, i, true {numbers}"
    columns = "id, trigger_id, delivery_id, type, source, time, received_at, starts"
    with store.database.writing.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO events ({columns}) SELECT {event}")
        answer = f"{born}, 'w', '', 'yes', false, i {numbers}"
        connection.exec_driver_sql(
            f"INSERT INTO matches (event_id, workflow, version, answer, held, created_at) SELECT {answer}"
        )
        connection.exec_driver_sql("ANALYZE events")
        connection.exec_driver_sql("ANALYZE matches")


@pytest.mark.parametrize("matched", [True, False])
def test_events_that_a_workflow_wanted_are_told_from_others(store, arrive, clock, matched):
    wanted, other = (each.events[0].id for each in arrive(2))
    for event_id, answer in ((wanted, Answer.YES), (other, Answer.NO)):
        match = Match(
            event_id=event_id,
            workflow="w",
            version="v",
            answer=answer,
            explanation=None,
            held=True,
            run_id=None,
            created_at=clock.now(),
        )
        store.submit(record_matches, Matched(event_id, clock.now(), (match,))).result()

    page = store.read(search.list_events, EventFilter(matched=matched), Span())

    assert _ids(page) == [wanted if matched else other]


def test_runs_by_outcome(store, queued):
    run = queued()

    found = {outcome: store.read(search.list_runs, RunFilter(outcome=outcome), Span()).items for outcome in Outcome}

    assert [line.id for line in found.pop(Outcome.QUEUED)] == [run.id]
    assert not any(found.values())


@pytest.fixture(scope="module")
def plenty(tmp_path_factory):
    """Return a store with 100,000 rows in each list: one database for all plans, as filling it takes seconds."""
    opened = plenty_of(tmp_path_factory.mktemp("plenty"), COMMON)
    yield opened
    opened.close()


#: What the rows of each list hold, as SQL over the number i; what is not here is null or nought.
COMMON = {
    tables.deliveries: {
        "id": "printf('dlv_%026d', i)",
        "trigger_id": "'trg_' || (i % 100)",
        "received_at": "i",
        "verdict": "iif(i % 50, 'accepted', 'rejected')",
        "reason": "iif(i % 50, 'new', 'wrong_proof')",
    },
    tables.events: {
        "id": "printf('evt_%026d', i)",
        "delivery_id": "printf('dlv_%026d', i)",
        "trigger_id": "'trg_' || (i % 100)",
        "type": "'type.' || (i % 20)",
        "received_at": "i",
    },
    tables.matches: {"event_id": "printf('evt_%026d', i)", "workflow": "'w'", "answer": "'yes'", "held": "0"},
    tables.runs: {
        "id": "printf('run_%026d', i)",
        "workflow": "'w' || (i % 20)",
        "event_id": "printf('evt_%026d', i)",
        "outcome": "CASE i % 100 WHEN 0 THEN 'failed' WHEN 1 THEN 'waiting' ELSE 'succeeded' END",
        "finished_at": "iif(i % 100 = 1, NULL, i)",
    },
}


@pytest.mark.parametrize(
    ("listed", "which", "span", "index"),
    [
        (search.list_deliveries, DeliveryFilter(), Span(), "sqlite_autoindex_deliveries_1"),
        (search.list_deliveries, DeliveryFilter(), Span(after="dlv_1"), "sqlite_autoindex_deliveries_1"),
        (search.list_deliveries, DeliveryFilter(), Span(until=datetime.now(UTC)), "sqlite_autoindex_deliveries_1"),
        (search.list_deliveries, DeliveryFilter(trigger_id="trg_7"), Span(), "deliveries_by_trigger"),
        (search.list_deliveries, DeliveryFilter(verdict=Verdict.REJECTED), Span(), "deliveries_by_verdict"),
        (search.list_deliveries, DeliveryFilter(reason=Reason.WRONG_PROOF), Span(), "deliveries_by_reason"),
        (search.list_deliveries, DeliveryFilter(reason=Reason.NEW), Span(), "sqlite_autoindex_deliveries_1"),
        (
            search.list_deliveries,
            DeliveryFilter(reason=Reason.WRONG_PROOF, trigger_id="trg_0", verdict=Verdict.REJECTED),
            Span(),
            "deliveries_by_trigger_and_reason",
        ),
        (
            search.list_deliveries,
            DeliveryFilter(verdict=Verdict.REJECTED, trigger_id="trg_0"),
            Span(),
            "deliveries_by_trigger_and_verdict",
        ),
        (
            search.list_deliveries,
            DeliveryFilter(verdict=Verdict.ACCEPTED, trigger_id="trg_7"),
            Span(),
            "deliveries_by_trigger",
        ),
        (search.list_events, EventFilter(), Span(), "sqlite_autoindex_events_1"),
        (search.list_events, EventFilter(trigger_id="trg_7"), Span(), "events_by_trigger"),
        (search.list_events, EventFilter(type="type.7"), Span(), "events_by_type"),
        (search.list_events, EventFilter(trigger_id="trg_7", type="type.7"), Span(), "events_by_trigger_and_type"),
        (search.list_events, EventFilter(matched=True), Span(), "sqlite_autoindex_matches_1"),
        (search.list_runs, RunFilter(), Span(), "sqlite_autoindex_runs_1"),
        (search.list_runs, RunFilter(workflow="w7"), Span(), "runs_by_workflow"),
        (search.list_runs, RunFilter(event_id="evt_1"), Span(), "runs_by_event"),
        (search.list_runs, RunFilter(outcome=Outcome.FAILED), Span(), "runs_ended_badly"),
        (search.list_runs, RunFilter(outcome=Outcome.WAITING), Span(), "runs_unfinished"),
        (search.list_runs, RunFilter(outcome=Outcome.SUCCEEDED), Span(), "sqlite_autoindex_runs_1"),
        (search.list_runs, RunFilter(workflow="w0", outcome=Outcome.FAILED), Span(), "runs_ended_badly_by_workflow"),
        (
            search.list_runs,
            RunFilter(trigger_id="trg_a", outcome=Outcome.FAILED),
            Span(),
            "runs_ended_badly_by_trigger",
        ),
        (search.list_runs, RunFilter(workflow="w7", outcome=Outcome.SUCCEEDED), Span(), "runs_by_workflow"),
        (search.list_runs, RunFilter(event_id=f"evt_{1:026d}", outcome=Outcome.FAILED), Span(), "runs_by_event"),
    ],
)
def test_every_list_has_its_index(plenty, listed, which, span, index):
    plan = _plan(plenty, listed, which, span)

    assert any(f"INDEX {index}" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step or ("SCAN" in step and "INDEX" not in step) for step in plan), plan


def _plan(store, listed, which, span):
    """Return the steps that the database takes for the statement of a list."""
    asked = []
    with store.reading() as connection:
        hooks.listen(connection, "before_cursor_execute", lambda *args: asked.append(args[2:4]))
        listed(connection, which, span)
        statement, parameters = asked[-1]
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        return [row[-1] for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)]


def test_runs_of_a_trigger_are_found_among_the_newest(store, queued, monkeypatch):
    monkeypatch.setattr(search, "SIFTED", 2)
    first, *later = (queued() for _ in range(3))

    page = store.read(search.list_runs, RunFilter(trigger_id=first.trigger_id), Span())
    none = store.read(search.list_runs, RunFilter(trigger_id="trg_b"), Span())

    assert _ids(page) == [run.id for run in reversed(later)]
    assert (none.items, none.next) == ([], later[0].id)


@pytest.mark.parametrize(
    ("query", "given", "index"),
    [
        (show.outcomes_of, (["evt_1", "evt_2"],), "runs_by_event"),
        (show.steps, ("run_1", 0, 200), "PRIMARY KEY"),
        (show.refusals_alike, (DELIVERY, DELIVERY.received_at), "deliveries_by_trigger_and_verdict"),
        (held.newest, (20,), "matches_held"),
        (held.among, (["evt_1", "evt_2"],), "matches_held"),
    ],
)
def test_what_a_page_shows_beside_a_list_has_its_index(plan, query, given, index):
    steps, walks = plan(query, *given), [[name] for name in tables.metadata.tables]

    assert any(index in step for step in steps), steps
    assert not [step for step in steps if step.startswith("SCAN") and step.split()[1:] in walks], steps
