"""One thing with all that hangs on it, for whoever looks at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from engine.errors import NotFound
from engine.ids import earliest_id
from engine.store.ledger import EVENT_COLUMNS, EVENT_SOURCE
from engine.store.rows import Delivery, EndedWait, Entry, Event, LateProof, Match, Run
from engine.store.sealed import proofs_of
from engine.store.tables import deliveries, events, journal, matches, not_accepted, releases, runs
from engine.store.waiting_tables import correlations, ended_waits
from engine.words import Outcome, Verdict

#: Runs that are shown with the event, or the run, that started them, and steps whose waits an event has ended.
MOST_RUNS = 500

#: Refused deliveries of a trigger among which the earlier attempts at one are looked for.
MOST_ALIKE = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a match that was held: run or skip."""

    action: str
    run_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class EventHistory:
    """An event, how it came, what was answered about it, what it started, and which waits it has ended."""

    event: Event
    delivery: Delivery
    #: By what the delivery became genuine after it was refused; None: it was not.
    late_proof: LateProof | None
    matches: tuple[Match, ...]
    #: By workflow.
    decisions: Mapping[str, Decision]
    runs: tuple[Run, ...]
    #: Whether the steps that wait for such events are still to be asked about it.
    asks_waits: bool
    ended_waits: tuple[EndedWait, ...]


def run(connection: Connection, run_id: str) -> Run:
    """Return a run.

    Raises:
        NotFound: there is none with that id (404).
    """
    row = connection.execute(select(runs).where(runs.c.id == run_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no run {run_id!r}")
    return Run(**row)


def delivery(connection: Connection, delivery_id: str) -> Delivery:
    """Return a delivery with its body.

    Raises:
        NotFound: there is none with that id (404).
    """
    row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no delivery {delivery_id!r}")
    return Delivery(**row)


def event_ids_of(connection: Connection, delivery_id: str) -> list[str]:
    """Return the ids of the events that a delivery brought."""
    wanted = select(events.c.id).where(events.c.delivery_id == delivery_id).order_by(events.c.id)
    return list(connection.scalars(wanted))


def refusals_alike(connection: Connection, delivery: Delivery, since: datetime) -> int:
    """Return how often a trigger refused this body from a moment until this delivery, with it, among its latest."""
    nearby = (
        select(deliveries.c.id)
        .where(
            deliveries.c.trigger_id == delivery.trigger_id,
            deliveries.c.verdict == Verdict.REJECTED,
            not_accepted,
            deliveries.c.id <= delivery.id,
            deliveries.c.id >= earliest_id("dlv", since),
        )
        .order_by(deliveries.c.id.desc())
        .limit(MOST_ALIKE)
    )
    alike = deliveries.c.size == delivery.size, deliveries.c.body == delivery.body
    return connection.scalar(select(func.count()).where(deliveries.c.id.in_(nearby), *alike)) or 0


def outcomes_of(connection: Connection, event_ids: Sequence[str]) -> Mapping[str, Mapping[Outcome, int]]:
    """Return how many runs of each outcome events led to: {event id: {outcome: number}}."""
    wanted = select(runs.c.event_id, runs.c.outcome, func.count().label("number")).where(runs.c.event_id.in_(event_ids))
    found: dict[str, dict[Outcome, int]] = {}
    for row in connection.execute(wanted.group_by(runs.c.event_id, runs.c.outcome)):
        found.setdefault(row.event_id, {})[row.outcome] = row.number
    return found


def steps(connection: Connection, run_id: str, first: int, limit: int) -> list[Entry]:
    """Return so many steps of a run in the order in which they began, from the position ``first`` on."""
    wanted = select(journal).where(journal.c.run_id == run_id, journal.c.position >= first)
    rows = connection.execute(wanted.order_by(journal.c.position).limit(limit)).mappings()
    return [Entry(**row) for row in rows]


def children(connection: Connection, run_id: str) -> list[Run]:
    """Return the runs that a run started by ``core.run_workflow``, in order."""
    wanted = select(runs).where(runs.c.parent_id == run_id).order_by(runs.c.id).limit(MOST_RUNS)
    return [Run(**row) for row in connection.execute(wanted).mappings()]


def event_history(connection: Connection, event_id: str) -> EventHistory:
    """Return an event with all that hangs on it.

    Raises:
        NotFound: there is none with that id (404).
    """
    wanted = select(*EVENT_COLUMNS).select_from(EVENT_SOURCE).where(events.c.id == event_id)
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no event {event_id!r}")
    event = Event(**row)
    answered = select(matches).where(matches.c.event_id == event_id).order_by(matches.c.workflow)
    decided = connection.execute(select(releases).where(releases.c.event_id == event_id))
    started = select(runs).where(runs.c.event_id == event_id).order_by(runs.c.id).limit(MOST_RUNS)
    asks = connection.scalar(select(exists().where(correlations.c.event_id == event_id)))  # before what that leads to
    told = select(ended_waits).where(ended_waits.c.event_id == event_id).order_by(ended_waits.c.run_id).limit(MOST_RUNS)
    return EventHistory(
        event,
        delivery(connection, event.delivery_id),
        proofs_of(connection, [event.delivery_id]).get(event.delivery_id),
        tuple(Match(**row) for row in connection.execute(answered).mappings()),
        {row.workflow: Decision(row.action, row.run_id, row.created_at) for row in decided},
        tuple(Run(**row) for row in connection.execute(started).mappings()),
        bool(asks),
        tuple(EndedWait(**row) for row in connection.execute(told).mappings()),
    )
