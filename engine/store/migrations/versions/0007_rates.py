"""Rates that hosts share."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "rates",
        sa.Column("key", sa.String(), nullable=False, comment="what is counted"),
        sa.Column(
            "full_at", sa.BigInteger(), nullable=False, comment="when all that the rate allows at once is there again"
        ),
        sa.PrimaryKeyConstraint("key"),
    )
