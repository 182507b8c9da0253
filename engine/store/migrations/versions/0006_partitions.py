"""An index for queued runs; deliveries, events and the journal in partitions by month, on PostgreSQL."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from engine.ids import earliest_id

revision = "0006"
down_revision = "0005"

#: {table: (column that it is parted by, prefix of its identifiers, primary key)}
_PARTED = {
    "deliveries": ("id", "dlv", "id"),
    "events": ("id", "evt", "id"),
    "journal": ("run_id", "run", "run_id, path, visit"),
}


def upgrade() -> None:
    """Part them: what is there becomes the first partition as it is, of all that is born until this month ends."""
    queued = sa.text("outcome = 'queued'")
    op.create_index("runs_queued", "runs", ["workflow", "id"], sqlite_where=queued, postgresql_where=queued)
    if op.get_bind().dialect.name != "postgresql":
        return
    month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (month + timedelta(days=32)).replace(day=1)
    for table, (column, prefix, key) in _PARTED.items():
        first, indexes = f"{table}_{month:%Y_%m}", _indexes(table)
        op.rename_table(table, first)
        for name in indexes:
            op.execute(f"ALTER INDEX {name} RENAME TO {name.replace(table, first, 1)}")
        like = f"LIKE {first} INCLUDING DEFAULTS INCLUDING COMMENTS"
        op.execute(f"CREATE TABLE {table} ({like}) PARTITION BY RANGE ({column})")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({key})")
        for name, definition in indexes.items():
            if name != f"{table}_pkey":
                op.execute(definition)
        bounds = f"FROM (MINVALUE) TO ('{earliest_id(prefix, end)}')"
        op.execute(f"ALTER TABLE {table} ATTACH PARTITION {first} FOR VALUES {bounds}")


def _indexes(table: str) -> dict[str, str]:
    """Return the table's indexes, each with the statement that makes it: {name: statement}."""
    wanted = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = :name"
    return {row.indexname: row.indexdef for row in op.get_bind().execute(sa.text(wanted), {"name": table})}
