"""Values that stand for all others: one of each region within which comparisons with known values answer alike."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil, floor
from typing import Any, Final

from engine.definitions.kinds import Schema
from engine.definitions.scope import leaves_at
from engine.language.values import Kind, Path, kind_of

#: Stands for a path that is not there.
MISSING: Final = object()

#: Values of an ``enum`` that are looked at; of a longer one, only the type.
_MOST_VALUES: Final = 100
_KINDS: Final[Mapping[str, frozenset[Kind]]] = {
    "string": frozenset({Kind.TEXT}),
    "number": frozenset({Kind.NUMBER}),
    "integer": frozenset({Kind.NUMBER}),
    "boolean": frozenset({Kind.BOOLEAN}),
    "null": frozenset({Kind.NULL}),
    "array": frozenset({Kind.LIST}),
    "object": frozenset({Kind.MAPPING}),
}
_ANY_KIND: Final = frozenset(Kind) - {Kind.OTHER}
#: What a value that somebody sent can be.
_JSON: Final = frozenset[Kind]().union(*_KINDS.values())


@dataclass(frozen=True, slots=True)
class Compared:
    """What a value is compared with."""

    known: Sequence[Any] = ()
    #: Whether by order too, and not by equality alone.
    ordered: bool = False

    def of(self, kind: Kind) -> "Compared":
        """Return the same with the known values of one kind alone: others make no difference among its values."""
        return Compared([one for one in self.known if kind_of(one) is kind], self.ordered)

    def __or__(self, other: "Compared") -> "Compared":
        """Return what is compared with both."""
        return Compared([*self.known, *other.known], self.ordered or other.ordered)


@dataclass(frozen=True, slots=True)
class Domain:
    """What is known of a value before there is one; null and nothing at all are always possible too.

    A schema is often made from samples, and samples that never had null prove nothing.
    """

    kinds: frozenset[Kind] = _ANY_KIND
    #: All values that there can be, None where nobody knows.
    values: tuple[object, ...] | None = None
    least: float | None = None
    most: float | None = None
    whole: bool = False

    def representatives(self, compared: Compared) -> list[object]:
        """Return values so that each possible one is compared as one of these is."""
        if self.values is not None:
            return [MISSING, None, *self.values]
        kinds = (kind for kind in _MAKERS if kind in self.kinds)
        return [MISSING, None, *(value for kind in kinds for value in _MAKERS[kind](self, compared.of(kind)))]

    def holds(self, number: float) -> bool:
        """Say whether a number is possible."""
        too_low = self.least is not None and number < self.least
        return not too_low and not (self.most is not None and number > self.most)


def domain_at(schema: object, path: Path) -> Domain:
    """Return what a schema tells of the value at a path."""
    leaves = leaves_at(schema, path)
    if not leaves:
        return Domain(_JSON)
    values = [_values(leaf) for leaf in leaves]
    only = leaves[0] if len(leaves) == 1 else {}
    return Domain(
        frozenset[Kind]().union(*(_kinds(leaf) for leaf in leaves)),
        tuple(value for some in values for value in some or ()) if None not in values else None,
        _bound(only, "minimum", "exclusiveMinimum"),
        _bound(only, "maximum", "exclusiveMaximum"),
        all(leaf.get("type") == "integer" for leaf in leaves),
    )


def _kinds(leaf: Schema) -> frozenset[Kind]:
    types = leaf.get("type", list(_KINDS))
    names = types if isinstance(types, list) else [types]
    return frozenset[Kind]().union(*(_KINDS.get(str(name), _JSON) for name in names))


def _values(leaf: Schema) -> Sequence[object] | None:
    if "const" in leaf:
        return [leaf["const"]]
    values = leaf.get("enum")
    return values if isinstance(values, list) and len(values) <= _MOST_VALUES else None


def _bound(leaf: Schema, *keywords: str) -> float | None:
    """Return a bound of numbers; one that is exclusive counts as inclusive: a value too many gives no wrong verdict."""
    found = [leaf[word] for word in keywords if kind_of(leaf.get(word)) is Kind.NUMBER]
    return found[0] if len(found) == 1 else None  # type: ignore[return-value]  # a number, by its kind


def _numbers(domain: Domain, compared: Compared) -> Iterable[object]:
    points = sorted({*compared.known, *(bound for bound in (domain.least, domain.most) if bound is not None)}) or [0]
    if not compared.ordered and domain.least is None and domain.most is None:
        return [*points, ceil(max(points)) + 1]
    around = [ceil(points[0]) - 1, *points, *_between(points), floor(points[-1]) + 1]
    return [number for number in around if domain.holds(number) and not (domain.whole and number % 1)]


def _between(points: Sequence[float]) -> Iterator[float]:
    for low, high in pairwise(points):
        whole, half = floor(low) + 1, low / 2 + high / 2
        if whole < high:
            yield whole
        elif low < half < high:
            yield half


def _texts(_domain: Domain, compared: Compared) -> Iterable[object]:
    texts = sorted(set(compared.known)) or [""]
    if not compared.ordered:
        return [*texts, texts[-1] + "\0"]
    # The empty text is the least one, and nothing is between a text and the same with the least sign behind it.
    return dict.fromkeys(["", *(text for one in texts for text in (one, one + "\0"))])


def _lists(_domain: Domain, compared: Compared) -> Iterable[object]:
    return [*compared.known, [None] * (1 + max(map(len, compared.known), default=0))]


_MAKERS: Final[Mapping[Kind, Callable[[Domain, Compared], Iterable[object]]]] = {
    Kind.TEXT: _texts,
    Kind.NUMBER: _numbers,
    Kind.BOOLEAN: lambda *_: (True, False),
    Kind.LIST: _lists,
    Kind.MAPPING: lambda *_: ({},),
    # Nothing that is written out is a time or a length of time: one of each stands for all.
    Kind.TIME: lambda *_: (datetime(2000, 1, 1, tzinfo=UTC),),
    Kind.DURATION: lambda *_: (timedelta(seconds=1),),
}
