"""What steps wait for that comes from outside their run, what people decide, and what a run knows of its parent."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make them."""
    _add_parents()
    op.add_column(
        "journal",
        sa.Column(
            "resolutions",
            sa.LargeBinary(),
            nullable=True,
            comment="[{decision, by, at}]: what people decided about it after a crash",
        ),
    )
    op.create_table(
        "signals",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False, comment="the step that waited for it"),
        sa.Column("output", sa.LargeBinary(), nullable=True, comment="what the step gives back"),
        sa.Column("error", sa.LargeBinary(), nullable=True, comment="{kind, message}: the step fails instead"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "path"),
        sqlite_with_rowid=False,
    )
    _make_event_waits()
    op.create_table(
        "correlations",
        sa.Column(
            "event_id", sa.String(), nullable=False, comment="the steps that wait for such events were not asked yet"
        ),
        sa.PrimaryKeyConstraint("event_id"),
    )
    _make_approvals()


def _add_parents() -> None:
    op.add_column(
        "runs", sa.Column("parent_id", sa.String(), nullable=True, comment="the run that started it; null: none did")
    )
    op.add_column(
        "runs",
        sa.Column(
            "parent_path",
            sa.String(),
            nullable=True,
            comment="the parent's step that waits for its end; null: none does",
        ),
    )
    op.add_column(
        "runs",
        sa.Column(
            "depth", sa.Integer(), nullable=False, server_default=sa.text("0"), comment="how many runs stand above it"
        ),
    )
    _make_index("runs_by_due_time", "runs", ["due_at"], "finished_at IS NULL AND due_at IS NOT NULL")
    _make_index("runs_by_parent", "runs", ["parent_id"], "parent_id IS NOT NULL")


def _make_event_waits() -> None:
    op.create_table(
        "event_waits",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("trigger_id", sa.String(), nullable=False, comment="whose events may end the wait"),
        sa.Column("types", sa.LargeBinary(), nullable=False, comment="globs of event types; empty: all of them"),
        sa.Column(
            "condition",
            sa.Text(),
            nullable=True,
            comment="expression over the later event and what was kept; null: any event will do",
        ),
        sa.Column(
            "kept",
            sa.LargeBinary(),
            nullable=False,
            comment="what the condition reads beside the later event: part of the scope",
        ),
        sa.Column(
            "key_of",
            sa.Text(),
            nullable=False,
            comment="what of the later event has to equal the key; empty: nothing",
        ),
        sa.Column(
            "key",
            sa.Text(),
            nullable=False,
            comment="as JSON: tells of most events that they are not the one, by an index",
        ),
        sa.Column("since", sa.BigInteger(), nullable=False, comment="events received before then do not count"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "looked_back", sa.Boolean(), nullable=False, comment="events that came before this row were looked through"
        ),
        sa.PrimaryKeyConstraint("run_id", "path"),
        sqlite_with_rowid=False,
    )
    op.create_index("event_waits_by_key", "event_waits", ["trigger_id", "key_of", "key"], unique=False)
    _make_index("event_waits_not_looked_back", "event_waits", ["created_at"], "NOT looked_back")
    op.create_table(
        "ended_waits",
        sa.Column("event_id", sa.String(), nullable=False, comment="the event that a step waited for"),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False, comment="the step, which has gone on with the event"),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "run_id", "path"),
        sqlite_with_rowid=False,
    )
    op.create_index("ended_waits_by_run", "ended_waits", ["run_id"], unique=False)


def _make_approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(), nullable=False, comment="apr_.."),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column(
            "title", sa.LargeBinary(), nullable=False, comment="text that may hold what a sender wrote, so also NUL"
        ),
        sa.Column("details", sa.LargeBinary(), nullable=False, comment="as the title"),
        sa.Column(
            "fields", sa.LargeBinary(), nullable=False, comment="JSON Schema of each value that an approver gives"
        ),
        sa.Column("approvers", sa.LargeBinary(), nullable=False, comment="role:<role> or user:<name>, any of them"),
        sa.Column("quorum", sa.Integer(), nullable=False, comment="so many have to approve; one who rejects decides"),
        sa.Column("digest", sa.String(), nullable=False, comment="SHA-256 of what is shown: a vote is on just this"),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True, comment="null: it waits as long as the run may"),
        sa.Column(
            "closed_at", sa.BigInteger(), nullable=True, comment="when it was decided, or nobody waited for it any more"
        ),
        sa.Column("decision", sa.String(), nullable=True, comment="null: open, or closed undecided"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("approvals_by_run", "approvals", ["run_id", "path"], unique=False)
    _make_index("approvals_open", "approvals", ["id"], "closed_at IS NULL")
    op.create_table(
        "votes",
        sa.Column("approval_id", sa.String(), nullable=False),
        sa.Column("voter", sa.String(), nullable=False, comment="user:<name> or token:<name>"),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False, comment="the values that the approver gave"),
        sa.Column("voted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("approval_id", "voter"),
        sqlite_with_rowid=False,
    )


def _make_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
