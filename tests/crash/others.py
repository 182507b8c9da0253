"""Those whom workflows wait for, in the experiments: a person who approves, and a system that reports back."""

import json
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from engine.path.approve import Door, Voter
from engine.runtime import Engine
from engine.store import approvals, waiting_tables
from engine.store.rows import Approval
from engine.words import Decision, Role
from tests.engines import deliver

ANN = Voter.user("ann", Role.EDITOR)


@dataclass
class Others:
    """They answer when they are asked, once each in the life of a process."""

    engine: Engine
    _told: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Answer what is asked now."""
        questions, waiting = self.engine.store.read(asked)
        for approval_id in questions:
            self._approve(self.engine.store.read(approvals.find, approval_id).approval)
        for run_id in waiting - self._told:
            self._told.add(run_id)
            deliver(self.engine, json.dumps({"run": run_id}).encode(), "later")

    def _approve(self, approval: Approval) -> None:
        door = Door(self.engine, "a key of the tests")
        door.vote(approval.id, ANN, Decision.APPROVED, nonce=door.nonce(approval, ANN), fields={})


def asked(connection: Connection) -> tuple[list[str], set[str]]:
    """Return what people are asked, and the runs that wait for events."""
    wanted = select(waiting_tables.approvals.c.id).where(waiting_tables.approvals.c.closed_at.is_(None))
    waiting = select(waiting_tables.event_waits.c.run_id)
    return list(connection.scalars(wanted)), set(connection.scalars(waiting))
