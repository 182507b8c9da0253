"""Values that an author describes, each by a JSON Schema: the inputs of a workflow, the fields of a question."""

from collections.abc import Iterator, Mapping

from engine.definitions.remarks import did_you_mean, meant
from engine.definitions.schema import TYPE_WORDS, check_schema, mismatches, object_schema, parts
from engine.errors import Invalid
from engine.language.template import compile_template
from engine.language.values import Path, phrase

#: Every word of JSON Schema that says something of a value, or to people about it.
WORDS = frozenset({
    "$anchor", "$comment", "$defs", "$dynamicRef", "$id", "$ref", "$schema", "additionalProperties", "allOf",
    "anyOf", "const", "contains", "contentEncoding", "contentMediaType", "contentSchema", "default",
    "dependentRequired", "dependentSchemas", "deprecated", "description", "else", "enum", "examples",
    "exclusiveMaximum", "exclusiveMinimum", "format", "if", "items", "maxContains", "maxItems", "maxLength",
    "maxProperties", "maximum", "minContains", "minItems", "minLength", "minProperties", "minimum", "multipleOf",
    "not", "oneOf", "pattern", "patternProperties", "prefixItems", "properties", "propertyNames", "readOnly",
    "required", "then", "title", "type", "unevaluatedItems", "unevaluatedProperties", "uniqueItems", "writeOnly",
})  # fmt: skip
#: What other languages call JSON Schema's types.
_ALIASES: Mapping[str, str] = {
    **dict.fromkeys(("str", "text"), "string"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    **dict.fromkeys(("int", "long"), "integer"),
    **dict.fromkeys(("bool", "flag"), "boolean"),
    **dict.fromkeys(("list", "tuple"), "array"),
    **dict.fromkeys(("dict", "map", "mapping"), "object"),
    **dict.fromkeys(("none", "nil"), "null"),
}


def wrong_schema(schema: object) -> Iterator[tuple[Path, str]]:
    """Yield what keeps a value's description from being a JSON Schema, each with its place within it."""
    if not isinstance(schema, dict):
        yield (), f"an input is described by a JSON Schema, such as {{type: string}}, and this is {phrase(schema)}"
        return
    wrong = list(_wrong_types(schema))
    yield from wrong
    if wrong:
        return
    whole = object_schema({"input": schema})  # as it is used: within the schema of all of them
    try:
        check_schema(whole)
    except Invalid as error:
        at = error.field.removeprefix("/properties/input")
        yield _path(schema, at), f"this is no JSON Schema: {error.detail}"
        return
    if "default" in schema and (found := mismatches(whole, {"input": schema["default"]})):
        yield ("default",), f"the `default` does not fit: {found[0]['message']}"


def wrong_words(schema: object) -> Iterator[tuple[Path, str]]:
    """Yield the words that JSON Schema does not have and passes over, where one that it has is meant for sure."""
    for path, part in parts(schema):
        for word in part if isinstance(part, dict) else ():
            if word not in WORDS and meant([word], WORDS):
                yield (*path, word), f"JSON Schema has no word `{word}`{did_you_mean(word, WORDS)}"


def wrong_field(schema: object) -> Iterator[tuple[Path, str]]:
    """Yield all of that of a description that can hold templates: what will be filled in is not judged yet."""
    yield from wrong_words(schema)
    yield from wrong_schema(schema) if compile_template(schema).constant else _wrong_types(schema)


def _wrong_types(schema: object) -> Iterator[tuple[Path, str]]:
    for path, part in parts(schema):
        written = part.get("type") if isinstance(part, dict) else None
        several = enumerate(written) if isinstance(written, list) else ()
        for place, name in [((), written), *(((index,), one) for index, one in several)]:
            if isinstance(name, str) and name not in TYPE_WORDS and "${{" not in name:
                yield (*path, "type", *place), f"there is no type `{name}`: write {_instead(name)}"


def _instead(name: str) -> str:
    found = _ALIASES.get(name.lower()) or next(iter(meant([name], TYPE_WORDS)), None)
    return f"`{found}`" if found else f"one of {', '.join(TYPE_WORDS)}"


def _path(value: object, pointer: str) -> Path:
    """Return the place that a JSON Pointer names, as far as it is there."""
    path: list[str | int] = []
    for written in pointer.split("/")[1:]:
        key: str | int = written.replace("~1", "/").replace("~0", "~")
        key = int(key) if isinstance(value, list) else key
        path.append(key)
        value = value[key]  # type: ignore[index]  # the place is one of the value
    return tuple(path)
