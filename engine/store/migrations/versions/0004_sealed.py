"""Deliveries that are kept sealed until their proof is found, and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make them."""
    op.add_column("triggers", sa.Column("on_unproven", sa.String(), server_default=sa.text("'refuse'"), nullable=False))
    op.create_table(
        "sealed",
        sa.Column("delivery_id", sa.String(), nullable=False, comment="refused for its signature, and not run"),
        sa.Column("trigger_id", sa.String(), nullable=False),
        sa.Column(
            "size",
            sa.Integer(),
            nullable=False,
            comment="bytes of body and head: what counts against the trigger's room",
        ),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="nothing is proved later"),
        sa.Column(
            "ask",
            sa.String(),
            nullable=True,
            comment="ask_..: to be proved again, since something changed; null: it was, in vain",
        ),
        sa.Column(
            "head",
            sa.LargeBinary(),
            nullable=False,
            comment="url, path, query and headers as they came, AES-256-GCM, bound to this row",
        ),
        sa.PrimaryKeyConstraint("delivery_id"),
    )
    op.create_index("sealed_by_trigger", "sealed", ["trigger_id", "delivery_id"], unique=False)
    op.create_index("sealed_by_time", "sealed", ["expires_at"], unique=False)
    asked = sa.text("ask IS NOT NULL")
    op.create_index(
        "sealed_asked",
        "sealed",
        ["trigger_id", "delivery_id"],
        unique=False,
        sqlite_where=asked,
        postgresql_where=asked,
    )
    op.create_table(
        "late_proofs",
        sa.Column("delivery_id", sa.String(), nullable=False, comment="that was sealed, and is not any more"),
        sa.Column("verdict", sa.String(), nullable=False, comment="rejected by its proof: nothing proved it in time"),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="the reason in words"),
        sa.Column("duplicate_of", sa.String(), nullable=True, comment="delivery that brought the same events first"),
        sa.Column("event_count", sa.Integer(), nullable=False, comment="events that it brought and that were new"),
        sa.Column("judged_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id"),
    )
