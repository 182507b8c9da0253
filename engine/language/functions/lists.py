"""Functions on lists and mappings."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.language.arithmetic import bounded
from engine.language.comparison import ORDERED, contains
from engine.language.frame import Frame
from engine.language.functions.function import Entries, Items, Number, function
from engine.language.values import Kind, kind_of
from engine.language.walks import same


@function("first(['a', 'b'])", "'a'")
def first(items: Items) -> object:
    """The first item; unknown when the list is empty."""
    return _filled(items)[0]


@function("last(['a', 'b'])", "'b'")
def last(items: Items) -> object:
    """The last item; unknown when the list is empty."""
    return _filled(items)[-1]


@function("min([3, 1, 2])", "1")
def min_(*values: object) -> object:
    """The least of a list, or of several values of one kind."""
    return min(_comparable(values))


@function("max(3, 1, 2)", "3")
def max_(*values: object) -> object:
    """The greatest of a list, or of several values of one kind."""
    return max(_comparable(values))


@function("sum([1, 2.5])", "3.5")
def sum_(items: Items) -> Number:
    """The sum of a list of numbers."""
    total: Any = 0
    for item in items:
        if kind_of(item) is not Kind.NUMBER:
            raise ValueError("an item is no number")
        total = bounded(total + item)
    return total  # type: ignore[no-any-return]  # sums of numbers


@function("pluck([{'profile': {'name': 'a'}}, {'profile': {'name': 'b'}}], 'profile.name')", "['a', 'b']")
def pluck(items: Items, path: str) -> Items:
    """What stands at the dotted path in every item; unknown when an item lacks it."""
    keys = path.split(".")
    return [_at(item, keys, place) for place, item in enumerate(items)]


@function("unique([1, 2, 1, true])", "[1, 2, true]")
def unique(frame: Frame, items: Items) -> Items:
    """The list without the items that came before."""
    seen: set[object] = set()
    composed: Items = []
    return [item for item in items if _is_new(item, (seen, composed), frame)]


@function("sort(['b', 'a'])", "['a', 'b']")
def sort(items: Items) -> Items:
    """The list in rising order; its items are of one kind."""
    return sorted(_comparable([items])) if items else []


@function("keys({'a': 1, 'b': 2})", "['a', 'b']")
def keys(mapping: Entries) -> Items:
    """The keys of the mapping."""
    return list(mapping)


@function("values({'a': 1, 'b': 2})", "[1, 2]")
def values(mapping: Entries) -> Items:
    """The values of the mapping."""
    return list(mapping.values())


@function("has_any(['prod', 'web'], ['prod', 'pci'])", "true")
def has_any(frame: Frame, items: Items, wanted: Items) -> bool:
    """Whether the list has at least one of the wanted items."""
    _pay_for_each(wanted, items, frame)
    return any(contains(items, item, frame, "has_any") is True for item in wanted)


@function("has_all(['prod', 'web'], ['prod', 'pci'])", "false")
def has_all(frame: Frame, items: Items, wanted: Items) -> bool:
    """Whether the list has every one of the wanted items."""
    _pay_for_each(wanted, items, frame)
    return all(contains(items, item, frame, "has_all") is True for item in wanted)


@function("rank('high', ['low', 'medium', 'high', 'critical']) >= 2", "true")
def rank(frame: Frame, value: object, order: Items) -> int:
    """The place of the value in the list, counted from 0; unknown when it is not there."""
    for place, item in enumerate(order):
        if same(item, value, frame):
            return place
    raise ValueError("the value is not in the list")


def _pay_for_each(wanted: Items, items: Items, frame: Frame) -> None:
    for _ in wanted:
        frame.spend(1)
        frame.read(items)


def _filled(items: Items) -> Items:
    if not items:
        raise ValueError("the list is empty")
    return items


def _comparable(values: Iterable[object]) -> list[Any]:
    """Return the values, or those of the one list that was given, if they can be put in order."""
    given = list(values)
    if len(given) == 1 and isinstance(given[0], list | tuple):
        given = _filled(list(given[0]))
    kinds = set(map(kind_of, given))
    if len(kinds) != 1 or not kinds <= ORDERED:
        raise ValueError("the values are not of one kind that has an order")
    return given


def _at(item: object, keys: list[str], place: int) -> object:
    for key in keys:
        if not isinstance(item, Mapping) or key not in item:
            raise ValueError(f"item {place} has no `{'.'.join(keys)}`")
        item = item[key]
    return item


def _is_new(item: object, seen: tuple[set[object], Items], frame: Frame) -> bool:
    """Say whether an item is seen for the first time, and remember it."""
    scalars, composed = seen
    kind = kind_of(item)
    if kind in (Kind.LIST, Kind.MAPPING, Kind.OTHER):
        known = any(same(item, other, frame) for other in composed)
        composed.append(item)
    else:
        known = (kind, item) in scalars
        scalars.add((kind, item))
    return not known
