"""The values of the language: their kinds, the paths to them, and the third truth value."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from keyword import iskeyword
from types import NoneType
from typing import Final, NoReturn

#: Where a value is, from a root name on: ``("event", "data", "items", 0)``.
Path = tuple[str | int, ...]
Scope = Mapping[str, object]

#: Characters of an expression's part that are shown where somebody reads of it.
MAX_SHOWN: Final = 200
#: A reason also quotes keys that a sender chose; longer ones are cut.
_LONGEST_REASON: Final = 500


class Kind(StrEnum):
    """What sort of value something is, in the words that ``type_of`` answers with."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"
    LIST = "list"
    MAPPING = "mapping"
    TIME = "time"
    DURATION = "duration"
    OTHER = "other"


#: Each kind as it stands in a sentence.
PHRASES: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "text",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.NULL: "null",
    Kind.LIST: "a list",
    Kind.MAPPING: "a mapping",
    Kind.TIME: "a time",
    Kind.DURATION: "a length of time",
    Kind.OTHER: "something that the language does not know",
}

#: The kind of each Python type that stands for a value; ``bool`` comes before ``int``, of which it is a subclass.
KINDS: Final[Mapping[type, Kind]] = {
    str: Kind.TEXT,
    bool: Kind.BOOLEAN,
    int: Kind.NUMBER,
    float: Kind.NUMBER,
    NoneType: Kind.NULL,
    dict: Kind.MAPPING,
    list: Kind.LIST,
    tuple: Kind.LIST,
    datetime: Kind.TIME,
    timedelta: Kind.DURATION,
    Mapping: Kind.MAPPING,
}


class Unknown:
    """The third value: neither true nor false, with what is not there and why."""

    __slots__ = ("_reason", "path")

    def __init__(self, path: str, reason: str | Callable[[], str]) -> None:
        #: The path or the part of the expression that has no value, as text.
        self.path = path
        self._reason = reason

    @property
    def reason(self) -> str:
        """Say in one sentence why there is no value; found only when somebody asks, since most never do."""
        if not isinstance(self._reason, str):
            self._reason = self._reason()
        return shorten(self._reason, _LONGEST_REASON)

    def __bool__(self) -> NoReturn:
        """Refuse: code that forgets the third value must not take it for yes or no."""
        raise TypeError("unknown is neither true nor false: ask isinstance(value, Unknown) first")

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r})"


def kind_of(value: object) -> Kind:
    """Return the kind of a value; subclasses count as what they derive from."""
    found = KINDS.get(type(value))
    return found if found is not None else _kind_by_base(value)


def phrase(value: object) -> str:
    """Return what a value is as it stands in a sentence: ``a number``, ``a list``."""
    return PHRASES[kind_of(value)]


def part_of(value: object, key: str | int) -> object:
    """Return the part of a value under the key, counting lists from 0 and never from their end.

    Raises:
        LookupError, TypeError: there is none.
    """
    if isinstance(key, str):
        return value[key]  # type: ignore[index]  # what cannot be indexed by a text raises TypeError
    if isinstance(value, list | tuple) and key >= 0:
        return value[key]
    raise TypeError


def path_text(path: Path) -> str:
    """Write a path as an expression does: ``event.data.items[0]['x-id']``; the first part stands as it is."""
    first, *rest = path
    return str(first) + "".join(map(_segment, rest))


def shorten(text: str, most: int) -> str:
    """Cut a text to the given number of characters, and show that something is missing."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _segment(key: str | int) -> str:
    if isinstance(key, str) and key.isascii() and key.isidentifier() and not iskeyword(key):
        return f".{key}"
    return f"[{key!r}]"


def _kind_by_base(value: object) -> Kind:
    return next((kind for base, kind in KINDS.items() if isinstance(value, base)), Kind.OTHER)
