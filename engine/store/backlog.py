"""What is due and nobody has begun: how much it is, and since when."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from engine.store import database
from engine.store.tables import events, runs, unfinished
from engine.words import Outcome


class Backlog(NamedTuple):
    """Work that waits for somebody to do it."""

    #: Runs that are queued, also those that wait for another with their ``runs_per``.
    queued: int
    #: Since when the oldest event is unmatched, or the oldest run due; None where nothing waits.
    since: datetime | None

    def age(self, now: datetime) -> float:
        """Return for how many seconds the oldest waits."""
        return 0.0 if self.since is None else max(0.0, (now - self.since).total_seconds())


def backlog(connection: Connection, now: datetime, broken: Collection[str]) -> Backlog:
    """Return it, by a look into an index each; broken: ids of triggers whose events wait until they are mended."""
    clock = database.lease_clock(connection, now)
    queued = unfinished, runs.c.outcome == Outcome.QUEUED
    unmatched = select(events.c.received_at).where(events.c.matched_at.is_(None), events.c.trigger_id.not_in(broken))
    oldest = (
        unmatched.order_by(events.c.id).limit(1),
        select(runs.c.queued_at).where(*queued, runs.c.runs_per.is_(None)).order_by(runs.c.id).limit(1),
        select(func.min(runs.c.due_at)).where(unfinished, runs.c.due_at <= clock),
        select(func.min(runs.c.lease_until)).where(
            unfinished, runs.c.outcome == Outcome.RUNNING, runs.c.lease_until <= clock
        ),
    )
    found = [connection.scalar(query) for query in oldest]
    number = connection.scalar(select(func.count()).select_from(runs).where(*queued)) or 0
    return Backlog(number, min((moment for moment in found if moment is not None), default=None))
