"""What a value can be, from its JSON Schema, in a few words."""

from collections.abc import Mapping

from engine.definitions.kinds import DURATION, IDENTIFIER, SLUG, Schema
from engine.definitions.schema import TYPE_WORDS

#: What the definitions of the workflow's schema are called here.
_PARTS = {
    "hole": "`${{ }}`",
    "condition": "an expression, or rows",
    "steps": "a list of steps",
    "branches": "a list of groups",
    "action": "the name of an action",
    "input": "a JSON Schema",
    "on_error": "`continue`, or a mapping",
}
_KINDS = {"duration": "a length of time", "time": "a time", "condition": "a condition", "name": "text, written out"}
_PATTERNS = {
    DURATION.schema["pattern"]: "a length of time",
    SLUG.schema["pattern"]: "lower-case letters, digits and hyphens",
    IDENTIFIER.schema["pattern"]: "letters, digits and underscores",
}


def value_words(schema: Schema) -> str:
    """Return what a value can be: ``text``, ``a whole number from 1 to 100``."""
    match schema:
        case {"anyOf": [one, {"type": "array", "items": Mapping() as items}]} if one == items:
            return f"{value_words(dict(items))}, or a list of them"
        case {"anyOf": list(branches)}:
            return " or ".join(map(value_words, branches))
        case {"enum": list(words)}:
            return _either([f"`{word}`" for word in words])
        case {"type": list(names)}:
            return _either([TYPE_WORDS[name] for name in names])
    return _named(schema) or _typed(str(schema.get("type", "")), schema)


def _named(schema: Schema) -> str | None:
    """Return what a value is called that is more than its type."""
    if "$ref" in schema:
        return _PARTS.get(str(schema["$ref"]).rpartition("/")[2], "a mapping")
    return _KINDS.get(str(schema.get("x-kind"))) or _PATTERNS.get(schema.get("pattern"))


def _typed(name: str, schema: Schema) -> str:
    if not name:
        return "anything"
    items, values = schema.get("items"), schema.get("additionalProperties")
    if name == "array" and isinstance(items, Mapping):
        return f"a list ({value_words(items)})"
    if name == "object" and isinstance(values, Mapping):
        return f"a mapping ({value_words(values)})"
    return f"{TYPE_WORDS[name]}{_range(schema)}"


def _range(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is None:
        return ""
    return f" from {least}" if most is None else f" from {least} to {most}"


def _either(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
