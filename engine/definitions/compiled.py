"""Schemas in the engine that answers within microseconds: imported, with 9 MB, when the first one is needed."""

from typing import cast

import jsonschema_rs

from engine.definitions.schema import told


def compile_schema(schema: object) -> jsonschema_rs.Draft202012Validator:
    """Compile a schema; its formats are hints, and its patterns run on an engine that cannot hang."""
    return jsonschema_rs.Draft202012Validator(
        cast("dict[str, object]", schema),
        validate_formats=False,
        offline=True,
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def flaw(schema: object) -> dict[str, str] | None:
    """Return why a schema cannot be compiled, as ``{path, message}``; None: it can."""
    try:
        compile_schema(schema)
    except jsonschema_rs.ValidationError as wrong:
        return told(wrong.instance_path, wrong.message)
    return None


def first_mismatch(schema: object, value: object) -> dict[str, str] | None:
    """Return what of a value does not fit first, as ``{path, message}``; None: it fits."""
    try:
        compile_schema(schema).validate(value)
    except jsonschema_rs.ValidationError as first:
        return told(first.instance_path, first.message)
    return None
