"""Do the numbers add up? Counted in one view of the database, whatever is written meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Select, Table, and_, exists, func, select, union_all

from engine.store.sealed_tables import late_proofs, sealed
from engine.store.tables import deliveries, events, matches, releases, runs, tallies
from engine.words import Answer, Reason, Verdict

#: An event that nobody was asked about for this long is lost, not late.
LATE = timedelta(minutes=1)

Count = Select[int]


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What came in and what became of it."""

    received: int
    verdicts: Mapping[Verdict, int]
    #: Of those, requests at an address that no trigger has: they are counted, and nothing of them is kept.
    unknown_addresses: int
    #: Answers, and decisions about held ones, for which a run has to be there; runs by hand and replays come on top.
    matched: int
    runs: int
    #: Refused for their signature, and kept to be proved again.
    sealed: int
    #: What became of those that are not sealed any more, beside the verdicts that they had first.
    late_proofs: Mapping[Verdict, int]
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
        "events_without_proof": _events_without_proof(),
        "late_proofs_without_their_events": _late_proofs_without_their_events(),
        "sealed_without_delivery": _sealed_without_delivery(),
        "sealed_and_proved": _sealed_and_proved(),
        "answers_without_run": _answers_without_run(),
        "decisions_without_run": _decisions_without_run(),
        "runs_without_event": _runs_without_event(),
    }
    counted = {name: _number(connection, question) for name, question in questions.items()}
    return LedgerCheck(
        received=_number(connection, select(func.count()).select_from(deliveries)) + _tallied(connection),
        verdicts=verdicts,
        unknown_addresses=_unknown_addresses(connection),
        matched=_number(connection, _started_by(matches)) + _number(connection, _started_by(releases)),
        runs=_number(connection, select(func.count()).select_from(runs)),
        sealed=_number(connection, select(func.count()).select_from(sealed)),
        late_proofs=_late(connection),
        findings={name: number for name, number in counted.items() if number},
    )


def _number(connection: Connection, question: Count) -> int:
    return connection.scalar(question) or 0


def _tallied(connection: Connection) -> int:
    return int(connection.scalar(select(func.sum(tallies.c.count))) or 0)


def _unknown_addresses(connection: Connection) -> int:
    wanted = select(func.sum(tallies.c.count)).where(tallies.c.reason == Reason.UNKNOWN_ADDRESS)
    return int(connection.scalar(wanted) or 0)


def _started_by(answers: Table) -> Count:
    return select(func.count()).where(answers.c.run_id.is_not(None))


def _verdicts(connection: Connection) -> Mapping[Verdict, int]:
    kept = select(deliveries.c.verdict, func.count()).group_by(deliveries.c.verdict)
    counted = select(tallies.c.verdict, func.sum(tallies.c.count)).group_by(tallies.c.verdict)
    found: dict[Verdict, int] = {}
    for verdict, number in [*connection.execute(kept), *connection.execute(counted)]:
        found[verdict] = found.get(verdict, 0) + int(number)
    return found


def _late(connection: Connection) -> Mapping[Verdict, int]:
    counted = select(late_proofs.c.verdict, func.count()).group_by(late_proofs.c.verdict)
    return {row.verdict: row[1] for row in connection.execute(counted)}


def _deliveries_without_their_events() -> Count:
    kept = deliveries.c.verdict.in_([Verdict.ACCEPTED, Verdict.SAMPLED, Verdict.QUARANTINED, Verdict.DUPLICATE])
    return _without_their_events(deliveries, deliveries.c.id).where(kept)


def _late_proofs_without_their_events() -> Count:
    return _without_their_events(late_proofs, late_proofs.c.delivery_id)


def _without_their_events(table: Table, key: Column[str]) -> Count:
    brought = select(events.c.delivery_id, func.count().label("number")).group_by(events.c.delivery_id).subquery()
    joined = table.join(brought, brought.c.delivery_id == key, isouter=True)
    differs = table.c.event_count != func.coalesce(brought.c.number, 0)
    return select(func.count()).select_from(joined).where(differs)


def _events_never_matched(now: datetime) -> Count:
    """An event of a sealed delivery was received long before there was an event: when that was proved counts."""
    lost = and_(events.c.matched_at.is_(None), events.c.starts, events.c.received_at < now - LATE)
    just = and_(late_proofs.c.delivery_id == events.c.delivery_id, late_proofs.c.judged_at >= now - LATE)
    return select(func.count()).where(lost, ~exists().where(just))


def _events_without_delivery() -> Count:
    missing = ~exists().where(deliveries.c.id == events.c.delivery_id)
    return select(func.count()).select_from(events).where(missing)


def _events_without_proof() -> Count:
    """What was refused brings events by a late proof alone."""
    proved = exists().where(late_proofs.c.delivery_id == deliveries.c.id)
    refused = events.join(deliveries, deliveries.c.id == events.c.delivery_id)
    return select(func.count()).select_from(refused).where(deliveries.c.verdict == Verdict.REJECTED, ~proved)


def _sealed_without_delivery() -> Count:
    either = union_all(select(sealed.c.delivery_id), select(late_proofs.c.delivery_id)).subquery()
    missing = ~exists().where(deliveries.c.id == either.c.delivery_id)
    return select(func.count()).select_from(either).where(missing)


def _sealed_and_proved() -> Count:
    both = sealed.join(late_proofs, late_proofs.c.delivery_id == sealed.c.delivery_id)
    return select(func.count()).select_from(both)


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
