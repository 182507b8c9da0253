"""The tables of steps that wait for something from outside their run, beside those of ``tables.py``."""

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from engine.store.columns import Json, Moment, Word
from engine.store.metadata import metadata
from engine.words import Decision

signals = Table(
    "signals",
    metadata,
    Column("run_id", String, nullable=False),
    Column("path", String, nullable=False, comment="the step that waited for it"),
    Column("output", Json, comment="what the step gives back"),
    Column("error", Json, comment="{kind, message}: the step fails instead"),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("run_id", "path"),
    sqlite_with_rowid=False,
)

event_waits = Table(
    "event_waits",
    metadata,
    Column("run_id", String, nullable=False),
    Column("path", String, nullable=False),
    Column("trigger_id", String, nullable=False, comment="whose events may end the wait"),
    Column("types", Json, nullable=False, comment="globs of event types; empty: all of them"),
    Column("condition", Text, comment="expression over the later event and what was kept; null: any event will do"),
    Column("kept", Json, nullable=False, comment="what the condition reads beside the later event: part of the scope"),
    Column("key_of", Text, nullable=False, comment="what of the later event has to equal the key; empty: nothing"),
    Column("key", Text, nullable=False, comment="as JSON: tells of most events that they are not the one, by an index"),
    Column("since", Moment, nullable=False, comment="events received before then do not count"),
    Column("created_at", Moment, nullable=False),
    Column("looked_back", Boolean, nullable=False, comment="events that came before this row were looked through"),
    PrimaryKeyConstraint("run_id", "path"),
    Index("event_waits_by_key", "trigger_id", "key_of", "key"),
    sqlite_with_rowid=False,
)
_not_looked_back = text("NOT looked_back")
Index(
    "event_waits_not_looked_back",
    event_waits.c.created_at,
    sqlite_where=_not_looked_back,
    postgresql_where=_not_looked_back,
)

ended_waits = Table(
    "ended_waits",
    metadata,
    Column("event_id", String, nullable=False, comment="the event that a step waited for"),
    Column("run_id", String, nullable=False),
    Column("path", String, nullable=False, comment="the step, which has gone on with the event"),
    Column("ended_at", Moment, nullable=False),
    PrimaryKeyConstraint("event_id", "run_id", "path"),
    Index("ended_waits_by_run", "run_id"),
    sqlite_with_rowid=False,
)

correlations = Table(
    "correlations",
    metadata,
    Column("event_id", String, primary_key=True, comment="the steps that wait for such events were not asked yet"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String, primary_key=True, comment="apr_.."),
    Column("run_id", String, nullable=False),
    Column("path", String, nullable=False),
    Column("title", Json, nullable=False, comment="text that may hold what a sender wrote, so also NUL"),
    Column("details", Json, nullable=False, comment="as the title"),
    Column("fields", Json, nullable=False, comment="JSON Schema of each value that an approver gives"),
    Column("approvers", Json, nullable=False, comment="role:<role> or user:<name>, any of them"),
    Column("quorum", Integer, nullable=False, comment="so many have to approve; one who rejects decides"),
    Column("digest", String, nullable=False, comment="SHA-256 of what is shown: a vote is on just this"),
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment, comment="null: it waits as long as the run may"),
    Column("closed_at", Moment, comment="when it was decided, or nobody waited for it any more"),
    Column("decision", Word(Decision), comment="null: open, or closed undecided"),
    Index("approvals_by_run", "run_id", "path"),
)
_open = text("closed_at IS NULL")
Index("approvals_open", approvals.c.id, sqlite_where=_open, postgresql_where=_open)

votes = Table(
    "votes",
    metadata,
    Column("approval_id", String, nullable=False),
    Column("voter", String, nullable=False, comment="user:<name> or token:<name>"),
    Column("decision", Word(Decision), nullable=False),
    Column("fields", Json, nullable=False, comment="the values that the approver gave"),
    Column("voted_at", Moment, nullable=False),
    PrimaryKeyConstraint("approval_id", "voter"),
    sqlite_with_rowid=False,
)
