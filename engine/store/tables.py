"""The tables of what comes in and what becomes of it, a comment per column; the others are in ``*_tables.py``.

Ids are text (``engine.ids``) and sort by time of birth, so lists page by id. Times are :class:`Moment`.
The ledger (deliveries, events, matches, releases) is append-only: a row there is written once, but for
``events.matched_at``, and the bodies of refused deliveries, some of which are forgotten before these
(:mod:`engine.store.refused`, :mod:`engine.store.sealed`).
"""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from engine.store.columns import Json, Moment, Word
from engine.store.metadata import metadata
from engine.words import (
    Answer,
    ConnectionScheme,
    OnMismatch,
    OnUnknown,
    OnUnproven,
    Outcome,
    Reason,
    TriggerState,
    Verdict,
    WhenBusy,
)

triggers = Table(
    "triggers",
    metadata,
    Column("id", String, primary_key=True, comment="trg_.."),
    Column("name", String, nullable=False, unique=True, comment="slug, for good"),
    Column("title", String, nullable=False, comment="what people read"),
    Column("connector", String, nullable=False, comment="name of a folder of connectors/"),
    Column("auth", String, nullable=False, comment="way of the connector by which the sender proves itself"),
    Column("path", String, nullable=False, unique=True, comment="128 random bits: the address under /webhooks/"),
    Column("state", Word(TriggerState), nullable=False),
    Column("recipe", Json, comment="custom trigger by signature: name of a recipe, or one written out"),
    Column("events", Json, comment="event types taken, globs allowed; null: all"),
    Column("condition", Json, comment="text or rows; null: every event"),
    Column("on_unknown", Word(OnUnknown), nullable=False),
    Column("on_mismatch", Word(OnMismatch), nullable=False),
    Column("on_unproven", Word(OnUnproven), nullable=False, server_default=text("'refuse'")),
    Column("dedup", Text, comment="'body' or an expression instead of the connector's event id"),
    Column("rate", String, comment="deliveries per time, 100/s or 600/m; null: unlimited"),
    Column("networks", Json, comment="CIDR list that may send; null: anywhere"),
    Column("public_url", String, comment="this trigger's own public address instead of the setting"),
    Column("reply", Json, comment="{status, body} on acceptance instead of the connector's"),
    Column("listening_until", Moment, comment="until then the next authentic delivery becomes the sample"),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("silence", String, comment="how long silence is normal, 6h; null: any time"),
    Column("order", Json, comment="{key, by}: an event that comes after a later one with its key starts nothing"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("id", String, primary_key=True, comment="sec_.."),
    Column("owner", String, nullable=False, comment="id of the trigger it belongs to"),
    Column("name", String, nullable=False, comment="which of the owner's secrets"),
    Column("sealed", LargeBinary, nullable=False, comment="AES-256-GCM, bound to this row"),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, comment="end of a rotation's overlap; null: valid until rotated"),
    Index("secrets_by_owner", "owner"),
)

connections = Table(
    "connections",
    metadata,
    Column("name", String, primary_key=True, comment="slug, as steps write it"),
    Column("connector", String, comment="whose manifest says how to call; null: any HTTP service"),
    Column("scheme", Word(ConnectionScheme), nullable=False, comment="how the credentials are sent"),
    Column("base_url", String, nullable=False, comment="where alone they are sent"),
    Column("test_path", String, comment="harmless address below it that a test reads; null: the connector's, or none"),
    Column("sealed", LargeBinary, nullable=False, comment="{field: value} as JSON, AES-256-GCM, bound to this row"),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("last_used_at", Moment, comment="noted now and then"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String, primary_key=True, comment="dlv_.."),
    Column("trigger_id", String, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("method", String, nullable=False),
    Column("query", Text, nullable=False, comment="raw query string, keys scrubbed"),
    Column("headers", Json, nullable=False, comment="{lower-case name: [values]}, credentials scrubbed"),
    Column("address", String, nullable=False, comment="who sent it, behind the trusted proxies"),
    Column("size", Integer, nullable=False, comment="bytes of the body as received"),
    Column("verdict", Word(Verdict), nullable=False),
    Column("reason", Word(Reason), nullable=False),
    Column("detail", Text, nullable=False, comment="the reason in words, for the ledger alone"),
    Column("status", Integer, nullable=False, comment="HTTP status of the answer"),
    Column("duplicate_of", String, comment="delivery that brought the same events first"),
    Column("event_count", Integer, nullable=False, comment="events that this delivery brought and that were new"),
    Column(
        "body",
        LargeBinary,
        nullable=False,
        comment="as received; empty when too large to keep; last, so that lists read no body",
    ),
    postgresql_partition_by="RANGE (id)",
)
#: Most deliveries are accepted as new ones, and whoever looks for another verdict or reason looks for a rare one: those
#: of the indexes that are of some rows alone cost the usual delivery nothing.
not_accepted = text("deliveries.verdict <> 'accepted'")
_rare, _odd = text("verdict <> 'accepted'"), text("reason <> 'new'")
for _name, _which, *_key in (
    ("deliveries_by_reason", _odd, deliveries.c.reason),
    ("deliveries_by_trigger", None, deliveries.c.trigger_id),
    ("deliveries_by_verdict", _rare, deliveries.c.verdict),
    ("deliveries_by_trigger_and_verdict", _rare, deliveries.c.trigger_id, deliveries.c.verdict),
    ("deliveries_by_trigger_and_reason", _odd, deliveries.c.trigger_id, deliveries.c.reason),
):
    Index(_name, *_key, deliveries.c.id, sqlite_where=_which, postgresql_where=_which)
#: Of a refused delivery whose body is kept. The index has the verdict, though it is always one: by the trigger alone
#: SQLite takes this one or that of all its deliveries, as they happened to be made.
refused_body = text("deliveries.verdict = 'rejected' AND length(deliveries.body) > 0")
_refused_body = text("verdict = 'rejected' AND length(body) > 0")
Index(
    "deliveries_refused_bodies",
    *(deliveries.c.trigger_id, deliveries.c.verdict, deliveries.c.id, deliveries.c.size),
    sqlite_where=_refused_body,
    postgresql_where=_refused_body,
)

tallies = Table(
    "tallies",
    metadata,
    Column("trigger_id", String, nullable=False, comment="empty: requests to unknown addresses"),
    Column("hour", Moment, nullable=False, comment="start of the hour counted"),
    Column("verdict", Word(Verdict), nullable=False),
    Column("reason", Word(Reason), nullable=False),
    Column("count", Integer, nullable=False, comment="requests that were counted and not kept"),
    PrimaryKeyConstraint("trigger_id", "hour", "verdict", "reason"),
)

events = Table(
    "events",
    metadata,
    Column("id", String, primary_key=True, comment="evt_.."),
    Column("trigger_id", String, nullable=False),
    Column("delivery_id", String, nullable=False),
    Column("key", String, comment="the vendor's id; null: it has none"),
    Column("type", String, nullable=False),
    Column("source", String, nullable=False, comment="connector and trigger, as CloudEvents asks"),
    Column("time", Moment, nullable=False, comment="when it happened, else when it was received"),
    Column("received_at", Moment, nullable=False),
    Column("data", LargeBinary, comment="JSON; null: the delivery's body is the data, byte for byte"),
    Column("held", Word(Reason), comment="why its runs wait for a person: held, schema_mismatch; null: they do not"),
    Column("starts", Boolean, nullable=False, comment="false: a sample that starts nothing"),
    Column("matched_at", Moment, comment="when the workflows were asked, or that nobody is; null: not yet"),
    Index("events_by_delivery", "delivery_id"),
    Index("events_by_trigger", "trigger_id", "id"),
    Index("events_by_type", "type", "id"),
    postgresql_partition_by="RANGE (id)",
)
Index(
    "events_unmatched",
    events.c.id,
    sqlite_where=events.c.matched_at.is_(None),
    postgresql_where=events.c.matched_at.is_(None),
)
Index("events_by_trigger_and_type", events.c.trigger_id, events.c.type, events.c.id)

event_keys = Table(
    "event_keys",
    metadata,
    Column("trigger_id", String, nullable=False),
    Column("key", String, nullable=False),
    Column("event_id", String, nullable=False, comment="the event that brought this key first"),
    PrimaryKeyConstraint("trigger_id", "key"),
    sqlite_with_rowid=False,
)

signatures = Table(
    "signatures",
    metadata,
    Column("expires_at", Moment, nullable=False, comment="signed time plus window: then the proof fails by itself"),
    Column("trigger_id", String, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of what was signed"),
    Column("delivery_id", String, nullable=False, comment="the delivery that was accepted with it"),
    PrimaryKeyConstraint("expires_at", "trigger_id", "digest"),
    sqlite_with_rowid=False,
)

samples = Table(
    "samples",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("trigger_id", String, nullable=False),
    Column("captured_at", Moment, nullable=False),
    Index("samples_by_trigger", "trigger_id", "captured_at"),
)

schemas = Table(
    "schemas",
    metadata,
    Column("trigger_id", String, nullable=False),
    Column("type", String, nullable=False, comment="event type"),
    Column("version", Integer, nullable=False, comment="counts from 1 per trigger and type"),
    Column("schema", Json, nullable=False, comment="JSON Schema 2020-12"),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("trigger_id", "type", "version"),
)

workflows = Table(
    "workflows",
    metadata,
    Column("name", String, primary_key=True, comment="identity: the address's name, or the file's stem"),
    Column("version", String, nullable=False, comment="the current version: SHA-256 of its text"),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

workflow_versions = Table(
    "workflow_versions",
    metadata,
    Column("name", String, nullable=False),
    Column("version", String, nullable=False),
    Column("text", LargeBinary, nullable=False, comment="the YAML, byte for byte"),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("name", "version"),
)

schedules = Table(
    "schedules",
    metadata,
    Column("workflow", String, primary_key=True, comment="one that is enabled and starts by the clock"),
    Column("cron", String, nullable=False),
    Column("timezone", String, nullable=False),
    Column("next_at", Moment, nullable=False, comment="the first time that has no run yet"),
    Index("schedules_by_time", "next_at"),
)

matches = Table(
    "matches",
    metadata,
    Column("event_id", String, nullable=False),
    Column("workflow", String, nullable=False, comment="empty: the trigger's own condition"),
    Column("version", String, nullable=False, comment="of the workflow that was asked"),
    Column("answer", Word(Answer), nullable=False),
    Column("explanation", Json, comment="tree of the condition's parts; null: there was no condition"),
    Column("held", Boolean, nullable=False, comment="the run waits for a person or for the trigger's resume"),
    Column("run_id", String, comment="the run that this answer started"),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("event_id", "workflow"),
)
_held = text("held")
Index("matches_held", matches.c.event_id, matches.c.workflow, sqlite_where=_held, postgresql_where=_held)

releases = Table(
    "releases",
    metadata,
    Column("event_id", String, nullable=False),
    Column("workflow", String, nullable=False),
    Column("action", String, nullable=False, comment="run or skip"),
    Column("run_id", String, comment="the run that was started"),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("event_id", "workflow"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True, comment="run_.."),
    Column("workflow", String, nullable=False),
    Column("version", String, nullable=False),
    Column("trigger_id", String, comment="null: started by hand or by a schedule"),
    Column("event_id", String, comment="null: started by hand or by a schedule"),
    Column("inputs", Json, comment="of a run started by hand or by a schedule"),
    Column("outcome", Word(Outcome), nullable=False),
    Column("token", Integer, nullable=False, comment="fencing token: raised by every claim and by cancelling"),
    Column("lease_until", Moment, comment="whoever claimed it owns it until then"),
    Column("deaths", Integer, nullable=False, comment="how often its lease ran out"),
    Column("due_at", Moment, comment="a waiting run goes on then"),
    Column("queued_at", Moment, nullable=False),
    Column("started_at", Moment, comment="first claim"),
    Column("finished_at", Moment),
    Column("error", Json, comment="{step, kind, message} of a failed run"),
    Column("outputs", Json, comment="the workflow's outputs"),
    Column("rerun_of", String, comment="the run that this one repeats"),
    Column("runs_per", String, comment="of runs of the workflow with this value, one has begun and not ended"),
    Column("when_busy", Word(WhenBusy), comment="what becomes of it while another with its value has not ended"),
    Column("scheduled_for", Moment, comment="the time of the schedule that started it"),
    Column("missed", Integer, comment="times that it makes up for"),
    Column("parent_id", String, comment="the run that started it; null: none did"),
    Column("parent_path", String, comment="the parent's step that waits for its end; null: none does"),
    Column("depth", Integer, nullable=False, server_default=text("0"), comment="how many runs stand above it"),
    Index("runs_by_event", "event_id", "id"),
)
#: So that no time of a schedule starts a second run, whatever the clocks say.
_scheduled = text("scheduled_for IS NOT NULL AND rerun_of IS NULL")
Index(
    "runs_by_schedule",
    runs.c.workflow,
    runs.c.scheduled_for,
    unique=True,
    sqlite_where=_scheduled,
    postgresql_where=_scheduled,
)
Index("runs_by_workflow", runs.c.workflow, runs.c.id)
#: Of a run that has not ended: what its index holds.
unfinished = runs.c.finished_at.is_(None)
#: Of a run that nobody has claimed yet. Were it said that it has not ended, SQLite would take another index.
queued = text("runs.outcome = 'queued'")
_queued, _children = text("outcome = 'queued'"), text("parent_id IS NOT NULL")
_one_by_one = text("finished_at IS NULL AND runs_per IS NOT NULL")
_ended_badly = text("finished_at IS NOT NULL AND outcome <> 'succeeded'")
_due = text("finished_at IS NULL AND due_at IS NOT NULL")
for _name, _when, *_key in (
    ("runs_one_by_one", _one_by_one, runs.c.workflow, runs.c.runs_per, runs.c.id),
    ("runs_ended_badly", _ended_badly, runs.c.outcome, runs.c.id),
    ("runs_unfinished", unfinished, runs.c.outcome, runs.c.id),
    ("runs_by_due_time", _due, runs.c.due_at),
    ("runs_by_parent", _children, runs.c.parent_id),
    ("runs_queued", _queued, runs.c.workflow, runs.c.id),
    ("runs_ended_badly_by_workflow", _ended_badly, runs.c.workflow, runs.c.outcome, runs.c.id),
    ("runs_ended_badly_by_trigger", _ended_badly, runs.c.trigger_id, runs.c.outcome, runs.c.id),
):
    Index(_name, *_key, sqlite_where=_when, postgresql_where=_when)

callbacks = Table(
    "callbacks",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("origin", String, nullable=False, comment="scheme, host and port"),
    Column("sealed", LargeBinary, nullable=False, comment="url and headers, AES-256-GCM; empty when finished"),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment, comment="of the next attempt; null: there is none"),
    Column("finished_at", Moment, comment="when it was delivered or given up"),
    Column("delivered", Boolean, nullable=False),
    Column("error", Text, comment="why the last attempt failed"),
    Index("callbacks_by_time", "next_at"),
)

journal = Table(
    "journal",
    metadata,
    Column("run_id", String, nullable=False),
    Column("path", String, nullable=False, comment="reset[2]/delete"),
    Column("visit", Integer, nullable=False, comment="turn of a repeated step, from 1; never an attempt"),
    Column("position", Integer, nullable=False, comment="order in which the steps of the run began"),
    Column("uses", String, comment="action; null: a group or loop"),
    Column("outcome", Word(Outcome), nullable=False, comment="running: begun, and in doubt after a crash"),
    Column("attempts", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("due_at", Moment, comment="a wait ends, or the next attempt starts"),
    Column("input", Json, comment="what the action was given; of a loop: its items"),
    Column("output", Json),
    Column("error", Json, comment="{kind, message}"),
    Column("resolutions", Json, comment="[{decision, by, at}]: what people decided about it after a crash"),
    PrimaryKeyConstraint("run_id", "path", "visit"),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (run_id)",
)

marks = Table(
    "marks",
    metadata,
    Column("name", String, primary_key=True, comment="changes: raised when a trigger or workflow changes; key_check"),
    Column("value", LargeBinary, nullable=False),
)
