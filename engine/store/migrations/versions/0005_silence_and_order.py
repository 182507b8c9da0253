"""How long a trigger may receive nothing, and in which order events about the same thing count."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make them."""
    op.add_column(
        "triggers",
        sa.Column("silence", sa.String(), nullable=True, comment="how long silence is normal, 6h; null: any time"),
    )
    op.add_column(
        "triggers",
        sa.Column(
            "order",
            sa.LargeBinary(),
            nullable=True,
            comment="{key, by}: an event that comes after a later one with its key starts nothing",
        ),
    )
    op.create_table(
        "silences",
        sa.Column(
            "trigger_id",
            sa.String(),
            nullable=False,
            comment="one that is published and says how long silence is normal",
        ),
        sa.Column(
            "since",
            sa.BigInteger(),
            nullable=False,
            comment="the last delivery that was taken, or since when it is waited for",
        ),
        sa.Column("seen_at", sa.BigInteger(), nullable=False, comment="until then somebody was there to hear"),
        sa.Column("raised_at", sa.BigInteger(), nullable=True, comment="when it was too long; null: it is not"),
        sa.PrimaryKeyConstraint("trigger_id"),
    )
    op.create_table(
        "latest",
        sa.Column("trigger_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False, comment="what the trigger's order says events are about"),
        sa.Column(
            "position",
            sa.Double(),
            nullable=False,
            comment="where in the order it stands: a number, or seconds since 1970",
        ),
        sa.Column(
            "event_id",
            sa.String(),
            nullable=False,
            comment="the last one by that order; one before it is overtaken",
        ),
        sa.PrimaryKeyConstraint("trigger_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("latest_by_event", "latest", ["event_id"], unique=False)
