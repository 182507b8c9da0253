"""The tables of what is watched about triggers, beside those of ``tables.py``."""

from sqlalchemy import Column, Double, Index, PrimaryKeyConstraint, String, Table

from engine.store.columns import Moment
from engine.store.metadata import metadata

silences = Table(
    "silences",
    metadata,
    Column("trigger_id", String, primary_key=True, comment="one that is published and says how long silence is normal"),
    Column("since", Moment, nullable=False, comment="the last delivery that was taken, or since when it is waited for"),
    Column("seen_at", Moment, nullable=False, comment="until then somebody was there to hear"),
    Column("raised_at", Moment, comment="when it was too long; null: it is not"),
)

latest = Table(
    "latest",
    metadata,
    Column("trigger_id", String, nullable=False),
    Column("key", String, nullable=False, comment="what the trigger's order says events are about"),
    Column("position", Double, nullable=False, comment="where in the order it stands: a number, or seconds since 1970"),
    Column("event_id", String, nullable=False, comment="the last one by that order; one before it is overtaken"),
    PrimaryKeyConstraint("trigger_id", "key"),
    Index("latest_by_event", "event_id"),
    sqlite_with_rowid=False,
)

rates = Table(
    "rates",
    metadata,
    Column("key", String, primary_key=True, comment="what is counted"),
    Column("full_at", Moment, nullable=False, comment="when all that the rate allows at once is there again"),
)
