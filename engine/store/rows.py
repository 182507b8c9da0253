"""Rows as the rest of Wink reads and writes them: named tuples, with the columns of ``tables.py`` in their order.

:class:`Event` and :class:`StoredWorkflow` are read alone, and put together from two tables.

Named tuples, because a row is then its own list of values for a statement, and because most of the work of a small run
would otherwise be making and copying dataclasses.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from engine.words import (
    Answer,
    Decision,
    OnMismatch,
    OnUnknown,
    OnUnproven,
    Outcome,
    Reason,
    TriggerState,
    Verdict,
    WhenBusy,
)


class Trigger(NamedTuple):
    """One inbound URL; the columns of ``triggers``."""

    id: str
    name: str
    title: str
    connector: str
    auth: str
    path: str
    state: TriggerState
    recipe: object
    events: Sequence[str] | None
    condition: object
    on_unknown: OnUnknown
    on_mismatch: OnMismatch
    on_unproven: OnUnproven
    dedup: str | None
    rate: str | None
    networks: Sequence[str] | None
    public_url: str | None
    reply: Mapping[str, object] | None
    listening_until: datetime | None
    created_at: datetime
    updated_at: datetime
    silence: str | None = None
    order: Mapping[str, str] | None = None

    def is_listened_to(self, now: datetime) -> bool:
        """Tell whether somebody listens for a sample: what comes in now becomes one."""
        return self.listening_until is not None and now < self.listening_until


class Delivery(NamedTuple):
    """One request at a trigger and what became of it; the columns of ``deliveries``."""

    id: str
    trigger_id: str
    received_at: datetime
    method: str
    query: str
    headers: Mapping[str, Sequence[str]]
    address: str
    size: int
    verdict: Verdict
    reason: Reason
    detail: str
    status: int
    duplicate_of: str | None = None
    event_count: int = 0
    body: bytes = b""


class LateProof(NamedTuple):
    """What became of a sealed delivery in the end; the columns of ``late_proofs``."""

    delivery_id: str
    verdict: Verdict
    reason: Reason
    detail: str
    duplicate_of: str | None
    event_count: int
    judged_at: datetime


class Event(NamedTuple):
    """One fact in a delivery; data is JSON."""

    id: str
    trigger_id: str
    delivery_id: str
    key: str | None
    type: str
    source: str
    time: datetime
    received_at: datetime
    data: bytes
    held: Reason | None
    matched_at: datetime | None


class Match(NamedTuple):
    """What a trigger (``workflow`` empty) or a workflow answered about an event."""

    event_id: str
    workflow: str
    version: str
    answer: Answer
    explanation: object
    held: bool
    run_id: str | None
    created_at: datetime


class Run(NamedTuple):
    """One workflow version for one event; the columns of ``runs``."""

    id: str
    workflow: str
    version: str
    trigger_id: str | None
    event_id: str | None
    inputs: Mapping[str, object] | None
    outcome: Outcome
    token: int
    lease_until: datetime | None
    deaths: int
    due_at: datetime | None
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: Mapping[str, object] | None
    outputs: object
    rerun_of: str | None
    runs_per: str | None = None
    when_busy: WhenBusy | None = None
    scheduled_for: datetime | None = None
    missed: int | None = None
    parent_id: str | None = None
    parent_path: str | None = None
    depth: int = 0

    def begun(self, now: datetime, lease_until: datetime) -> "Run":
        """Return it as it is when it begins at once, and is ours; ``_replace`` takes four times as long."""
        return Run._make((*self[:6], Outcome.RUNNING, 1, lease_until, *self[9:12], now, *self[13:]))


class ScheduleRow(NamedTuple):
    """When an enabled workflow starts next by the clock; the columns of ``schedules``."""

    workflow: str
    cron: str
    timezone: str
    next_at: datetime


class SilenceRow(NamedTuple):
    """Since when a trigger has received nothing; the columns of ``silences``."""

    trigger_id: str
    since: datetime
    seen_at: datetime
    raised_at: datetime | None


class CallbackRow(NamedTuple):
    """Who is told when a run has ended; the columns of ``callbacks``."""

    run_id: str
    origin: str
    sealed: bytes
    attempts: int
    next_at: datetime | None
    finished_at: datetime | None
    delivered: bool
    error: str | None


class Entry(NamedTuple):
    """What the journal says of one step of a run."""

    run_id: str
    path: str
    visit: int
    position: int
    uses: str | None
    outcome: Outcome
    attempts: int
    started_at: datetime
    finished_at: datetime | None
    due_at: datetime | None
    input: object
    output: object
    error: Mapping[str, object] | None
    #: What people decided about it when nobody knew whether it had happened, in order: ``{decision, by, at}``.
    resolutions: Sequence[Mapping[str, object]] | None = None

    @classmethod
    def begun(cls, run_id: str, path: str, position: int, uses: str | None, now: datetime, given: object) -> "Entry":  # noqa: PLR0913, PLR0917 - a row
        """Return that a step begins, with what it is given; so many names at once would take twice as long."""
        return cls(
            run_id, path, 1, position, uses, Outcome.RUNNING, 1 if uses else 0, now, None, None, given, None, None
        )

    def ended(self, outcome: Outcome, now: datetime, output: object) -> "Entry":
        """Return it as it is when its step has ended so; ``_replace`` takes four times as long."""
        key, attempts, began = self[:5], self.attempts, self.started_at
        return Entry._make((*key, outcome, attempts, began, now, None, self.input, output, None, self.resolutions))


class Signal(NamedTuple):
    """What a waiting step waited for: its output, or why it fails; the columns of ``signals``."""

    run_id: str
    path: str
    output: object
    error: Mapping[str, object] | None
    created_at: datetime


class EventWait(NamedTuple):
    """A step that waits for a later event; the columns of ``event_waits``."""

    run_id: str
    path: str
    trigger_id: str
    types: Sequence[str]
    condition: str | None
    kept: Mapping[str, object]
    key_of: str
    key: str
    since: datetime
    created_at: datetime
    looked_back: bool = False


class EndedWait(NamedTuple):
    """A step whose wait an event has ended; the columns of ``ended_waits``."""

    event_id: str
    run_id: str
    path: str
    ended_at: datetime


class Approval(NamedTuple):
    """A step that waits for people to decide; the columns of ``approvals``."""

    id: str
    run_id: str
    path: str
    title: str
    details: str
    fields: Mapping[str, Mapping[str, object]]
    approvers: Sequence[str]
    quorum: int
    digest: str
    asked_at: datetime
    expires_at: datetime | None
    closed_at: datetime | None = None
    decision: Decision | None = None


class Vote(NamedTuple):
    """What one approver said; the columns of ``votes``."""

    approval_id: str
    voter: str
    decision: Decision
    fields: Mapping[str, object]
    voted_at: datetime


class StoredWorkflow(NamedTuple):
    """A workflow with its current text."""

    name: str
    version: str
    enabled: bool
    created_at: datetime
    updated_at: datetime
    text: bytes
