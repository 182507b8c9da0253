"""A schema as people read it: its fields in a tree with types, formats and examples, and what differs from another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

#: JSON Schema's types in a word or two.
KINDS: Mapping[str, str] = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "array": "list",
    "object": "object",
}

#: Levels of a tree that are shown.
_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a schema."""

    name: str
    #: As an expression names it: ``event.data.finding.severity``.
    path: str
    #: Words of :data:`KINDS`; empty where anything can stand there.
    kinds: Sequence[str]
    format: str | None
    examples: Sequence[object]
    #: In how many of the samples it was, as in ``3 of 4``; None: in all.
    seen: str | None
    parts: "Sequence[Part]"

    @property
    def nature(self) -> str:
        """What it is, and whether it is always there, in words."""
        kinds = " or ".join(self.kinds) or "anything"
        return f"{kinds}, not always there" if self.seen else kinds


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not as it was."""

    path: str
    #: ``new``, ``gone`` or ``changed``.
    kind: str
    words: str


def outline(schema: Mapping[str, object], name: str = "event.data") -> Part:
    """Return a schema as a tree; name: what expressions call the whole of it."""
    return _part(schema, name, name, _DEEPEST)


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> Sequence[Difference]:
    """Return what the second schema says otherwise than the first, by path."""
    old, new = ({part.path: part.nature for part in _all(outline(schema))} for schema in (before, after))
    return [
        Difference(path, *_compared(old.get(path), new.get(path)))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    ]


def size(part: Part) -> int:
    """Return how many fields a tree has."""
    return sum(1 for _ in _all(part))


def _compared(old: str | None, new: str | None) -> tuple[str, str]:
    if old is None:
        return "new", new or ""
    return ("gone", old) if new is None else ("changed", f"{old} → {new}")


def _all(part: Part) -> Iterator[Part]:
    yield part
    for each in part.parts:
        yield from _all(each)


def _part(schema: Mapping[str, object], name: str, path: str, depth: int) -> Part:
    branches = _branches(schema)
    seen, formats = schema.get("x-seen"), [branch["format"] for branch in branches if "format" in branch]
    examples = [example for branch in branches for example in _list(branch.get("examples"))]
    return Part(
        name=name,
        path=path,
        kinds=tuple(dict.fromkeys(kind for branch in branches for kind in _kinds(branch))),
        format=str(formats[0]) if formats else None,
        examples=examples,
        seen=None if seen is None else str(seen),
        parts=tuple(part for branch in branches for part in _members(branch, path, depth - 1)) if depth else (),
    )


def _members(schema: Mapping[str, object], path: str, depth: int) -> Iterator[Part]:
    properties, items = schema.get("properties"), schema.get("items")
    if isinstance(properties, Mapping):
        for name, member in properties.items():
            place = f"{path}.{name}" if str(name).isidentifier() else f"{path}[{name!r}]"
            yield _part(_mapping(member), str(name), place, depth)
    if isinstance(items, Mapping):
        yield _part(items, "each", f"{path}[0]", depth)


def _branches(schema: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    found = [_mapping(branch) for branch in _list(schema.get("anyOf"))]
    return found or [schema]


def _kinds(schema: Mapping[str, object]) -> list[str]:
    kinds = schema.get("type")
    return [KINDS.get(str(kind), str(kind)) for kind in ([kinds] if isinstance(kinds, str) else _list(kinds))]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()
