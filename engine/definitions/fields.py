"""Read a mapping of the file key by key: what fits comes back typed, what does not becomes a remark."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from engine.definitions.dialect import Key, Table
from engine.definitions.kinds import ITEMS, VALUES
from engine.definitions.remarks import Place, did_you_mean, meant
from engine.errors import ExpressionError
from engine.language.template import compile_template
from engine.language.values import phrase

T = TypeVar("T")

#: Unknown keys of one mapping that are told one by one: a mapping with more of them is something else altogether.
_MOST_STRANGERS = 20


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping of the file whose keys the dialect knows."""

    place: Place
    values: Mapping[str, object]

    def get(self, key: Key[T]) -> T | None:
        """Return the key's value, or None when it is absent or wrong; a wrong one leaves a remark."""
        if key.name not in self.values:
            return None
        return read(key, self.values[key.name], self.place.at(key.name))

    def at(self, key: Key[object]) -> Place:
        """Return the place of the key's value."""
        return self.place.at(key.name)


def open_fields(table: Table, value: object, place: Place) -> Fields:
    """Begin to read a mapping: note which keys are unknown, missing or out of place."""
    if not isinstance(value, dict):
        place.wrong(f"{table.title} must be a mapping, and this is {phrase(value)}")
        return Fields(place, {})
    strangers = list(islice((name for name in value if name not in table.keys), _MOST_STRANGERS))
    for name in strangers:
        place.at(name).wrong_key(f"{table.title} has no key `{name}`{did_you_mean(name, table.keys)}")
    _note_missing(table, value, written_keys(table, value), place)
    return Fields(place, value)


def read(key: Key[T], value: object, place: Place) -> T | None:
    """Read one value; a wrong one leaves a remark and comes back as None.

    Of a template whose texts cannot all be read, the others come back, so that the rules can judge them.
    """
    try:
        return key.kind.read(value)
    except ExpressionError as error:
        if key.kind not in (VALUES, ITEMS):
            _note_unreadable(error, value, place)
            return None
    except ValueError as error:
        place.wrong(f"`{key.name}` {error}")
        return None
    return _read_rest(key, value, place)


def _read_rest(key: Key[T], value: object, place: Place) -> T | None:
    readable = _readable(value, place)
    try:
        return key.kind.read(readable)
    except ExpressionError as error:
        _note_unreadable(error, readable, place)
    except ValueError:
        pass  # what is left of it without the texts that were told of
    return None


def written_keys(table: Table, value: object) -> Collection[str]:
    """Return the keys of a mapping with those that misspelt ones mean: of these one remark is enough."""
    keys = value.keys() if isinstance(value, dict) else set()
    return keys | meant(islice((name for name in keys if name not in table.keys), _MOST_STRANGERS), table.keys)


def _note_missing(table: Table, value: Mapping[str, object], written: Collection[str], place: Place) -> None:
    """Note keys that lack; written: with those that misspelt ones mean, of which one remark is enough."""
    for key in table.keys.values():
        if key.required and key.name not in written:
            place.wrong(f"{table.title} needs the key `{key.name}`")
        if key.name in value and key.companions and not any(name in written for name in key.companions):
            place.at(key.name).wrong_key(f"`{key.name}` means nothing without {_either(key.companions)} beside it")
    found = [name for name in table.one_of if name in value] or [name for name in table.one_of if name in written]
    if table.one_of and len(found) != 1:
        place.wrong(f"{table.title} needs {_either(table.one_of)}, and only one of them")
    for apart in table.apart:
        if all(name in value for name in apart.keys):
            place.at(apart.keys[0]).wrong_key(apart.why)


def _either(names: Sequence[str]) -> str:
    *most, last = (f"`{name}`" for name in names)
    return f"{', '.join(most)} or {last}" if most else last


def _note_unreadable(error: ExpressionError, value: object, place: Place) -> None:
    for key in error.path:
        value = value[key]  # type: ignore[index]  # the path was walked when the value was compiled
    if isinstance(value, str):
        begin = len(value) - len(value.lstrip())
        place.at(*error.path).wrong_in(value, begin + error.column, error.detail)
    else:
        place.at(*error.path).wrong(error.detail)


def _readable(value: object, place: Place) -> object:
    """Return a template's value with nothing in the place of each text that cannot be read, which is told of."""
    if isinstance(value, dict):
        return {key: _readable(item, place.at(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_readable(item, place.at(index)) for index, item in enumerate(value)]
    if isinstance(value, str):
        try:
            compile_template(value)
        except ExpressionError as error:
            _note_unreadable(error, value, place)
            return None
    return value
