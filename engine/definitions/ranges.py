"""How large a value may be, in words, from its JSON Schema."""

from collections.abc import Iterator, Mapping

#: The words of JSON Schema that bound a value from below and from above, and what is counted.
_BOUNDS = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
)
_BEYOND = (("exclusiveMinimum", "more than"), ("exclusiveMaximum", "less than"))


def range_words(schema: Mapping[str, object]) -> str:
    """Return what bounds a value, such as ``from 1 to 30``; empty for one that nothing bounds."""
    return ", ".join(_parts(schema))


def _parts(schema: Mapping[str, object]) -> Iterator[str]:
    for low, high, counted in _BOUNDS:
        least, most = schema.get(low), schema.get(high)
        if least is not None and most is not None:
            yield f"from {least} to {most}{counted}"
        elif least is not None:
            yield f"at least {least}{counted}"
        elif most is not None:
            yield f"at most {most}{counted}"
    yield from (f"{words} {schema[name]}" for name, words in _BEYOND if name in schema)
