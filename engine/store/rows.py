"""Rows as the rest of Wink reads them: one frozen dataclass a table, with the columns of ``tables.py``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import Table

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

from engine.words import Answer, OnMismatch, OnUnknown, Outcome, Reason, TriggerState, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
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
    dedup: str | None
    rate: str | None
    networks: Sequence[str] | None
    public_url: str | None
    reply: Mapping[str, object] | None
    listening_until: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One request at a trigger and what became of it; the columns of ``deliveries``."""

    id: str
    trigger_id: str
    received_at: datetime
    method: str
    query: str
    headers: Mapping[str, Sequence[str]]
    address: str
    body: bytes
    size: int
    verdict: Verdict
    reason: Reason
    detail: str
    status: int
    duplicate_of: str | None = None
    event_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a trigger (``workflow`` empty) or a workflow answered about an event."""

    event_id: str
    workflow: str
    version: str
    answer: Answer
    explanation: object
    held: bool
    run_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWorkflow:
    """A workflow with its current text."""

    name: str
    version: str
    enabled: bool
    created_at: datetime
    updated_at: datetime
    text: bytes


@cache
def _reader(table: Table) -> Callable[[object], tuple[object, ...]]:
    return attrgetter(*(column.name for column in table.columns))


def values_of(row: "DataclassInstance", table: Table) -> tuple[object, ...]:
    """Return the row's values in the order of the table's columns, uncopied."""
    return _reader(table)(row)


def columns_of(row: "DataclassInstance") -> dict[str, object]:
    """Return the row as {column: value}, uncopied."""
    return {field.name: getattr(row, field.name) for field in fields(row)}
