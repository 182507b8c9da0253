"""What is published now, compiled: triggers by address, workflows by trigger.

The database is the truth. Each process compiles what it needs once, and looks now and then, or when this process
changed something itself, whether the mark of changes moved. Where hosts share a database, whoever changes something
answers when no host can be working with what was before: decision 0074.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from time import monotonic

import structlog

from engine import json_bytes
from engine.authentication.network import Network, parse_networks
from engine.authentication.way import Way
from engine.clock import Clock
from engine.definitions.action import ActionSpec
from engine.definitions.checker import check_workflow
from engine.definitions.connector import Connector
from engine.definitions.order import Order, read_order
from engine.definitions.reply import JSON_TYPE, TEXT_TYPE, Reply
from engine.definitions.schema import Fits, fits
from engine.definitions.workflow import Workflow
from engine.errors import NotFound, WinkError
from engine.language.condition import Condition, compile_condition
from engine.lazy import Lazy
from engine.rate import Bucket, Rate, Share
from engine.store import changes, connections, event_waits, triggers, workflows
from engine.store.connections import OpenConnection
from engine.store.rows import StoredWorkflow, Trigger
from engine.store.secrets import Secret, opened
from engine.store.store import Store
from engine.words import OnUnproven, TriggerState

#: How long a change made by another process can stay unseen: where there should be none, and where there are hosts.
RECHECK = timedelta(seconds=1)
RECHECK_SHARED = timedelta(milliseconds=100)

#: After how many seconds no host works with what was before a change: each looked again, and wrote what it had judged.
SPREAD = 2 * RECHECK_SHARED.total_seconds()

#: Handshakes before any proof that are kept whole, per trigger, and challenges that are signed; more are counted.
KEPT_HANDSHAKES = Rate(100, timedelta(hours=1))

#: Refused deliveries that are kept whole, per trigger; more are counted, so that a flood fills no disk.
KEPT_REFUSALS = Rate(200, timedelta(hours=1))

#: Documents with keys that are fetched, per trigger: senders can ask for them before they have proven anything.
FETCHES = Rate(10, timedelta(minutes=1))

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Live:
    """A trigger, compiled for receiving."""

    trigger: Trigger
    connector: Connector
    way: Way
    secrets: Mapping[str, Sequence[Secret]]
    condition: Condition | None
    #: Which of two events about the same thing is the later one; None: it does not matter.
    order: Order | None
    #: Who may send; None: anybody.
    networks: Sequence[Network] | None
    #: JSON Schema and its compiled check, per event type.
    schemas: Mapping[str, tuple[object, Fits]]
    #: What the trigger's rate still allows; None without a rate.
    bucket: Bucket | Share | None
    #: How many refused deliveries are still kept whole.
    refusals: Bucket
    #: How many documents with keys its senders can still make us fetch.
    fetches: Bucket
    #: How many handshakes that nobody had to prove are still kept whole.
    handshakes: Bucket
    #: What an accepted sender is told; without a body, what became of the delivery.
    reply: Reply
    #: Header names in lower case, and query parameters, whose values are credentials.
    secret_headers: frozenset[str]
    secret_parameters: frozenset[str]
    #: Whether a proof may want documents with the vendor's keys.
    wants_documents: bool

    @property
    def asks(self) -> bool:
        """Whether the trigger itself asks something of its events."""
        return self.condition is not None or bool(self.trigger.events)

    @property
    def seals(self) -> bool:
        """Whether a delivery whose signature does not match is kept sealed; a draft takes nothing but samples."""
        wanted = self.trigger.on_unproven is OnUnproven.SEAL and self.trigger.state is not TriggerState.DRAFT
        return wanted and self.way.is_signature

    def secrets_at(self, now: datetime) -> Mapping[str, Sequence[str]]:
        """Return the secrets that count at the time: {name: [value, newest first]}."""
        return {
            name: [s.value for s in secrets if s.expires_at is None or now < s.expires_at]
            for name, secrets in self.secrets.items()
        }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything published at one moment.

    broken: triggers that cannot be compiled, {path: why}; broken_ids: the same ones; workflows: those that are enabled,
    {trigger name: [..]}.
    """

    mark: bytes
    by_path: Mapping[str, Live]
    by_id: Mapping[str, Live]
    broken: Mapping[str, str]
    broken_ids: frozenset[str]
    workflows: Mapping[str, Sequence[Workflow]]
    #: Those workflows by identity.
    by_name: Mapping[str, Workflow]
    #: Names of the triggers for whose events one of those workflows may wait.
    awaited: frozenset[str]
    #: Ids of the triggers for whose events a run waits.
    awaited_ids: frozenset[str]
    #: Every connection with its values, by name.
    connections: Mapping[str, OpenConnection] = field(repr=False)

    def asks(self, live: Live) -> bool:
        """Whether anybody is asked about the trigger's events: itself, or a workflow."""
        return live.asks or live.order is not None or bool(self.workflows.get(live.trigger.name)) or self.awaits(live)

    def awaits(self, live: Live) -> bool:
        """Whether a step may wait for the trigger's events."""
        return live.trigger.name in self.awaited or live.trigger.id in self.awaited_ids


@dataclass(frozen=True, slots=True)
class _Asked(Collection[str]):
    """Names that are asked for and not looked through: for a guess at one that is gone, every connector was read."""

    names: Collection[str]

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Published:
    """Keeps the present snapshot, and compiled workflow versions for the runs that still use them."""

    def __init__(
        self, store: Store, connectors: Lazy[Connector], specs: Mapping[str, ActionSpec], clock: Clock
    ) -> None:
        self._store = store
        self._connectors = connectors
        # What was taken once stays, whatever another version of a reader says, and a start waits for none of them.
        self._specs = Lazy(_Asked(specs), lambda name: replace(specs[name], readers={}, judge=None))
        self._clock = clock
        self._lock = Lock()
        self._recheck = RECHECK_SHARED if store.is_shared else RECHECK
        #: When this process saw the last change, in seconds of its own.
        self._moved_at = -SPREAD
        self._buckets: dict[tuple[str, str, Rate], Bucket] = {}
        self._shares: dict[tuple[str, Rate], Share] = {}
        self._checked_at = clock.now()
        self.workflow = lru_cache(maxsize=1024)(self._workflow)
        self._snapshot = self._read()

    def now(self) -> Snapshot:
        """Return what is published, or was a moment ago.

        Raises:
            StoreUnavailable: it is not known what is published now.
        """
        if self._is_stale():
            with self._lock:
                if self._is_stale():  # whoever had the lock has just looked
                    self._look()
        return self._snapshot

    def fresh(self) -> Snapshot | None:
        """Return what is published, or was a moment ago; None where :meth:`now` would ask the database."""
        return None if self._is_stale() else self._snapshot

    @property
    def last(self) -> Snapshot:
        """What was published at the last look: for what cannot wait for the database, and need not be exact."""
        return self._snapshot

    @property
    def connections(self) -> Mapping[str, OpenConnection]:
        """Return the connections as last read, without a look at the database: a step that is under way asks."""
        return self._snapshot.connections

    def refresh(self) -> None:
        """Look for changes at once: whoever makes one calls this."""
        with self._lock:
            self._look()

    def _is_stale(self) -> bool:
        return abs(self._clock.now() - self._checked_at) >= self._recheck  # a clock can be set back

    def _look(self) -> None:
        """Read what changed; only then does what is there count as looked at, as others work with it."""
        began = self._clock.now()
        if self._store.read(changes.latest) != self._snapshot.mark:
            self._snapshot = self._read()
            self._moved_at = monotonic()
        self._checked_at = began

    def unseen(self) -> float:
        """Return for how many seconds another host may still work with what was before the last change."""
        return max(0.0, self._moved_at + SPREAD - monotonic()) if self._store.is_shared else 0.0

    def _workflow(self, name: str, version: str) -> Workflow:
        """Return one version of a workflow.

        Raises:
            NotFound: the version is not stored, or this Wink cannot read it.
        """
        text = self._store.read(workflows.text_of, name, version)
        checked = None if text is None else check_workflow(text, name, actions=self._specs, schemas=None)
        if checked is None or checked.workflow is None:
            raise NotFound(f"version {version[:12]} of the workflow {name!r} is not there, or cannot be read any more")
        return checked.workflow

    def _read(self) -> Snapshot:
        with self._store.reading() as connection:
            mark = changes.latest(connection)
            rows = triggers.all_of(connection)
            secrets = opened(connection, self._store.cipher, self._clock.now())
            schemas = triggers.schemas_of(connection)
            stored = workflows.all_of(connection)
            credentials = connections.opened(connection, self._store.cipher)
            awaited_ids = event_waits.awaited_triggers(connection)
        live, broken = self._live(rows, secrets, schemas)
        by_path = {one.trigger.path: one for one in live}
        by_id = {one.trigger.id: one for one in live}
        broken_ids = frozenset(row.id for row in rows if row.path in broken)
        by_name = dict(self._compiled(stored))
        return Snapshot(
            mark=mark,
            by_path=by_path,
            by_id=by_id,
            broken=broken,
            broken_ids=broken_ids,
            workflows=_by_trigger(by_name.values()),
            by_name=by_name,
            awaited=frozenset(name for workflow in by_name.values() for name in workflow.awaits),
            awaited_ids=awaited_ids,
            connections=credentials,
        )

    def _live(
        self,
        rows: Sequence[Trigger],
        secrets: Mapping[str, Mapping[str, Sequence[Secret]]],
        schemas: Mapping[str, Mapping[str, object]],
    ) -> tuple[list[Live], dict[str, str]]:
        """Return the triggers that can be compiled, and by path why the others cannot."""
        live: list[Live] = []
        broken: dict[str, str] = {}
        for row in rows:
            try:
                live.append(self._compile(row, secrets.get(row.id, {}), schemas.get(row.id, {})))
            except WinkError as error:
                broken[row.path] = str(error)
                log.error("trigger.broken", trigger=row.name, error=str(error))
        return live, broken

    def _compile(self, row: Trigger, secrets: Mapping[str, Sequence[Secret]], schemas: Mapping[str, object]) -> Live:
        connector = self._connectors.get(row.connector)
        if connector is None:
            gone = f"there is no connector {row.connector!r}: restore its folder, or delete the trigger"
            raise NotFound(self._connectors.mistake_in(row.connector) or gone)
        way = connector.way(row.auth, row.recipe)
        return Live(
            trigger=row,
            connector=connector if row.dedup is None else connector.with_dedup(row.dedup),
            way=way,
            secrets=secrets,
            condition=None if row.condition is None else compile_condition(row.condition),
            order=None if row.order is None else read_order(row.order),
            networks=None if row.networks is None else parse_networks(row.networks),
            schemas={event_type: (schema, fits(schema)) for event_type, schema in schemas.items()},
            bucket=None if row.rate is None else self._limit(row, Rate.read(row.rate)),
            refusals=self._bucket(row, "refusals", KEPT_REFUSALS),
            fetches=self._bucket(row, "fetches", FETCHES),
            handshakes=self._bucket(row, "handshakes", KEPT_HANDSHAKES),
            reply=connector.accepted if row.reply is None else _own_reply(row.reply),
            secret_headers=frozenset(way.secret_headers) | connector.hidden("headers"),
            secret_parameters=frozenset(way.secret_parameters) | connector.hidden("query"),
            wants_documents=bool(way.key_documents),
        )

    def _limit(self, row: Trigger, rate: Rate) -> Bucket | Share:
        """Return what counts by the trigger's own rate; like any bucket it outlives a snapshot."""
        if self._store.is_shared:
            return self._shares.setdefault((row.id, rate), Share(rate))
        return self._bucket(row, "deliveries", rate)

    def _bucket(self, row: Trigger, counts: str, rate: Rate) -> Bucket:
        """Return the trigger's bucket for what it counts; it outlives a snapshot, so that a change does not refill it.

        One bucket for both would let refused senders use up what the trigger takes, where both rates are the same.
        """
        return self._buckets.setdefault((row.id, counts, rate), Bucket(rate))

    def _compiled(self, stored: Sequence[StoredWorkflow]) -> Iterator[tuple[str, Workflow]]:
        """Yield those that are enabled and can be read."""
        for row in stored:
            if not row.enabled:
                continue
            try:
                yield row.name, self.workflow(row.name, row.version)
            except NotFound as error:
                log.error("workflow.broken", workflow=row.name, error=str(error))


def _by_trigger(workflows: Iterable[Workflow]) -> Mapping[str, Sequence[Workflow]]:
    found: dict[str, list[Workflow]] = {}
    for workflow in workflows:
        for trigger in dict.fromkeys(workflow.triggers):  # asked twice about an event, it could never answer
            found.setdefault(trigger, []).append(workflow)
    return found


def _own_reply(reply: Mapping[str, object]) -> Reply:
    """Return a trigger's own answer on acceptance: ``{status, body}``, with a text body as text, any other as JSON."""
    body, status = reply.get("body"), int(str(reply.get("status", 202)))
    if body is None or isinstance(body, str):
        return Reply(status, (TEXT_TYPE,), body.encode()) if body is not None else Reply(status)
    return Reply(status, (JSON_TYPE,), json_bytes.dump(body))
