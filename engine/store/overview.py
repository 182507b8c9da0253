"""What came in and what became of it, hour by hour, from indexes alone: identifiers tell the time.

No number needs a walk through more than :data:`MOST` rows, however busy an hour was.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Select,
    TextClause,
    and_,
    bindparam,
    func,
    select,
    text,
    type_coerce,
)

from engine.ids import earliest_id
from engine.store.columns import MICROSECOND
from engine.store.tables import events, matches, runs, tallies
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
_NOT_ACCEPTED = tuple(word for word in Verdict if word is not Verdict.ACCEPTED)
_ONLY_REJECTED = tuple(reason for reason in _REFUSALS if reason is not Reason.SCHEMA_MISMATCH)
_ENDED_BADLY = (Outcome.FAILED, Outcome.STOPPED, Outcome.CANCELLED, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour: deliveries by verdict, events, those of them that led on, and runs by outcome."""

    start: datetime
    deliveries: Mapping[str, int]
    events: int
    #: Events that started a run, or ended the wait of one.
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
    verdicts = _verdicts(connection, starts)
    happened = _counts(connection, starts, _EVENTS, "evt")
    matched = _counts(connection, starts, _MATCHED, "evt") + _counts(connection, starts, _ENDED_WAITS, "evt")
    outcomes = _outcomes(connection, starts)
    return [
        Hour(
            start,
            {word: verdicts[index, word] for word in Verdict},
            happened[index, ""],
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
    found = _counts(connection, [since], _REFUSED, "dlv", _ONLY_REJECTED, length=until - since)
    # The only reason for which others are put into quarantine.
    found |= _counts(connection, [since], _MISMATCHED, "dlv", (Reason.SCHEMA_MISMATCH,), length=until - since)
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
        low, high = earliest_id("run", hour.start), earliest_id("run", hour.start + HOUR)
        rows = connection.execute(_TOOK, {"low": low, "high": high, "sampled": sampled}).all()
        weight = sum(hour.runs.values()) / max(len(rows), 1)
        found += [Length(hour.start, row.finished_at, row.took * MICROSECOND, weight) for row in rows]
    return found


#: What is counted in each span, of each word: rows of an index that holds all that is asked for.
_DELIVERIES = "SELECT 1 FROM deliveries WHERE id >= low AND id < high"
_OTHERS = f"{_DELIVERIES} AND verdict = word AND verdict <> 'accepted'"
_EVENTS = "SELECT 1 FROM events WHERE id >= low AND id < high"
_RUNS = "SELECT 1 FROM runs WHERE id >= low AND id < high"
_BAD_RUNS = f"{_RUNS} AND outcome = word AND finished_at IS NOT NULL AND outcome <> 'succeeded'"
_OPEN_RUNS = f"{_RUNS} AND outcome = word AND finished_at IS NULL"
_REFUSED = f"{_DELIVERIES} AND reason = word AND reason <> 'new'"
#: Not by the column itself: SQLite would walk all that was refused once for each reason.
_MISMATCHED = f"{_REFUSED} AND verdict || '' = 'rejected'"
#: Events that led to a run: what was answered about them could not be read from an index alone.
_MATCHED = "SELECT DISTINCT event_id FROM runs WHERE event_id >= low AND event_id < high"
#: Events that led to no run, and that a step of one waited for.
_ENDED_WAITS = (
    "SELECT DISTINCT event_id FROM ended_waits WHERE event_id >= low AND event_id < high"
    " AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.event_id = ended_waits.event_id)"
)


def _verdicts(connection: Connection, starts: Sequence[datetime]) -> Counter[tuple[int, str]]:
    """Return the deliveries by verdict: those that were accepted, the mass, are what is left of all."""
    counted = _counts(connection, starts, _OTHERS, "dlv", _NOT_ACCEPTED)
    return counted + _left(counted, _counts(connection, starts, _DELIVERIES, "dlv"), Verdict.ACCEPTED)


def _outcomes(connection: Connection, starts: Sequence[datetime]) -> Counter[tuple[int, str]]:
    """Return the runs by outcome: those that succeeded, the mass, are what is left of all."""
    counted = _counts(connection, starts, _BAD_RUNS, "run", _ENDED_BADLY)
    counted += _counts(connection, starts, _OPEN_RUNS, "run", tuple(UNFINISHED))
    return counted + _left(counted, _counts(connection, starts, _RUNS, "run"), Outcome.SUCCEEDED)


def _left(counted: Counter[tuple[int, str]], whole: Counter[tuple[int, str]], word: str) -> Counter[tuple[int, str]]:
    """Return what of each hour's whole was not counted, under that word."""
    others = Counter[int]()
    for (index, _), number in counted.items():
        others[index] += number
    return Counter({(index, word): max(number - others[index], 0) for (index, _), number in whole.items()})


def _counts(  # noqa: PLR0913, PLR0917 - one statement for all numbers of a kind
    connection: Connection,
    starts: Sequence[datetime],
    rows: str,
    prefix: str,
    words: tuple[str, ...] = ("",),
    length: timedelta = HOUR,
) -> Counter[tuple[int, str]]:
    """Return how many rows there are in each cell: {(index of the start, word): number}."""
    bounds = {f"low{index}": earliest_id(prefix, start) for index, start in enumerate(starts)}
    bounds |= {f"high{index}": earliest_id(prefix, start + length) for index, start in enumerate(starts)}
    found = connection.execute(_cells(rows, len(starts), words), {**bounds, "most": MOST})
    return Counter({(row.hour, row.word): row.number for row in found})


@cache
def _cells(rows: str, spans: int, words: tuple[str, ...]) -> TextClause:
    """Return the statement that counts in so many spans, as text: to compile VALUES anew took longer than to count."""
    each = ", ".join(f"({index}, :low{index}, :high{index})" for index in range(spans))
    named = ", ".join(f"('{word}')" for word in words)
    return text(
        f"WITH spans(hour, low, high) AS (VALUES {each}), words(word) AS (VALUES {named}) "  # noqa: S608 - words of ours
        f"SELECT hour, word, (SELECT count(*) FROM ({rows} LIMIT :most) AS cell) AS number FROM spans, words"
    )


def _took() -> Select[Any]:
    """Return the query for the lengths of the newest runs of a span."""
    newest = select(runs.c.id, runs.c.event_id, runs.c.workflow, runs.c.finished_at)
    newest = newest.where(runs.c.id >= bindparam("low"), runs.c.id < bindparam("high"))
    ran = newest.order_by(runs.c.id.desc()).limit(bindparam("sampled", type_=Integer)).subquery("ran")
    took = type_coerce(ran.c.finished_at, BigInteger) - type_coerce(events.c.received_at, BigInteger)
    own = and_(matches.c.event_id == ran.c.event_id, matches.c.workflow == ran.c.workflow, matches.c.run_id == ran.c.id)
    joined = ran.join(events, events.c.id == ran.c.event_id).join(matches, own)
    return select(ran.c.finished_at, took.label("took")).select_from(joined).where(ran.c.finished_at.is_not(None))


#: Made once: making it takes longer than what it finds.
_TOOK = _took()
