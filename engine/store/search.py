"""Lists of deliveries, events and runs: newest first, page by page, and never with their bodies.

Identifiers sort by time of birth, so a page goes on below the last identifier of the one before it, and a span of
time is a range of identifiers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    String,
    Table,
    func,
    literal,
    or_,
    select,
)

from engine.ids import earliest_id
from engine.store.ledger import EVENT_SOURCE
from engine.store.sealed_tables import sealed
from engine.store.tables import deliveries, events, matches, not_accepted, runs
from engine.store.waiting_tables import ended_waits
from engine.words import UNFINISHED, Answer, Outcome, Reason, Verdict

#: Lines that one page looks through for what no index finds; the next page goes on below them. Fewer where each of them
#: takes a look into another table: for a text, and fewer still for what was answered, which is in a row of its own.
ASKED = 500
SEARCHED = 2_500
SIFTED = 10_000

#: How far the time within an identifier may be from the time that is written in its row.
_SLACK = timedelta(minutes=1)

_PREFIXES = {"deliveries": "dlv", "events": "evt", "runs": "run"}

#: Whether a workflow said yes to an event, or a step waited for it: asked event by event. Without the offset PostgreSQL
#: reads all that was ever answered, to ask that of each event.
_said_yes = select(matches.c.run_id).where(
    matches.c.event_id == events.c.id, matches.c.workflow != "", matches.c.answer == Answer.YES
)
_waited_for = select(ended_waits.c.run_id).where(ended_waits.c.event_id == events.c.id)
_is_wanted = or_(_said_yes.offset(0).exists(), _waited_for.offset(0).exists())

Line = TypeVar("Line")
Lines = Select[*tuple[Any, ...]]

#: What has to stand in which column; None: anything.
Fields = Mapping[Column[Any], str | None]

#: Columns that an index begins with, before the identifier.
Way = tuple[Column[Any], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Which part of a list: below the identifier ``after``, from ``since`` to before ``until``, at most so many."""

    limit: int = 50
    after: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries: those that fit every field that is not None."""

    trigger_id: str | None = None
    verdict: Verdict | None = None
    reason: Reason | None = None
    #: Whether those alone that are sealed now.
    sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events: those that fit every field that is not None."""

    trigger_id: str | None = None
    type: str | None = None
    #: Whether a workflow said yes, or a step waited for it.
    matched: bool | None = None
    #: What the data has to hold, as it was sent.
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs: those that fit every field that is not None."""

    trigger_id: str | None = None
    workflow: str | None = None
    outcome: Outcome | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Line]):
    """A part of a list; next: what ``after`` has to be for the part below it, None at the end."""

    items: Sequence[Line]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """A delivery in a list."""

    id: str
    trigger_id: str
    received_at: datetime
    method: str
    address: str
    size: int
    verdict: Verdict
    reason: Reason
    status: int
    duplicate_of: str | None
    event_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """An event in a list."""

    id: str
    trigger_id: str
    delivery_id: str
    key: str | None
    type: str
    source: str
    time: datetime
    received_at: datetime
    held: Reason | None
    matched_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run in a list."""

    id: str
    workflow: str
    version: str
    trigger_id: str | None
    event_id: str | None
    outcome: Outcome
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    rerun_of: str | None
    scheduled_for: datetime | None


def list_deliveries(connection: Connection, which: DeliveryFilter, span: Span) -> Page[DeliveryLine]:
    """Return deliveries; a page by what no index finds can be short, or empty, with more to come."""
    trigger, verdict, reason = deliveries.c.trigger_id, deliveries.c.verdict, deliveries.c.reason
    given = {trigger: which.trigger_id, verdict: which.verdict, reason: which.reason}
    wanted = _spanned(DeliveryLine, deliveries, deliveries.c.received_at, span)
    ways: list[Way] = [(trigger,)]
    if which.sealed:  # few: so they are walked through, and not all deliveries
        wanted = wanted.join(sealed, sealed.c.delivery_id == deliveries.c.id).order_by(None)
        wanted, ways = wanted.order_by(sealed.c.delivery_id.desc()), []
    elif which.reason not in {None, Reason.NEW}:
        wanted, ways = wanted.where(reason != written(Reason.NEW)), [(trigger, reason), (reason,)]
    elif which.verdict not in {None, Verdict.ACCEPTED}:
        wanted, ways = wanted.where(not_accepted), [(trigger, verdict), (verdict,)]
    return _sifted(connection, *_narrowed(wanted, given, *ways), DeliveryLine, span.limit)


def list_events(connection: Connection, which: EventFilter, span: Span) -> Page[EventLine]:
    """Return events; a page by a text, or by whether they were wanted, can be short, or empty, with more to come."""
    trigger, kind = events.c.trigger_id, events.c.type
    wanted = _spanned(EventLine, events, events.c.received_at, span)
    wanted, others = _narrowed(
        wanted, {trigger: which.trigger_id, kind: which.type}, (trigger, kind), (trigger,), (kind,)
    )
    if which.matched is not None:
        others.append(_is_wanted if which.matched else ~_is_wanted)
    if not which.text and which.matched is None:
        return _sifted(connection, wanted, others, EventLine, span.limit)
    found = wanted.where(*others)
    if which.text:
        found = found.select_from(EVENT_SOURCE).where(_holds(connection, which.text.encode()))
    most = SEARCHED if which.matched is None else ASKED
    return _page_among(connection, wanted, found, EventLine, span.limit, most)


def list_runs(connection: Connection, which: RunFilter, span: Span) -> Page[RunLine]:
    """Return runs; a page by what no index finds, such as a trigger, can be short, or empty, with more to come."""
    workflow, trigger, outcome, event = runs.c.workflow, runs.c.trigger_id, runs.c.outcome, runs.c.event_id
    given = {workflow: which.workflow, trigger: which.trigger_id, outcome: which.outcome, event: which.event_id}
    is_open, is_bad = runs.c.finished_at.is_(None), outcome != written(Outcome.SUCCEEDED)
    wanted = _spanned(RunLine, runs, runs.c.queued_at, span)
    ways: list[Way]
    if which.outcome in {None, Outcome.SUCCEEDED} or which.event_id is not None:
        ways = [(event,), (workflow,)]
    elif which.outcome in UNFINISHED:
        wanted, ways = wanted.where(is_open), [(outcome,)]
    else:
        wanted, ways = wanted.where(~is_open, is_bad), [(workflow, outcome), (trigger, outcome), (outcome,)]
    return _sifted(connection, *_narrowed(wanted, given, *ways), RunLine, span.limit)


def _spanned(line: type[Line], table: Table, moment: Column[datetime], span: Span) -> Lines:
    """Return the query for the table's lines of that span, newest first."""
    wanted = select(*(table.c[field.name] for field in fields(line)))  # type: ignore[arg-type]
    prefix, key = _PREFIXES[table.name], table.c.id
    if span.after is not None:
        wanted = wanted.where(key < span.after)
    if span.since is not None:
        wanted = wanted.where(key >= earliest_id(prefix, span.since - _SLACK), moment >= span.since)
    if span.until is not None:
        wanted = wanted.where(key < earliest_id(prefix, span.until + _SLACK), moment < span.until)
    return wanted.order_by(key.desc())


def _narrowed(wanted: Lines, fields: Fields, *ways: Way) -> tuple[Lines, list[ColumnElement[bool]]]:
    """Return the query by the first way of which every field is given, and the conditions that are left.

    These are not set by the column itself, for which SQLite would take another index.
    """
    given = {column: word for column, word in fields.items() if word is not None}
    way = next((way for way in ways if given.keys() >= set(way)), ())
    others = [column.concat("") == word for column, word in given.items() if column not in way]
    return wanted.where(*(column == given[column] for column in way)), others


def written(word: StrEnum) -> ColumnElement[str]:
    """Return a word that stands in the statement itself, where a partial index is recognised by it."""
    return literal(str(word), String, literal_execute=True)


def _page(connection: Connection, wanted: Lines, line: type[Line], limit: int) -> Page[Line]:
    rows = connection.execute(wanted.limit(limit + 1)).mappings().all()
    more = rows[limit - 1]["id"] if len(rows) > limit else None
    return Page([line(**row) for row in rows[:limit]], more)


def _sifted(
    connection: Connection, wanted: Lines, others: Sequence[ColumnElement[bool]], line: type[Line], limit: int
) -> Page[Line]:
    """Return the lines of which the other conditions hold too."""
    if not others:
        return _page(connection, wanted, line, limit)
    return _page_among(connection, wanted, wanted.where(*others), line, limit, SIFTED)


def _page_among(  # noqa: PLR0913, PLR0917 - two queries, and how far
    connection: Connection, wanted: Lines, found: Lines, line: type[Line], limit: int, most: int
) -> Page[Line]:
    """Return those of the next lines that are found, where no index leads to them: so many are looked through."""
    key = wanted.selected_columns["id"]
    window = wanted.with_only_columns(key).limit(most).subquery()
    floor, seen = connection.execute(select(func.min(window.c.id), func.count())).one()
    if not seen:
        return Page([], None)
    page = _page(connection, found.where(key >= floor), line, limit)
    return Page(page.items, page.next or (floor if seen == most else None))


def _holds(connection: Connection, text: bytes) -> ColumnElement[bool]:
    data, part = func.coalesce(events.c.data, deliveries.c.body), literal(text, LargeBinary)
    if connection.dialect.name == "sqlite":
        return func.instr(data, part) > 0
    return func.position(part.op("IN")(data)) > 0
