"""What watches over Wink asks here: is it alive, is it ready, how is it; and what editors ask for."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from engine import json_bytes
from engine.actions.registry import specs_of
from engine.definitions.manifest import connector_schema
from engine.definitions.published import workflow_schema
from engine.path.access import Access
from web.api.door import comes_from_here, holder_of_token, unauthorized
from web.context import the_engine
from web.readiness import Ready, exposition, readiness

_SCHEMA = "application/schema+json"


class Alive(BaseModel):
    """The process answers."""

    status: str


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
    def readyz() -> Ready:
        """Say whether deliveries can be taken."""
        return readiness(the_engine())

    @health.get("/metrics")
    @health.doc(responses=_given("Metrics for Prometheus.", "text/plain", "string"))
    def metrics() -> Response:
        """Give metrics to Prometheus: with a token, or from this machine."""
        if not comes_from_here() and holder_of_token(access) is None:
            return unauthorized("metrics need a token from afar")
        return Response(exposition(the_engine()), content_type=CONTENT_TYPE_LATEST)

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


def _given(description: str, content_type: str, kind: str) -> dict[int | str, dict[str, Any]]:
    """Describe an answer that is no model."""
    return {200: {"description": description, "content": {content_type: {"schema": {"type": kind}}}}}
