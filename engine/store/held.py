"""Matches that wait for a person: what they are, and that each is decided once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, literal, null, select, text, tuple_

from engine.store.columns import Moment
from engine.store.rows import Match
from engine.store.sealed_tables import late_proofs
from engine.store.tables import deliveries, events, matches, releases
from engine.words import TRIGGER, Reason

#: Held matches that are looked through for those about which nobody decided yet.
NEWEST = 1_000

_KEY = tuple_(matches.c.event_id, matches.c.workflow)
_DECIDED = (releases.c.event_id == matches.c.event_id) & (releases.c.workflow == matches.c.workflow)
_UNDECIDED = (
    select(matches)
    .join(events, events.c.id == matches.c.event_id)
    .join(releases, _DECIDED, isouter=True)
    # As the partial index is written: SQLAlchemy's own words for a boolean differ, and SQLite compares words.
    .where(text("matches.held"), releases.c.event_id.is_(None))
    .order_by(matches.c.event_id, matches.c.workflow)
)


def of_pause(connection: Connection, trigger_id: str, limit: int, after: tuple[str, str] = ("", "")) -> list[Match]:
    """Return matches that a paused trigger holds, in the order of their events; those in quarantine are not its own.

    after: the last (event id, workflow) that is known: what is decided stays where it is, and costs time.
    """
    wanted = _UNDECIDED.where(_of(trigger_id), events.c.held == Reason.HELD, tuple_(*after) < _KEY)
    return [Match(**row) for row in connection.execute(wanted.limit(limit)).mappings()]


def of_event(connection: Connection, event_id: str) -> list[Match]:
    """Return the matches of an event that are held, whatever for."""
    return [Match(**row) for row in connection.execute(_UNDECIDED.where(matches.c.event_id == event_id)).mappings()]


def among(connection: Connection, event_ids: Collection[str]) -> frozenset[str]:
    """Return those of the events of which something waits for a decision."""
    wanted = _UNDECIDED.where(matches.c.event_id.in_(event_ids)).with_only_columns(matches.c.event_id)
    return frozenset(connection.scalars(wanted))


def newest(connection: Connection, limit: int) -> list[tuple[str, str]]:
    """Return what waits for a decision, newest first, of whatever trigger: (event id, workflow)."""
    wanted = select(matches.c.event_id, matches.c.workflow).where(text("matches.held"))
    latest = wanted.order_by(matches.c.event_id.desc(), matches.c.workflow.desc()).limit(NEWEST).subquery()
    same = (releases.c.event_id == latest.c.event_id) & (releases.c.workflow == latest.c.workflow)
    undecided = select(latest).join(releases, same, isouter=True).where(releases.c.event_id.is_(None))
    rows = connection.execute(undecided.order_by(latest.c.event_id.desc(), latest.c.workflow.desc()).limit(limit))
    return [(row.event_id, row.workflow) for row in rows]


def unasked(connection: Connection, trigger_id: str) -> bool:
    """Tell whether a paused trigger has taken events about which nobody was asked yet: their matches will follow."""
    wanted = select(events.c.id).where(_of(trigger_id), events.c.held == Reason.HELD, events.c.matched_at.is_(None))
    return connection.execute(wanted.limit(1)).first() is not None


def decide_rest(connection: Connection, trigger_id: str, action: str, now: datetime) -> None:
    """Write down what becomes of events that a pause held for steps that wait, but for no workflow."""
    nothing = ~exists().where(matches.c.event_id == events.c.id, text("matches.held"))
    undecided = ~exists().where(releases.c.event_id == events.c.id)
    held = and_(deliveries.c.reason == Reason.HELD, text("deliveries.reason <> 'new'"))  # so its partial index will do
    row = select(events.c.id, literal(TRIGGER), literal(action), null(), literal(now, Moment))
    row = row.where(_of(trigger_id), events.c.held == Reason.HELD, nothing, undecided)
    came = row.join(deliveries, deliveries.c.id == events.c.delivery_id).where(held)
    proved = row.join(late_proofs, late_proofs.c.delivery_id == events.c.delivery_id)
    for found in (came, proved.where(late_proofs.c.reason == Reason.HELD)):
        connection.execute(insert(releases).from_select(list(releases.columns.keys()), found))


def _of(trigger_id: str) -> ColumnElement[bool]:
    """Keep the planner from walking all events of the trigger: the few that are held, or unmatched, are indexed."""
    return events.c.trigger_id.concat("") == trigger_id
