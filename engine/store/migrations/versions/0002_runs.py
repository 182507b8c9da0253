"""The tables of workflows and their runs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "connections",
        sa.Column("name", sa.String(), nullable=False, comment="slug, as steps write it"),
        sa.Column(
            "connector", sa.String(), nullable=True, comment="whose manifest says how to call; null: any HTTP service"
        ),
        sa.Column("scheme", sa.String(), nullable=False, comment="how the credentials are sent"),
        sa.Column("base_url", sa.String(), nullable=False, comment="where alone they are sent"),
        sa.Column(
            "test_path",
            sa.String(),
            nullable=True,
            comment="harmless address below it that a test reads; null: the connector's, or none",
        ),
        sa.Column(
            "sealed",
            sa.LargeBinary(),
            nullable=False,
            comment="{field: value} as JSON, AES-256-GCM, bound to this row",
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True, comment="noted now and then"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "callbacks",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False, comment="scheme, host and port"),
        sa.Column(
            "sealed", sa.LargeBinary(), nullable=False, comment="url and headers, AES-256-GCM; empty when finished"
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True, comment="of the next attempt; null: there is none"),
        sa.Column("finished_at", sa.BigInteger(), nullable=True, comment="when it was delivered or given up"),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True, comment="why the last attempt failed"),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index("callbacks_by_time", "callbacks", ["next_at"], unique=False)
    op.create_table(
        "journal",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False, comment="reset[2]/delete"),
        sa.Column("visit", sa.Integer(), nullable=False, comment="turn of a repeated step, from 1; never an attempt"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order in which the steps of the run began"),
        sa.Column("uses", sa.String(), nullable=True, comment="action; null: a group or loop"),
        sa.Column("outcome", sa.String(), nullable=False, comment="running: begun, and in doubt after a crash"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True, comment="a wait ends, or the next attempt starts"),
        sa.Column("input", sa.LargeBinary(), nullable=True, comment="what the action was given; of a loop: its items"),
        sa.Column("output", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.LargeBinary(), nullable=True, comment="{kind, message}"),
        sa.PrimaryKeyConstraint("run_id", "path", "visit"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "matches",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False, comment="empty: the trigger's own condition"),
        sa.Column("version", sa.String(), nullable=False, comment="of the workflow that was asked"),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column(
            "explanation",
            sa.LargeBinary(),
            nullable=True,
            comment="tree of the condition's parts; null: there was no condition",
        ),
        sa.Column(
            "held", sa.Boolean(), nullable=False, comment="the run waits for a person or for the trigger's resume"
        ),
        sa.Column("run_id", sa.String(), nullable=True, comment="the run that this answer started"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "workflow"),
    )
    op.create_index(
        "matches_held",
        "matches",
        ["event_id", "workflow"],
        unique=False,
        sqlite_where=sa.text("held"),
        postgresql_where=sa.text("held"),
    )
    op.create_table(
        "releases",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False, comment="run or skip"),
        sa.Column("run_id", sa.String(), nullable=True, comment="the run that was started"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "workflow"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(), nullable=False, comment="run_.."),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("trigger_id", sa.String(), nullable=True, comment="null: started by hand or by a schedule"),
        sa.Column("event_id", sa.String(), nullable=True, comment="null: started by hand or by a schedule"),
        sa.Column("inputs", sa.LargeBinary(), nullable=True, comment="of a run started by hand or by a schedule"),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column(
            "token", sa.Integer(), nullable=False, comment="fencing token: raised by every claim and by cancelling"
        ),
        sa.Column("lease_until", sa.BigInteger(), nullable=True, comment="whoever claimed it owns it until then"),
        sa.Column("deaths", sa.Integer(), nullable=False, comment="how often its lease ran out"),
        sa.Column("due_at", sa.BigInteger(), nullable=True, comment="a waiting run goes on then"),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True, comment="first claim"),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.LargeBinary(), nullable=True, comment="{step, kind, message} of a failed run"),
        sa.Column("outputs", sa.LargeBinary(), nullable=True, comment="the workflow's outputs"),
        sa.Column("rerun_of", sa.String(), nullable=True, comment="the run that this one repeats"),
        sa.Column(
            "runs_per",
            sa.String(),
            nullable=True,
            comment="of runs of the workflow with this value, one has begun and not ended",
        ),
        sa.Column(
            "when_busy",
            sa.String(),
            nullable=True,
            comment="what becomes of it while another with its value has not ended",
        ),
        sa.Column("scheduled_for", sa.BigInteger(), nullable=True, comment="the time of the schedule that started it"),
        sa.Column("missed", sa.Integer(), nullable=True, comment="times that it makes up for"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("runs_by_event", "runs", ["event_id", "id"], unique=False)
    op.create_index(
        "runs_by_schedule",
        "runs",
        ["workflow", "scheduled_for"],
        unique=True,
        sqlite_where=sa.text("scheduled_for IS NOT NULL AND rerun_of IS NULL"),
        postgresql_where=sa.text("scheduled_for IS NOT NULL AND rerun_of IS NULL"),
    )
    op.create_index("runs_by_workflow", "runs", ["workflow", "id"], unique=False)
    op.create_index(
        "runs_one_by_one",
        "runs",
        ["workflow", "runs_per", "id"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL AND runs_per IS NOT NULL"),
        postgresql_where=sa.text("finished_at IS NULL AND runs_per IS NOT NULL"),
    )
    op.create_index(
        "runs_ended_badly",
        "runs",
        ["outcome", "id"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NOT NULL AND outcome <> 'succeeded'"),
        postgresql_where=sa.text("finished_at IS NOT NULL AND outcome <> 'succeeded'"),
    )
    op.create_index(
        "runs_unfinished",
        "runs",
        ["outcome", "id"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "schedules",
        sa.Column("workflow", sa.String(), nullable=False, comment="one that is enabled and starts by the clock"),
        sa.Column("cron", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False, comment="the first time that has no run yet"),
        sa.PrimaryKeyConstraint("workflow"),
    )
    op.create_index("schedules_by_time", "schedules", ["next_at"], unique=False)
    op.create_table(
        "workflow_versions",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False, comment="the YAML, byte for byte"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version"),
    )
    op.create_table(
        "workflows",
        sa.Column("name", sa.String(), nullable=False, comment="identity: the address's name, or the file's stem"),
        sa.Column("version", sa.String(), nullable=False, comment="the current version: SHA-256 of its text"),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
