"""The tables of deliveries that are kept sealed, and of what became of them, beside those of ``tables.py``."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, text

from engine.store.columns import Moment, Word
from engine.store.metadata import metadata
from engine.words import Reason, Verdict

sealed = Table(
    "sealed",
    metadata,
    Column("delivery_id", String, primary_key=True, comment="refused for its signature, and not run"),
    Column("trigger_id", String, nullable=False),
    Column("size", Integer, nullable=False, comment="bytes of body and head: what counts against the trigger's room"),
    Column("expires_at", Moment, nullable=False, comment="nothing is proved later"),
    Column("ask", String, comment="ask_..: to be proved again, since something changed; null: it was, in vain"),
    Column(
        "head",
        LargeBinary,
        nullable=False,
        comment="url, path, query and headers as they came, AES-256-GCM, bound to this row",
    ),
    Index("sealed_by_trigger", "trigger_id", "delivery_id"),
    Index("sealed_by_time", "expires_at"),
)
_asked = text("ask IS NOT NULL")
Index("sealed_asked", sealed.c.trigger_id, sealed.c.delivery_id, sqlite_where=_asked, postgresql_where=_asked)

late_proofs = Table(
    "late_proofs",
    metadata,
    Column("delivery_id", String, primary_key=True, comment="that was sealed, and is not any more"),
    Column("verdict", Word(Verdict), nullable=False, comment="rejected by its proof: nothing proved it in time"),
    Column("reason", Word(Reason), nullable=False),
    Column("detail", Text, nullable=False, comment="the reason in words"),
    Column("duplicate_of", String, comment="delivery that brought the same events first"),
    Column("event_count", Integer, nullable=False, comment="events that it brought and that were new"),
    Column("judged_at", Moment, nullable=False),
)
