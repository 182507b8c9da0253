"""What people are asked to decide, and what each of them said."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select, update

from engine.clock import rfc3339
from engine.errors import Conflict, NotFound
from engine.store import database, signals
from engine.store.rows import Approval, Run, Signal, Vote
from engine.store.tables import runs
from engine.store.waiting_tables import approvals, votes
from engine.words import Decision

#: Approvals that are shown with a run.
MOST_ASKED = 100


class Asked(NamedTuple):
    """An approval, the run that waits for it, and the votes so far in their order."""

    approval: Approval
    run: Run
    votes: tuple[Vote, ...]


def open_ones(connection: Connection, limit: int, after: str = "") -> list[Asked]:
    """Return what waits for people, oldest first; after: an id."""
    wanted = select(approvals).where(approvals.c.closed_at.is_(None), approvals.c.id > after)
    rows = connection.execute(wanted.order_by(approvals.c.id).limit(limit)).mappings()
    return _asked(connection, [Approval(**row) for row in rows])


def decision_output(decision: Decision, given: Sequence[Vote] = ()) -> Mapping[str, object]:
    """Return what a step that asked people gives back; given: the votes in their order, the last of which decided."""
    said = [_said(vote) for vote in given]
    last = said[-1] if said else {"by": None, "at": None, "fields": {}}
    return {"answer": decision.value, **{name: last[name] for name in ("by", "at", "fields")}, "votes": said}


def number_open(connection: Connection) -> int:
    """Return how many approvals wait for people."""
    return connection.scalar(select(func.count()).where(approvals.c.closed_at.is_(None))) or 0


def find(connection: Connection, approval_id: str) -> Asked:
    """Return an approval.

    Raises:
        NotFound: there is none with that id (404).
    """
    rows = connection.execute(select(approvals).where(approvals.c.id == approval_id)).mappings()
    for asked in _asked(connection, [Approval(**row) for row in rows]):
        return asked
    raise NotFound(f"there is no approval {approval_id!r}, or its run was forgotten")


def of_run(connection: Connection, run_id: str) -> list[Asked]:
    """Return what the steps of a run asked people, in order."""
    rows = connection.execute(select(approvals).where(approvals.c.run_id == run_id).order_by(approvals.c.id)).mappings()
    return _asked(connection, [Approval(**row) for row in rows])


def open_of(connection: Connection, run_id: str) -> list[Asked]:
    """Return what a run, and the runs that its steps wait for, ask people at present, in order."""
    asking = select(runs.c.id).where(runs.c.id == run_id).cte("asking", recursive=True)
    awaited = runs.c.parent_path.is_not(None), runs.c.finished_at.is_(None)
    asking = asking.union_all(select(runs.c.id).join(asking, runs.c.parent_id == asking.c.id).where(*awaited))
    wanted = select(approvals).join(asking, approvals.c.run_id == asking.c.id).where(approvals.c.closed_at.is_(None))
    by_run = wanted.order_by(approvals.c.asked_at, approvals.c.id)  # by the id alone, all that are open are walked
    rows = connection.execute(by_run.limit(MOST_ASKED)).mappings()
    return _asked(connection, [Approval(**row) for row in rows])


def vote(connection: Connection, given: Vote) -> Approval:
    """Write down a vote, and when it decides, tell the step that waits.

    Raises:
        NotFound: there is no such approval (404).
        Conflict: nobody waits for it any more, or the voter has voted (409).
    """
    approval = find(connection, given.approval_id).approval
    signals.lock(connection, [approval.run_id])  # before it is read for good: whoever ends the step locks it too
    approval = find(connection, given.approval_id).approval
    if approval.closed_at is not None:
        raise Conflict(closed_words(approval))
    statement = database.insert(connection, votes).on_conflict_do_nothing().returning(votes.c.voter)
    if connection.scalar(statement, given._asdict()) is None:
        raise Conflict(f"each votes once, and {given.voter} has voted on {approval.id} already")
    return _concluded(connection, approval, given)


def closed_words(approval: Approval) -> str:
    """Return in words that nobody waits for an approval any more."""
    if approval.decision is not None:
        return f"the question {approval.id} was decided before: {approval.decision}"
    return f"nobody waits for {approval.id} any more: its time was over or its run has ended, see {approval.run_id}"


def _concluded(connection: Connection, approval: Approval, last: Vote) -> Approval:
    """Close the approval when it is decided: by one who rejects, or by so many who approve."""
    given = _votes(connection, [approval.id])
    approved = sum(vote.decision is Decision.APPROVED for vote in given)
    if last.decision is Decision.APPROVED and approved < approval.quorum:
        return approval
    signal = Signal(approval.run_id, approval.path, decision_output(last.decision, given), None, last.voted_at)
    if not signals.post(connection, [signal])[0]:
        raise Conflict(closed_words(approval))
    decided_one = approval._replace(closed_at=last.voted_at, decision=last.decision)
    change = update(approvals).where(approvals.c.id == approval.id)
    connection.execute(change.values(closed_at=decided_one.closed_at, decision=decided_one.decision))
    return decided_one


def _asked(connection: Connection, found: Sequence[Approval]) -> list[Asked]:
    """Return them with their runs; one whose run was forgotten in between is gone with it."""
    wanted = select(runs).where(runs.c.id.in_({approval.run_id for approval in found}))
    by_id = {row["id"]: Run(**row) for row in connection.execute(wanted).mappings()}
    given = _votes(connection, [approval.id for approval in found])
    return [
        Asked(approval, by_id[approval.run_id], tuple(vote for vote in given if vote.approval_id == approval.id))
        for approval in found
        if approval.run_id in by_id
    ]


def _votes(connection: Connection, approval_ids: Collection[str]) -> list[Vote]:
    wanted = select(votes).where(votes.c.approval_id.in_(approval_ids)).order_by(votes.c.voted_at, votes.c.voter)
    return [Vote(**row) for row in connection.execute(wanted).mappings()]


def _said(vote: Vote) -> Mapping[str, object]:
    by = vote.voter.removeprefix("user:")
    return {"by": by, "answer": vote.decision.value, "at": rfc3339(vote.voted_at), "fields": vote.fields}
