"""The description of the API, completed: who may call, and that every error is a problem."""

from collections.abc import Mapping
from typing import Any

from web.api.problems import CONTENT_TYPE, Problem
from web.people import COOKIE

#: What needs no token.
OPEN = frozenset({"/", "/healthz", "/readyz", "/metrics", "/schema/workflow.json", "/schema/connector.json"})

_METHODS = ("get", "put", "post", "patch", "delete")


def complete(spec: dict[str, Any]) -> dict[str, Any]:
    """Add what holds for every operation."""
    reference = "#/components/schemas/{model}"
    described = Problem.model_json_schema(ref_template=reference)
    schemas = spec.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {**described.pop("$defs", {}), "Problem": described}
    spec["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }
    spec["security"] = [{"token": []}, {"session": []}]
    for path, operations in spec["paths"].items():
        for method in _METHODS:
            if method in operations:
                _complete(path, operations[method], schemas)
    return spec


def _complete(path: str, operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"]["default"] = {"description": "What went wrong, as RFC 9457 says it.", "content": content}
    if path in OPEN:
        operation["security"] = []
    if "requestBody" in operation:
        operation["requestBody"]["required"] = _needs_body(operation["requestBody"], schemas)


def _needs_body(body: Mapping[str, Any], schemas: Mapping[str, Any]) -> bool:
    """A body without required fields may be left out."""
    described = next(iter(body["content"].values()))["schema"]
    resolved = schemas.get(described.get("$ref", "").rpartition("/")[2], described)
    return bool(resolved.get("required")) or resolved.get("type") != "object"
