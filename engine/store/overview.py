"""What came in and what became of it, hour by hour, from indexes alone: identifiers tell the time.

No number needs a walk through more than :data:`MOST` rows, however busy an hour was.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    and_,
    column,
    func,
    literal,
    select,
    true,
    type_coerce,
    values,
)

from engine.ids import earliest_id
from engine.store.columns import MICROSECOND
from engine.store.search import written
from engine.store.tables import deliveries, events, matches, runs, tallies
from engine.words import UNFINISHED, Outcome, Reason, Verdict

HOUR = timedelta(hours=1)

#: Rows that are counted for one number; what is more is not counted.
MOST = 50_000

_TAKEN = {
    Reason.NEW,
    Reason.HELD,
    Reason.NO_EVENTS,
    Reason.EVENT_SEEN,
    Reason.SIGNATURE_SEEN,
    Reason.HANDSHAKE,
    Reason.LISTENING,
}
_REFUSALS = tuple(reason for reason in Reason if reason not in _TAKEN)
_ENDED_BADLY = (Outcome.FAILED, Outcome.STOPPED, Outcome.CANCELLED, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour: deliveries by verdict, events, those of them that led to a run, and runs by outcome."""

    start: datetime
    deliveries: Mapping[str, int]
    events: int
    matched: int
    runs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Length:
    """How long a run took from the receipt of its event, and for how many runs it stands."""

    #: Start of the hour in which it began.
    hour: datetime
    finished_at: datetime
    took: timedelta
    weight: float


def hours(connection: Connection, starts: Sequence[datetime]) -> list[Hour]:
    """Return what happened in the hours that start then."""
    verdicts = _by_word(connection, deliveries, deliveries.c.verdict, starts, tuple(Verdict))
    happened = _in_all(connection, events, starts)
    matched = _counts(connection, starts, _MATCHED, "evt")
    outcomes = _outcomes(connection, starts)
    return [
        Hour(
            start,
            {word: verdicts[index, word] for word in Verdict},
            happened[index],
            matched[index, ""],
            {word: outcomes[index, word] for word in Outcome},
        )
        for index, start in enumerate(starts)
    ]


def refusals(
    connection: Connection, since: datetime, until: datetime, trigger_ids: Collection[str]
) -> Mapping[Reason, int]:
    """Return how many deliveries were refused, by reason, those included that were counted and not kept.

    trigger_ids: whose uncounted ones are looked up; requests to unknown addresses are always among them.
    """
    odd = deliveries.c.reason != written(Reason.NEW)
    # Not by the column itself: SQLite would walk all that was refused once for each reason.
    rejected = deliveries.c.verdict.concat("") == Verdict.REJECTED
    wanted = _cell_rows(deliveries, deliveries.c.reason).where(odd, rejected)
    found = _counts(connection, [since], wanted, "dlv", _REFUSALS, length=until - since)
    counted = select(tallies.c.reason, func.sum(tallies.c["count"]).label("number")).where(
        tallies.c.trigger_id.in_(["", *trigger_ids]), tallies.c.hour >= since, tallies.c.hour < until
    )
    numbers = Counter({Reason(word): number for (_, word), number in found.items()})
    for row in connection.execute(counted.group_by(tallies.c.reason)):
        numbers[row.reason] += int(row.number)
    return {reason: number for reason, number in numbers.most_common() if number}


def lengths(connection: Connection, asked: Sequence[Hour], sampled: int) -> list[Length]:
    """Return how long runs took, so many of the newest of each hour.

    Those alone that began when their event was matched: none that a person let go or repeated later.
    """
    found: list[Length] = []
    for hour in asked:
        rows = connection.execute(_took(hour.start, sampled)).all()
        weight = sum(hour.runs.values()) / max(len(rows), 1)
        found += [Length(hour.start, row.finished_at, row.took * MICROSECOND, weight) for row in rows]
    return found


#: What is counted: in each span, each word.
_spans = values(column("hour", Integer), column("low", String), column("high", String), name="spans")
_words = values(column("word", String), name="words")


def _cell_rows(table: Table, word: ColumnElement[str] | None = None) -> Select[Any]:
    """Return the query for the table's rows of one cell: an hour, and a word in a column."""
    key = table.c.id
    wanted = select(literal(1).label("one")).where(key >= column("low"), key < column("high"))
    return wanted if word is None else wanted.where(word == column("word"))


#: Events that led to a run: read from an index alone, which what was answered about them could not be.
_MATCHED = select(runs.c.event_id).distinct().where(runs.c.event_id >= column("low"), runs.c.event_id < column("high"))


def _by_word(
    connection: Connection,
    table: Table,
    word: ColumnElement[str],
    starts: Sequence[datetime],
    words: Sequence[StrEnum],
) -> Counter[tuple[int, str]]:
    return _counts(connection, starts, _cell_rows(table, word), _PREFIXES[table.name], words)


def _in_all(connection: Connection, table: Table, starts: Sequence[datetime]) -> Counter[int]:
    found = _counts(connection, starts, _cell_rows(table), _PREFIXES[table.name])
    return Counter({index: number for (index, _), number in found.items()})


_PREFIXES = {"deliveries": "dlv", "events": "evt", "runs": "run"}


def _outcomes(connection: Connection, starts: Sequence[datetime]) -> Counter[tuple[int, str]]:
    """Return the runs by outcome: those that succeeded, the mass, are what is left of all."""
    rows = _cell_rows(runs, runs.c.outcome)
    badly = rows.where(runs.c.finished_at.is_not(None), runs.c.outcome != written(Outcome.SUCCEEDED))
    counted = _counts(connection, starts, badly, "run", _ENDED_BADLY)
    counted += _counts(connection, starts, rows.where(runs.c.finished_at.is_(None)), "run", tuple(UNFINISHED))
    for index, number in _in_all(connection, runs, starts).items():
        others = sum(counted[index, word] for word in Outcome)
        counted[index, Outcome.SUCCEEDED] = max(number - others, 0)
    return counted


def _counts(  # noqa: PLR0913, PLR0917 - one statement for all numbers of a kind
    connection: Connection,
    starts: Sequence[datetime],
    rows: Select[Any],
    prefix: str,
    words: Sequence[str] = ("",),
    length: timedelta = HOUR,
) -> Counter[tuple[int, str]]:
    """Return how many rows there are in each cell: {(index of the start, word): number}."""
    bounds = [(earliest_id(prefix, start), earliest_id(prefix, start + length)) for start in starts]
    spans = _spans.data([(index, *each) for index, each in enumerate(bounds)]).cte("spans")
    each = _words.data([(str(word),) for word in words]).cte("words")
    number = select(func.count()).select_from(rows.limit(MOST).subquery()).scalar_subquery()
    found = select(spans.c.hour, each.c.word, number.label("number")).select_from(spans.join(each, true()))
    return Counter({(row.hour, row.word): row.number for row in connection.execute(found)})


def _took(start: datetime, sampled: int) -> Select[Any]:
    low, high = earliest_id("run", start), earliest_id("run", start + HOUR)
    newest = select(runs.c.id, runs.c.event_id, runs.c.workflow, runs.c.finished_at)
    newest = newest.where(runs.c.id >= low, runs.c.id < high).order_by(runs.c.id.desc()).limit(sampled)
    ran = newest.subquery("ran")
    took = type_coerce(ran.c.finished_at, BigInteger) - type_coerce(events.c.received_at, BigInteger)
    own = and_(matches.c.event_id == ran.c.event_id, matches.c.workflow == ran.c.workflow, matches.c.run_id == ran.c.id)
    joined = ran.join(events, events.c.id == ran.c.event_id).join(matches, own)
    return select(ran.c.finished_at, took.label("took")).select_from(joined).where(ran.c.finished_at.is_not(None))
