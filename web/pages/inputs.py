"""Values that a person types, for a run by hand or an approval: from schemas to a form's fields, and back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.definitions.bodies import read_json
from engine.definitions.ranges import range_words
from engine.errors import Rejected
from web.pages.forms import EMPTY

#: Before an input's name, in the name of its field.
PREFIX = "input."

#: JSON Schema by input; one that must be given also says ``required: true``.
Schemas = Mapping[str, Mapping[str, object]]

_NUMBERS = frozenset({"integer", "number"})


@dataclass(frozen=True, slots=True)
class InputField:
    """One field of the form."""

    name: str
    #: ``text``, ``number``, ``json``, or ``choice`` and ``boolean`` among the options.
    kind: str
    #: Pairs of value and words.
    options: Sequence[tuple[str, str]]
    help: str
    required: bool
    value: str


def input_fields(schemas: Schemas, typed: Mapping[str, str] | None = None) -> Sequence[InputField]:
    """Return the fields, with what was typed, or with the defaults."""
    return [_field(name, schema, typed) for name, schema in schemas.items()]


def read_inputs(schemas: Schemas, typed: Mapping[str, str]) -> tuple[dict[str, object], dict[str, str]]:
    """Return the values by input, and what is wrong by input; a field that is left empty gives none."""
    values: dict[str, object] = {}
    errors: dict[str, str] = {}
    for field in input_fields(schemas, typed):
        try:
            if field.value:
                values[field.name] = _read(field)
            elif field.required:
                errors[field.name] = EMPTY
        except ValueError as error:
            errors[field.name] = str(error)
    return values, errors


def _field(name: str, schema: Mapping[str, object], typed: Mapping[str, str] | None) -> InputField:
    description, default = schema.get("description"), schema.get("default")
    written = "" if default is None else default if isinstance(default, str) else json.dumps(default)
    kind, options = _kind(schema)
    return InputField(
        name=name,
        kind=kind,
        options=options,
        help=" ".join(filter(None, [description if isinstance(description, str) else "", _range(schema)])),
        required=schema.get("required") is True,
        value=written if typed is None else typed.get(PREFIX + name, ""),
    )


def _range(schema: Mapping[str, object]) -> str:
    words = range_words(schema)
    return f"{words[0].upper()}{words[1:]}." if words else ""


def _kind(schema: Mapping[str, object]) -> tuple[str, Sequence[tuple[str, str]]]:
    kind, words = schema.get("type"), schema.get("enum")
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        return "choice", [("", "Choose"), *((word, word) for word in words)]
    if kind == "boolean":
        return "boolean", [("", "Choose"), ("true", "true"), ("false", "false")]
    if kind in _NUMBERS:
        return "number", ()
    return ("text" if kind == "string" else "json"), ()


def _read(field: InputField) -> object:
    if field.kind in {"text", "choice"}:
        return field.value
    try:
        return read_json(field.value.encode())
    except Rejected:
        wanted = "a number" if field.kind == "number" else 'JSON: text stands in quotes, as in "asset-1"'
        raise ValueError(f"Write {wanted}.") from None
