"""The list of triggers: each with what it received lately, in four statements however many there are."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Row,
    ScalarSelect,
    Select,
    String,
    bindparam,
    func,
    select,
    type_coerce,
)

from engine.ids import earliest_id
from engine.store.columns import EPOCH, MICROSECOND
from engine.store.rows import Trigger
from engine.store.search import Page
from engine.store.tables import deliveries, not_accepted, samples, schemas, tallies, triggers
from engine.words import Reason, Verdict

#: How many spans of what length make the picture of what came in lately.
BARS = 12
BAR = timedelta(minutes=5)

#: Refused deliveries that are looked at: few are kept of each trigger and hour, and the rest is counted.
_MOST_REFUSED = 10_000

#: Of a trigger of which nothing was refused.
_NONE: tuple[Counter[int], Counter[Reason]] = (Counter(), Counter())


@dataclass(frozen=True, slots=True)
class Latest:
    """The last delivery of a trigger."""

    id: str
    received_at: datetime
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class TriggerLine:
    """A trigger in the list."""

    trigger: Trigger
    latest: Latest | None
    #: Deliveries that were taken and that were refused, by span, oldest first.
    received: Sequence[tuple[int, int]]
    #: Why deliveries were refused in that time, with those that were only counted, and how often.
    refused: Mapping[Reason, int]
    #: Whether a sample came in after the schema was made.
    samples_wait: bool


def list_triggers(connection: Connection, now: datetime, *, after: str = "", limit: int = 50) -> Page[TriggerLine]:
    """Return triggers by name, those after a name; ``next`` is the name that the page after this one goes on behind."""
    begin = now - BARS * BAR
    bounds = [begin + number * BAR for number in range(BARS)] + [now + BAR]
    ids = {f"bound{number}": earliest_id("dlv", bound) for number, bound in enumerate(bounds)}
    rows = connection.execute(_LISTED, {**ids, "after": after, "most": limit + 1}).all()
    shown = rows[:limit]
    latest = _deliveries(connection, [row.latest for row in shown if row.latest])
    refused, reasons = _refused(connection, begin), _counted(connection, [row.id for row in shown], begin)
    lines = []
    for row in shown:
        spans, kept = refused.get(row.id, _NONE)
        lines.append(_line(row, latest.get(row.latest), spans, kept + reasons.get(row.id, Counter())))
    return Page(lines, shown[-1].name if len(rows) > limit else None)


def _line(row: Row[Any], latest: Latest | None, spans: Counter[int], reasons: Counter[Reason]) -> TriggerLine:
    width = len(triggers.c)
    counts = row[width + 3 :]
    return TriggerLine(
        trigger=Trigger(*row[:width]),
        latest=latest,
        received=[(max(count - spans[number], 0), spans[number]) for number, count in enumerate(counts)],
        refused=reasons,
        samples_wait=row.sampled is not None and (row.applied is None or row.applied < row.sampled),
    )


def _latest() -> Any:  # noqa: ANN401 - SQLAlchemy's own types of a labelled subquery
    newest = select(deliveries.c.id).where(deliveries.c.trigger_id == triggers.c.id).order_by(deliveries.c.id.desc())
    return newest.limit(1).correlate(triggers).scalar_subquery().label("latest")


def _sampled() -> Any:  # noqa: ANN401 - as above
    newest = select(func.max(samples.c.captured_at)).where(samples.c.trigger_id == triggers.c.id)
    return newest.correlate(triggers).scalar_subquery().label("sampled")


def _applied() -> Any:  # noqa: ANN401 - as above
    newest = select(func.max(schemas.c.created_at)).where(schemas.c.trigger_id == triggers.c.id)
    return newest.correlate(triggers).scalar_subquery().label("applied")


def _count(number: int) -> ScalarSelect[int]:
    """Count a trigger's deliveries of a span by their identifiers alone: the index holds all that it takes."""
    mine = select(func.count()).select_from(deliveries).where(deliveries.c.trigger_id == triggers.c.id)
    since, until = bindparam(f"bound{number}", type_=String), bindparam(f"bound{number + 1}", type_=String)
    return mine.where(deliveries.c.id >= since, deliveries.c.id < until).correlate(triggers).scalar_subquery()


def _listed() -> Select[Any]:
    wanted = select(triggers, _latest(), _sampled(), _applied(), *map(_count, range(BARS)))
    wanted = wanted.where(triggers.c.name > bindparam("after")).order_by(triggers.c.name)
    return wanted.limit(bindparam("most", type_=Integer))


#: Made once: making it takes as long as what it finds.
_LISTED = _listed()


def _deliveries(connection: Connection, ids: Sequence[str]) -> Mapping[str, Latest]:
    columns = (deliveries.c.id, deliveries.c.received_at, deliveries.c.verdict)
    return {row.id: Latest(*row) for row in connection.execute(select(*columns).where(deliveries.c.id.in_(ids)))}


def _refused(connection: Connection, begin: datetime) -> Mapping[str, tuple[Counter[int], Counter[Reason]]]:
    """Return when, by span, and why deliveries of all triggers were refused: there are few, and they have an index."""
    # Numbers and text as they are stored: of some thousands of rows, making times and words of them takes longest.
    moment, reason = type_coerce(deliveries.c.received_at, BigInteger), type_coerce(deliveries.c.reason, String)
    wanted = select(deliveries.c.trigger_id, moment, reason).where(
        deliveries.c.verdict == Verdict.REJECTED, not_accepted
    )
    wanted = wanted.where(deliveries.c.id >= earliest_id("dlv", begin)).order_by(deliveries.c.id.desc())
    spans: dict[str, Counter[int]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    first, length = (begin - EPOCH) // MICROSECOND, BAR // MICROSECOND
    for trigger_id, at, why in connection.execute(wanted.limit(_MOST_REFUSED)):
        spans[trigger_id][min((at - first) // length, BARS - 1)] += 1
        reasons[trigger_id][why] += 1
    return {each: (spans[each], Counter({Reason(why): n for why, n in reasons[each].items()})) for each in spans}


def _counted(connection: Connection, ids: Collection[str], since: datetime) -> Mapping[str, Counter[Reason]]:
    """Return how often deliveries were refused without being kept, in the hours that the span touches."""
    hour = since.replace(minute=0, second=0, microsecond=0)
    wanted = select(tallies.c.trigger_id, tallies.c.reason, tallies.c.count)
    found: dict[str, Counter[Reason]] = defaultdict(Counter)
    for row in connection.execute(wanted.where(tallies.c.trigger_id.in_(ids), tallies.c.hour >= hour)):
        found[row.trigger_id][row.reason] += row[2]
    return found
