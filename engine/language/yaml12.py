"""YAML 1.2 as people expect it: ``on`` and ``12:30`` are text, nothing is lost silently, every value has a place.

PyYAML's parser reads the syntax; what a scalar means is decided here.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final, cast

import yaml

from engine.errors import Mistake, Mistakes
from engine.language.scalars import read_scalar
from engine.language.values import Path, shorten
from engine.language.yaml_errors import check_bytes, describe_error

MAX_DEPTH: Final = 100
#: Values that one file may hold: each is kept with its place, which takes far more room than its text.
MAX_VALUES: Final = 50_000
#: Mistakes that are told at once; whoever has more of them has one, many times.
MAX_MISTAKES: Final = 100

#: The parser in C, which every wheel of PyYAML brings, else the slow one.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Styles of a scalar that is text whatever it looks like; the two parsers name the plain style differently.
_NEVER_PLAIN: Final = ("'", '"', "|", ">")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document as plain values, with the place of each."""

    value: object
    marks: Mapping[Path, Mark] = field(repr=False)
    key_marks: Mapping[Path, Mark] = field(repr=False)
    #: The first character of each text that stands on one line, letter for letter.
    text_marks: Mapping[Path, Mark] = field(repr=False)
    #: Paths of values whose key is quoted: such a key is text whatever it looks like.
    quoted_keys: AbstractSet[Path] = field(repr=False)

    def key_value(self, path: Path) -> bool | int | float | str | None:
        """Return the value that the key of the value at the path would have if it were no key: 200, true, text.

        Raises:
            ValueError: it is a number that cannot be kept.
        """
        key = str(path[-1])
        return key if path in self.quoted_keys else read_scalar(key)

    def mark(self, path: Path) -> Mark:
        """Return where the value at the path is, or the nearest one around it that is there."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, Mark(1, 1))

    def key_mark(self, path: Path) -> Mark:
        """Return where the key of the value at the path is; an item of a list has none, and its own place counts."""
        return self.key_marks.get(path) or self.mark(path)

    def mark_in(self, path: Path, offset: int) -> Mark:
        """Return where the text at the path has the character at the offset; where it begins if that is not known."""
        start = self.text_marks.get(path)
        return Mark(start.line, start.column + offset) if start else self.mark(path)


def load(text: str | bytes) -> Document:
    """Read one YAML document.

    Raises:
        Mistakes: it is not one; all mistakes that can be told apart are listed.
    """
    reading = _Reading()
    source = check_bytes(text)
    try:
        value = reading.document(source)
    except yaml.YAMLError as error:
        raise Mistakes([*reading.mistakes, describe_error(error, source)]) from error
    if reading.mistakes:
        raise Mistakes(reading.mistakes)
    return Document(value, reading.marks, reading.key_marks, reading.text_marks, reading.quoted_keys)


class _Reading:
    """One pass over the parser's events, which builds the value and notes places and mistakes."""

    def __init__(self) -> None:
        self.marks: dict[Path, Mark] = {}
        self.key_marks: dict[Path, Mark] = {}
        self.text_marks: dict[Path, Mark] = {}
        self.quoted_keys: set[Path] = set()
        self.mistakes: list[Mistake] = []
        self._events: Iterator[yaml.Event] = iter(())

    def document(self, text: str) -> object:
        """Return the value of the only document, None of an empty text.

        Raises:
            yaml.YAMLError: the syntax is wrong, so that nothing after it can be read.
        """
        self._events = iter(yaml.parse(text, Loader=_LOADER))
        values: list[object] = []
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._blame(event, "one file holds one document: take `---` out", when=bool(values))
                values.append(self._value(next(self._events), ()))
        return values[0] if values else None

    def _value(self, event: yaml.Event, path: Path) -> object:
        """Return the value that begins with the event, and read on to its end."""
        self.marks[path] = _mark(event)
        self._refuse_extras(event)
        if len(path) > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested more than {MAX_DEPTH} deep", problem_mark=_span(event)[0])
        if len(self.marks) > MAX_VALUES:
            problem = f"the file has more than {MAX_VALUES:,} values"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=_span(event)[0])
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event, path) if isinstance(event, yaml.ScalarEvent) else None

    def _mapping(self, path: Path) -> dict[str, object]:
        made: dict[str, object] = {}
        for event in iter(self._next, None):
            key = self._key(event, path)
            self.key_marks[(*path, key)] = _mark(event)
            made[key] = self._value(next(self._events), (*path, key))
        return made

    def _sequence(self, path: Path) -> list[object]:
        return [self._value(event, (*path, place)) for place, event in enumerate(iter(self._next, None))]

    def _next(self) -> yaml.Event | None:
        """Return the next event within a list or a mapping, None at its end."""
        event = next(self._events)
        return None if isinstance(event, yaml.CollectionEndEvent) else event

    def _key(self, event: yaml.Event, path: Path) -> str:
        """Return a key as it is written: ``on`` and ``200`` are text here."""
        self._refuse_extras(event)
        if isinstance(event, yaml.ScalarEvent):
            is_left_out = not event.value and event.style not in _NEVER_PLAIN
            self._blame(event, "a key is missing before the `:`", when=is_left_out)
            key = self._new_key(event, path)
            if event.style in _NEVER_PLAIN:
                self.quoted_keys.add((*path, key))
            return key
        self._blame(event, "a key is text, and no list or mapping", when=isinstance(event, yaml.CollectionStartEvent))
        spare = f"?{len(self.marks)}"
        self._value(event, (*path, spare))
        return spare

    def _new_key(self, event: yaml.ScalarEvent, path: Path) -> str:
        """Return the key, or another in its place when the mapping has it already, so that no value is lost."""
        key = str(event.value)
        first = self.key_marks.get((*path, key))
        if first is None:
            return key
        self._blame(event, f"`{shorten(key, 60)}` is there already, in line {first.line}")
        return f"{key}?{len(self.marks)}"

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> object:
        (start, end), width = _span(event), int(event.style in ("'", '"'))
        if start.line == end.line and end.column - start.column == len(event.value) + 2 * width:
            self.text_marks[path] = Mark(start.line + 1, start.column + 1 + width)
        if event.style in _NEVER_PLAIN:
            return str(event.value)
        try:
            return read_scalar(event.value)
        except ValueError as error:
            self._blame(event, str(error))
            return None

    def _refuse_extras(self, event: yaml.Event) -> None:
        """Note what YAML has beyond JSON's values: it makes files that do not say what they mean."""
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            self._blame(event, f"write the value out: aliases (*{anchor}) are not read")
        elif anchor:
            self._blame(event, f"take &{anchor} out: anchors are not read")
        if tag:
            self._blame(event, f"take {tag} out: tags are not read")

    def _blame(self, event: yaml.Event, message: str, *, when: bool = True) -> None:
        if when and len(self.mistakes) < MAX_MISTAKES:
            mark = _mark(event)
            self.mistakes.append(Mistake(mark.line, mark.column, message))


def _mark(event: yaml.Event) -> Mark:
    start, _ = _span(event)
    return Mark(start.line + 1, start.column + 1)


def _span(event: yaml.Event) -> tuple[yaml.Mark, yaml.Mark]:
    """Return where an event begins and ends, which the parser always knows."""
    return cast("tuple[yaml.Mark, yaml.Mark]", (event.start_mark, event.end_mark))
