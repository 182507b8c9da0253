"""Do the numbers add up? Counted in one view of the database, whatever is written meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, Table, and_, exists, func, select

from engine.store.tables import deliveries, events, matches, releases, runs, tallies
from engine.words import Answer, Verdict

#: An event that nobody was asked about for this long is lost, not late.
LATE = timedelta(minutes=1)

Count = Select[int]


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What came in and what became of it."""

    received: int
    verdicts: Mapping[Verdict, int]
    #: Answers, and decisions about held ones, for which a run has to be there; runs by hand and replays come on top.
    matched: int
    runs: int
    #: What does not add up, by its kind; empty when all does.
    findings: Mapping[str, int]

    @property
    def unaccounted(self) -> int:
        """How many things do not add up."""
        return sum(self.findings.values())


def check_ledger(connection: Connection, now: datetime) -> LedgerCheck:
    """Count everything in one transaction that sees one state of the database."""
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ")
    verdicts = _verdicts(connection)
    questions = {
        "deliveries_without_their_events": _deliveries_without_their_events(),
        "events_never_matched": _events_never_matched(now),
        "events_without_delivery": _events_without_delivery(),
        "answers_without_run": _answers_without_run(),
        "decisions_without_run": _decisions_without_run(),
        "runs_without_event": _runs_without_event(),
    }
    counted = {name: _number(connection, question) for name, question in questions.items()}
    return LedgerCheck(
        received=_number(connection, select(func.count()).select_from(deliveries)) + _tallied(connection),
        verdicts=verdicts,
        matched=_number(connection, _started_by(matches)) + _number(connection, _started_by(releases)),
        runs=_number(connection, select(func.count()).select_from(runs)),
        findings={name: number for name, number in counted.items() if number},
    )


def _number(connection: Connection, question: Count) -> int:
    return connection.scalar(question) or 0


def _tallied(connection: Connection) -> int:
    return int(connection.scalar(select(func.sum(tallies.c.count))) or 0)


def _started_by(answers: Table) -> Count:
    return select(func.count()).where(answers.c.run_id.is_not(None))


def _verdicts(connection: Connection) -> Mapping[Verdict, int]:
    kept = select(deliveries.c.verdict, func.count()).group_by(deliveries.c.verdict)
    counted = select(tallies.c.verdict, func.sum(tallies.c.count)).group_by(tallies.c.verdict)
    found: dict[Verdict, int] = {}
    for verdict, number in [*connection.execute(kept), *connection.execute(counted)]:
        found[verdict] = found.get(verdict, 0) + int(number)
    return found


def _deliveries_without_their_events() -> Count:
    brought = select(events.c.delivery_id, func.count().label("number")).group_by(events.c.delivery_id).subquery()
    joined = deliveries.join(brought, brought.c.delivery_id == deliveries.c.id, isouter=True)
    differs = deliveries.c.event_count != func.coalesce(brought.c.number, 0)
    kept = deliveries.c.verdict.in_([Verdict.ACCEPTED, Verdict.SAMPLED, Verdict.QUARANTINED, Verdict.DUPLICATE])
    return select(func.count()).select_from(joined).where(differs, kept)


def _events_never_matched(now: datetime) -> Count:
    lost = and_(events.c.matched_at.is_(None), events.c.starts, events.c.received_at < now - LATE)
    return select(func.count()).where(lost)


def _events_without_delivery() -> Count:
    missing = ~exists().where(deliveries.c.id == events.c.delivery_id)
    return select(func.count()).select_from(events).where(missing)


def _answers_without_run() -> Count:
    """A workflow's yes is held or has a run; any other answer with a run has that run."""
    missing = and_(matches.c.run_id.is_not(None), ~exists().where(runs.c.id == matches.c.run_id))
    forgotten = and_(
        matches.c.answer == Answer.YES, matches.c.workflow != "", ~matches.c.held, matches.c.run_id.is_(None)
    )
    return select(func.count()).select_from(matches).where(missing | forgotten)


def _decisions_without_run() -> Count:
    missing = and_(releases.c.run_id.is_not(None), ~exists().where(runs.c.id == releases.c.run_id))
    return select(func.count()).select_from(releases).where(missing)


def _runs_without_event() -> Count:
    missing = and_(runs.c.event_id.is_not(None), ~exists().where(events.c.id == runs.c.event_id))
    return select(func.count()).select_from(runs).where(missing)
