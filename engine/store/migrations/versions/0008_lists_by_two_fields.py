"""Indexes for lists by two fields and for the bodies of what was refused; none for the verdict that most have."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_RARE, _ODD = "verdict <> 'accepted'", "reason <> 'new'"
_ENDED_BADLY = "finished_at IS NOT NULL AND outcome <> 'succeeded'"

#: (name, table, columns, of which rows; None: of all)
_INDEXES = (
    ("deliveries_by_verdict", "deliveries", ["verdict", "id"], _RARE),
    ("deliveries_by_trigger_and_verdict", "deliveries", ["trigger_id", "verdict", "id"], _RARE),
    ("deliveries_by_trigger_and_reason", "deliveries", ["trigger_id", "reason", "id"], _ODD),
    (
        "deliveries_refused_bodies",
        "deliveries",
        ["trigger_id", "verdict", "id", "size"],
        "verdict = 'rejected' AND length(body) > 0",
    ),
    ("events_by_trigger_and_type", "events", ["trigger_id", "type", "id"], None),
    ("runs_ended_badly_by_workflow", "runs", ["workflow", "outcome", "id"], _ENDED_BADLY),
    ("runs_ended_badly_by_trigger", "runs", ["trigger_id", "outcome", "id"], _ENDED_BADLY),
)


def upgrade() -> None:
    """Make them; writers wait until they are there, about a second for each million rows."""
    op.drop_index("deliveries_by_verdict", "deliveries")
    for name, table, columns, which in _INDEXES:
        where = None if which is None else sa.text(which)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
