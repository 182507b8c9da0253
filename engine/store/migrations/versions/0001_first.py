"""The first tables: what is received, and who may look at it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(), nullable=False, comment="dlv_.."),
        sa.Column("trigger_id", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False, comment="raw query string, keys scrubbed"),
        sa.Column(
            "headers", sa.LargeBinary(), nullable=False, comment="{lower-case name: [values]}, credentials scrubbed"
        ),
        sa.Column("address", sa.String(), nullable=False, comment="who sent it, behind the trusted proxies"),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes of the body as received"),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="the reason in words, for the ledger alone"),
        sa.Column("status", sa.Integer(), nullable=False, comment="HTTP status of the answer"),
        sa.Column("duplicate_of", sa.String(), nullable=True, comment="delivery that brought the same events first"),
        sa.Column(
            "event_count", sa.Integer(), nullable=False, comment="events that this delivery brought and that were new"
        ),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=False,
            comment="as received; empty when too large to keep; last, so that lists read no body",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "deliveries_by_reason",
        "deliveries",
        ["reason", "id"],
        unique=False,
        sqlite_where=sa.text("reason <> 'new'"),
        postgresql_where=sa.text("reason <> 'new'"),
    )
    op.create_index("deliveries_by_trigger", "deliveries", ["trigger_id", "id"], unique=False)
    op.create_index("deliveries_by_verdict", "deliveries", ["verdict", "id"], unique=False)
    op.create_table(
        "event_keys",
        sa.Column("trigger_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False, comment="the event that brought this key first"),
        sa.PrimaryKeyConstraint("trigger_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column("id", sa.String(), nullable=False, comment="evt_.."),
        sa.Column("trigger_id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=True, comment="the vendor's id; null: it has none"),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False, comment="connector and trigger, as CloudEvents asks"),
        sa.Column("time", sa.BigInteger(), nullable=False, comment="when it happened, else when it was received"),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "data",
            sa.LargeBinary(),
            nullable=True,
            comment="JSON; null: the delivery's body is the data, byte for byte",
        ),
        sa.Column(
            "held",
            sa.String(),
            nullable=True,
            comment="why its runs wait for a person: held, schema_mismatch; null: they do not",
        ),
        sa.Column("starts", sa.Boolean(), nullable=False, comment="false: a sample that starts nothing"),
        sa.Column(
            "matched_at",
            sa.BigInteger(),
            nullable=True,
            comment="when the workflows were asked, or that nobody is; null: not yet",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("events_by_delivery", "events", ["delivery_id"], unique=False)
    op.create_index("events_by_trigger", "events", ["trigger_id", "id"], unique=False)
    op.create_index("events_by_type", "events", ["type", "id"], unique=False)
    op.create_index(
        "events_unmatched",
        "events",
        ["id"],
        unique=False,
        sqlite_where=sa.text("matched_at IS NULL"),
        postgresql_where=sa.text("matched_at IS NULL"),
    )
    op.create_table(
        "marks",
        sa.Column(
            "name", sa.String(), nullable=False, comment="changes: raised when a trigger or workflow changes; key_check"
        ),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "samples",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("trigger_id", sa.String(), nullable=False),
        sa.Column("captured_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("samples_by_trigger", "samples", ["trigger_id", "captured_at"], unique=False)
    op.create_table(
        "schemas",
        sa.Column("trigger_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False, comment="event type"),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts from 1 per trigger and type"),
        sa.Column("schema", sa.LargeBinary(), nullable=False, comment="JSON Schema 2020-12"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trigger_id", "type", "version"),
    )
    op.create_table(
        "secrets",
        sa.Column("id", sa.String(), nullable=False, comment="sec_.."),
        sa.Column("owner", sa.String(), nullable=False, comment="id of the trigger it belongs to"),
        sa.Column("name", sa.String(), nullable=False, comment="which of the owner's secrets"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="AES-256-GCM, bound to this row"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "expires_at",
            sa.BigInteger(),
            nullable=True,
            comment="end of a rotation's overlap; null: valid until rotated",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("secrets_by_owner", "secrets", ["owner"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.LargeBinary(), nullable=False, comment="SHA-256 of the value in the cookie"),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False, comment="noted now and then"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="then it ends, however much it is used"),
        sa.Column("address", sa.String(), nullable=False, comment="who signed in, behind the trusted proxies"),
        sa.Column(
            "agent", sa.String(), nullable=False, comment="what the browser calls itself, in printable characters"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sessions_by_user", "sessions", ["user_id"], unique=False)
    op.create_table(
        "signatures",
        sa.Column(
            "expires_at",
            sa.BigInteger(),
            nullable=False,
            comment="signed time plus window: then the proof fails by itself",
        ),
        sa.Column("trigger_id", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of what was signed"),
        sa.Column("delivery_id", sa.String(), nullable=False, comment="the delivery that was accepted with it"),
        sa.PrimaryKeyConstraint("expires_at", "trigger_id", "digest"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tallies",
        sa.Column("trigger_id", sa.String(), nullable=False, comment="empty: requests to unknown addresses"),
        sa.Column("hour", sa.BigInteger(), nullable=False, comment="start of the hour counted"),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False, comment="requests that were counted and not kept"),
        sa.PrimaryKeyConstraint("trigger_id", "hour", "verdict", "reason"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(), nullable=False, comment="tok_.."),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "triggers",
        sa.Column("id", sa.String(), nullable=False, comment="trg_.."),
        sa.Column("name", sa.String(), nullable=False, comment="slug, for good"),
        sa.Column("title", sa.String(), nullable=False, comment="what people read"),
        sa.Column("connector", sa.String(), nullable=False, comment="name of a folder of connectors/"),
        sa.Column(
            "auth", sa.String(), nullable=False, comment="way of the connector by which the sender proves itself"
        ),
        sa.Column("path", sa.String(), nullable=False, comment="128 random bits: the address under /webhooks/"),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column(
            "recipe",
            sa.LargeBinary(),
            nullable=True,
            comment="custom trigger by signature: name of a recipe, or one written out",
        ),
        sa.Column("events", sa.LargeBinary(), nullable=True, comment="event types taken, globs allowed; null: all"),
        sa.Column("condition", sa.LargeBinary(), nullable=True, comment="text or rows; null: every event"),
        sa.Column("on_unknown", sa.String(), nullable=False),
        sa.Column("on_mismatch", sa.String(), nullable=False),
        sa.Column(
            "dedup", sa.Text(), nullable=True, comment="'body' or an expression instead of the connector's event id"
        ),
        sa.Column("rate", sa.String(), nullable=True, comment="deliveries per time, 100/s or 600/m; null: unlimited"),
        sa.Column("networks", sa.LargeBinary(), nullable=True, comment="CIDR list that may send; null: anywhere"),
        sa.Column(
            "public_url", sa.String(), nullable=True, comment="this trigger's own public address instead of the setting"
        ),
        sa.Column(
            "reply", sa.LargeBinary(), nullable=True, comment="{status, body} on acceptance instead of the connector's"
        ),
        sa.Column(
            "listening_until",
            sa.BigInteger(),
            nullable=True,
            comment="until then the next authentic delivery becomes the sample",
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("path"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(), nullable=False, comment="usr_.."),
        sa.Column("name", sa.String(), nullable=False, comment="in lower case: what is typed at the sign-in"),
        sa.Column("password", sa.Text(), nullable=False, comment="argon2id, with its salt and parameters"),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column(
            "must_change", sa.Boolean(), nullable=False, comment="somebody else knows the password: it opens one page"
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_sign_in_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
