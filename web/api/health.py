"""What watches over Wink asks here: is it alive, is it ready, how is it; and what editors ask for."""

from typing import Any, Literal

from apiflask import APIBlueprint
from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from engine import json_bytes
from engine.actions.registry import specs_of
from engine.definitions.manifest import connector_schema
from engine.definitions.published import workflow_schema
from engine.path.access import Access
from engine.runtime import Engine
from engine.store.backlog import Backlog, backlog
from engine.store.migrate import is_current
from web.api.door import comes_from_here, holder_of_token, unauthorized
from web.api.problems import problem
from web.context import the_engine

_SCHEMA = "application/schema+json"


class Alive(BaseModel):
    """The process answers."""

    status: str


class Ready(BaseModel):
    """What has to be there so that deliveries can be taken, and run.

    Without the database, or its migrations, the answer is 503. Without the broker deliveries are taken all the same,
    and the workers find them by themselves: then it is ``degraded``.
    """

    status: Literal["ok", "degraded"]
    database: str
    migrations: str
    #: None where there is none.
    broker: Literal["ok", "unreachable"] | None
    #: For how many seconds the oldest event is unmatched, or the oldest run due; 0: nothing waits.
    oldest_due_seconds: float


def build_health(access: Access) -> APIBlueprint:
    """Return the addresses that need no token, or not from this machine."""
    health = APIBlueprint("health", __name__)

    @health.get("/healthz")
    @health.output(Alive)
    def healthz() -> Alive:
        """Say that the process answers."""
        return Alive(status="ok")

    @health.get("/readyz")
    @health.output(Ready)
    def readyz() -> Ready | Response:
        """Say whether deliveries can be taken."""
        engine = the_engine()
        if not engine.store.read(is_current):
            return problem(503, "the tables are not those of this Wink: another version has changed them")
        return _ready(engine)

    @health.get("/metrics")
    @health.doc(responses=_given("Metrics for Prometheus.", "text/plain", "string"))
    def metrics() -> Response:
        """Give metrics to Prometheus: with a token, or from this machine."""
        if not comes_from_here() and holder_of_token(access) is None:
            return unauthorized("metrics need a token from afar")
        engine = the_engine()
        waits = _backlog(engine)
        engine.metrics.queued.set(waits.queued)
        engine.metrics.oldest.set(waits.age(engine.clock.now()))
        return Response(generate_latest(engine.metrics.registry), content_type=CONTENT_TYPE_LATEST)

    @health.get("/schema/workflow.json")
    @health.doc(responses=_given("JSON Schema 2020-12.", _SCHEMA, "object"))
    def schema() -> Response:
        """Give the JSON Schema of workflow files to editors."""
        return Response(json_bytes.dump(workflow_schema(specs_of(the_engine().actions))), content_type=_SCHEMA)

    @health.get("/schema/connector.json")
    @health.doc(responses=_given("JSON Schema 2020-12.", _SCHEMA, "object"))
    def schema_of_connectors() -> Response:
        """Give the JSON Schema of a connector's manifest to editors."""
        return Response(json_bytes.dump(connector_schema()), content_type=_SCHEMA)

    return health


def _ready(engine: Engine) -> Ready:
    is_cut_off = engine.settings.broker_url is not None and not engine.executor.broker_answers
    return Ready(
        status="degraded" if is_cut_off else "ok",
        database="ok",
        migrations="ok",
        broker=None if engine.settings.broker_url is None else "unreachable" if is_cut_off else "ok",
        oldest_due_seconds=_backlog(engine).age(engine.clock.now()),
    )


def _backlog(engine: Engine) -> Backlog:
    return engine.store.read(backlog, engine.clock.now(), engine.published.now().broken_ids)


def _given(description: str, content_type: str, kind: str) -> dict[int | str, dict[str, Any]]:
    """Describe an answer that is no model."""
    return {200: {"description": description, "content": {content_type: {"schema": {"type": kind}}}}}
