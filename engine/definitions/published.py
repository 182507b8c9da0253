"""The JSON Schemas that Wink publishes: of workflow files, for editors, and of events, for whoever reads them."""

from collections.abc import Mapping, Sequence

from engine.definitions import dialect
from engine.definitions.action import ActionSpec
from engine.definitions.inference import DRAFT
from engine.definitions.kinds import MAX_BRANCHES, Schema
from engine.definitions.schema import object_schema, without_required
from engine.definitions.workflow import Then
from engine.language.operators import OPERATORS

_HOLE: Schema = {"$ref": "#/$defs/hole"}
_CONDITION: Schema = {"$ref": "#/$defs/condition"}


def workflow_schema(actions: Mapping[str, ActionSpec]) -> dict[str, object]:
    """Return the schema of workflow files, with the inputs of every action, for editors to complete and check by."""
    return {
        "$schema": DRAFT,
        "title": "Wink workflow",
        **table_schema(dialect.FILE),
        "$defs": {
            "on": table_schema(dialect.ON_TABLE),
            "schedule": table_schema(dialect.SCHEDULE_TABLE),
            "limits": table_schema(dialect.LIMITS_TABLE),
            "retry": table_schema(dialect.RETRY_TABLE),
            "on_error": {"anyOf": [{"const": Then.CONTINUE.value}, table_schema(dialect.ON_ERROR_TABLE)]},
            "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}},
            "branches": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_BRANCHES,
                "items": table_schema(dialect.BRANCH),
            },
            "step": {**table_schema(dialect.STEP), "allOf": [_use(spec) for spec in actions.values()]},
            "action": {"enum": sorted(actions)},
            "input": {"type": "object", "properties": {"required": {"type": "boolean"}}},
            "hole": {"type": "string", "pattern": r"\$\{\{"},
            "condition": {"anyOf": [{"type": ["string", "boolean"]}, *_rows()]},
        },
    }


def event_schema() -> dict[str, object]:
    """Return the schema of an event as the API gives it and as expressions see it, with CloudEvents' names."""
    text, moment = {"type": "string"}, {"type": "string", "format": "date-time"}
    properties: dict[str, Schema] = {
        "id": {**text, "description": "Wink's own id, `evt_` and 26 characters.", "pattern": "^evt_[0-9a-v]{26}$"},
        "key": {
            "type": ["string", "null"],
            "description": "What the sender calls it; the same key twice is a duplicate.",
        },
        "type": {**text, "description": "What happened, such as `github.pull_request`."},
        "source": {**text, "description": "Which connector and trigger it came through."},
        "time": {**moment, "description": "When it happened, as far as the sender says, else when it came."},
        "received_at": {**moment, "description": "When Wink received it."},
        "data": {"description": "What the sender told; each type of event has a schema of its own."},
    }
    return {
        "$schema": DRAFT,
        "title": "Wink event",
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def table_schema(table: dialect.Table) -> dict[str, object]:
    """Return the schema of a mapping with known keys."""
    keys = table.keys.values()
    schema: dict[str, object] = {
        "type": "object",
        "properties": {key.name: {**key.kind.schema, "description": key.doc, **_examples(key)} for key in keys},
        "required": [key.name for key in keys if key.required],
        "dependentRequired": {key.name: [key.beside] for key in keys if key.beside and not key.or_beside},
        "dependentSchemas": {key.name: _one_of(key.companions) for key in keys if key.or_beside},
        "additionalProperties": False,
    }
    if table.one_of:
        schema["oneOf"] = [{"required": [name]} for name in table.one_of]
    if table.apart:
        schema["not"] = {"anyOf": [{"required": list(apart.keys)} for apart in table.apart]}
    return schema


def _examples(key: dialect.Key[object]) -> Schema:
    return {} if key.example is None else {"examples": [key.example.value(key.name)]}


def _one_of(names: Sequence[str]) -> Schema:
    return {"anyOf": [{"required": [name]} for name in names]}


def _use(spec: ActionSpec) -> Schema:
    """Return what the use of an action asks of the rest of its step."""
    inputs = object_schema(
        {
            name: {**_or_hole(without_required(one)), "required": one.get("required") is True}
            for name, one in spec.inputs.items()
        }
    )
    if spec.example is not None:
        inputs["examples"] = [spec.example.inputs_of(spec.name)]
    then: dict[str, object] = {"properties": {dialect.WITH.name: inputs}}
    needed = [dialect.WITH.name] if inputs["required"] else []
    needed += [dialect.CONNECTION.name] if spec.needs_connection else []
    if needed:
        then["required"] = needed
    uses = {"const": spec.name, "title": spec.title, **({"description": spec.doc} if spec.doc else {})}
    return {"if": {"properties": {dialect.USES.name: uses}, "required": [dialect.USES.name]}, "then": then}


def _or_hole(schema: Schema) -> Schema:
    """Return the schema of an input that can also be filled in."""
    description = {"description": schema["description"]} if "description" in schema else {}
    return {**description, "anyOf": [schema, _HOLE]}


def _rows() -> list[Schema]:
    """Return the schemas of a condition's rows: a group of them, or one comparison."""
    groups = {name: {"type": "array", "minItems": 1, "items": _CONDITION} for name in ("all", "any")}
    row = {"left": {"type": "string"}, "op": {"enum": list(OPERATORS)}, "right": {}}
    return [
        *({"type": "object", "properties": {name: one}, "required": [name]} for name, one in groups.items()),
        {"type": "object", "properties": {"not": _CONDITION}, "required": ["not"]},
        {"type": "object", "properties": row, "required": ["left", "op"], "additionalProperties": False},
    ]
