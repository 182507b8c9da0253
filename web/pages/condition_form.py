"""A condition as the fields of a form: groups and rows as people build them, and the rows of the language.

A field's name is what it holds and where, ``left.0.1``: the second part of the first part of the whole. What was
typed is kept as it was typed, also where it means nothing yet.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.errors import ExpressionError
from engine.language.operators import OPERATORS, Operator, Right
from engine.language.values import Kind
from web.pages.condition_values import is_hole, mismatch, read_value, write_value

#: Where a part is: which part of the whole, which part of that, and so on.
Place = tuple[int, ...]
Rows = Mapping[str, object]

#: Parts of one form, far more than an expression has room for; and how deep they nest.
MOST: Final = 500
DEEPEST: Final = 20
_NAME: Final = re.compile(rf"(left|op|right|high|not|join)((?:\.\d{{1,4}}){{1,{DEEPEST}}})")


@dataclass(frozen=True, slots=True)
class Kinds:
    """What is known of the left side of a row: its kind, and for a list the kind of its items."""

    kind: Kind | None = None
    items: Kind | None = None

    def beside(self, operator: Operator) -> Kind | None:
        """Return the kind of what the operator compares with its right side."""
        within = operator.right is Right.LIST and operator.name.startswith("has_")
        return self.items if within or (self.kind is Kind.LIST and operator.right is Right.VALUE) else self.kind


#: What is known, by the text of a left side.
Known = Mapping[str, Kinds]
_NOTHING_KNOWN: Final = Kinds()


@dataclass(frozen=True, slots=True)
class Row:
    """One question, as it was typed; high: the greatest number of a range, of which right is the least."""

    left: str = ""
    op: str = "equals"
    right: str = ""
    high: str = ""
    negated: bool = False

    @property
    def blank(self) -> bool:
        """Nothing was written: the row asks nothing."""
        return not (self.left.strip() or self.right or self.high)


@dataclass(frozen=True, slots=True)
class Group:
    """Questions of which all have to be answered with yes, or any; negated: where that is so, the answer is no."""

    join: str = "all"
    parts: Sequence["Row | Group"] = ()
    negated: bool = False

    @property
    def blank(self) -> bool:
        """Nothing in it asks anything."""
        return all(part.blank for part in self.parts)


Part = Row | Group

#: What to write on the right, where that is nothing that the operator takes.
_WANTED: Final[Mapping[Right, str]] = {
    Right.NUMBER: "write a number, as in 7 or 9.5",
    Right.COUNT: "write a whole number, as in 0 or 3",
    Right.LIST: "write the values, with commas between them",
    Right.RANGE: "write two numbers, the least and the greatest",
    Right.KIND: "choose a type",
}


def read_form(values: Mapping[str, str]) -> Group:
    """Return the group that a form holds; its parts are numbered anew."""
    found: dict[Place, dict[str, str]] = {(): {"join": values.get("join", "all")}}
    for name, value in values.items():
        match = _NAME.fullmatch(name)
        if match and len(found) <= MOST:
            place = tuple(map(int, match[2][1:].split(".")))
            found.setdefault(place, {})[match[1]] = value
    group = _read_part(found, ())
    return group if isinstance(group, Group) else Group()


def write_form(group: Group) -> dict[str, str]:
    """Return the fields of a form that holds the group."""
    return dict(_fields(group, ()))


def field_name(part: str, place: Place) -> str:
    """Return the name of a field."""
    return ".".join([part, *map(str, place)])


def rows_of(part: Part, known: Known) -> Rows | None:
    """Return the rows of the language, None where nothing is asked; blank rows are left out."""
    if part.blank:
        return None
    if isinstance(part, Row):
        rows = _row_of(part, known)
    else:
        rows = {part.join: [rows_of(inner, known) for inner in part.parts if not inner.blank]}
    return {"not": rows} if part.negated else rows


def form_of(rows: Rows, known: Known) -> Group:
    """Return rows of the language as a form shows them."""
    part = _part_of(rows, known)
    return part if isinstance(part, Group) else Group(parts=(part,))


def mistakes_of(group: Group, known: Known, read: Callable[[Rows], object]) -> dict[str, str]:
    """Say of each row that cannot be read what is wrong with it: {name of the field: words}.

    read: compiles rows, or raises an ExpressionError.
    """
    found: dict[str, str] = {}
    for place, row in each_row(group):
        if not row.blank and (mistake := _mistake(row, known, read)):
            side, words = mistake
            found[field_name(side, place)] = words
    return found


def each_row(part: Part, place: Place = ()) -> Iterator[tuple[Place, Row]]:
    """Yield every row with its place."""
    if isinstance(part, Row):
        yield place, part
        return
    for number, inner in enumerate(part.parts):
        yield from each_row(inner, (*place, number))


def with_part(group: Group, place: Place, part: Part) -> Group:
    """Return the group with a further part at the end of the group at a place; unchanged where there is none."""
    if not place:
        return replace(group, parts=(*group.parts, part))
    inner = _at(group, place[0])
    return _with(group, place[0], (with_part(inner, place[1:], part),)) if isinstance(inner, Group) else group


def without(group: Group, place: Place) -> Group:
    """Return the group without the part at a place; a group that is empty then is removed with it."""
    inner = _at(group, place[0]) if place else None
    if inner is None:
        return group
    if len(place) == 1:
        return _with(group, place[0], ())
    if not isinstance(inner, Group):
        return group
    rest = without(inner, place[1:])
    return _with(group, place[0], (rest,) if rest.parts else ())


def _at(group: Group, number: int) -> Part | None:
    return group.parts[number] if number < len(group.parts) else None


def _with(group: Group, number: int, parts: Sequence[Part]) -> Group:
    """Return the group with other parts in the place of one."""
    return replace(group, parts=(*group.parts[:number], *parts, *group.parts[number + 1 :]))


def _read_part(found: Mapping[Place, Mapping[str, str]], place: Place) -> Part:
    values = found.get(place, {})
    inside = sorted({other[: len(place) + 1] for other in found if len(other) > len(place) and _is_in(other, place)})
    if "join" in values or inside:
        join, negated = _read_join(values.get("join", "all"))
        return Group(join, tuple(_read_part(found, each) for each in inside), negated)
    texts = {name: values[name] for name in ("left", "op", "right", "high") if name in values}
    return Row(**texts, negated="not" in values)


def _is_in(other: Place, place: Place) -> bool:
    return other[: len(place)] == place


def _read_join(word: str) -> tuple[str, bool]:
    negated = word.startswith("not_")
    return ("any" if word.removeprefix("not_") == "any" else "all"), negated


def write_join(group: Group) -> str:
    """Return the word of a group in a form: all, any, not_all or not_any."""
    return f"not_{group.join}" if group.negated else group.join


def _fields(part: Part, place: Place) -> Iterator[tuple[str, str]]:
    if isinstance(part, Group):
        yield field_name("join", place), write_join(part)
        for number, inner in enumerate(part.parts):
            yield from _fields(inner, (*place, number))
        return
    for name in ("left", "op", "right", "high"):
        yield field_name(name, place), getattr(part, name)
    if part.negated:
        yield field_name("not", place), "yes"


def _row_of(row: Row, known: Known) -> dict[str, object]:
    rows: dict[str, object] = {"left": row.left, "op": row.op}
    operator = OPERATORS.get(row.op)
    if operator is None or operator.right is Right.NOTHING:
        return rows
    kind = known.get(row.left.strip(), _NOTHING_KNOWN).beside(operator)
    if operator.right is Right.RANGE:
        ends = [read_value(end, Right.NUMBER, kind) for end in (row.right, row.high)]
        return {**rows, "right": ends}
    return {**rows, "right": read_value(row.right, operator.right, kind)}


def _part_of(rows: Rows, known: Known) -> Part:
    if "left" in rows:
        return _to_row(rows, known)
    word, inside = next(iter(rows.items()))
    if word == "not" and isinstance(inside, Mapping):
        part = _part_of(inside, known)
        return Group(parts=(part,), negated=True) if part.negated else replace(part, negated=True)
    parts = inside if isinstance(inside, list) else []
    return Group(word, tuple(_part_of(part, known) for part in parts))


def _to_row(rows: Rows, known: Known) -> Row:
    left, operator, right = str(rows["left"]), OPERATORS[str(rows["op"])], rows.get("right")
    kind = known.get(left, _NOTHING_KNOWN).beside(operator)
    if operator.right is Right.NOTHING:
        return Row(left, operator.name)
    if operator.right is Right.RANGE and isinstance(right, list):
        low, high = (write_value(end, Right.NUMBER, kind) for end in right)
        return Row(left, operator.name, low, high)
    return Row(left, operator.name, write_value(right, operator.right, kind))


def _mistake(row: Row, known: Known, read: Callable[[Rows], object]) -> tuple[str, str] | None:
    """Return which side of a row is wrong, and what is; None where nothing is."""
    if not row.left.strip():
        return "left", "choose a field"
    rows = _row_of(row, known)
    try:
        read(rows)
    except ExpressionError as error:
        side = str(error.path[-1]) if error.path else "right"
        if side == "right" and error.path and not is_hole(row.right):
            return side, _WANTED.get(OPERATORS[row.op].right, error.detail)
        return (side if side in {"left", "op"} else "right"), error.detail
    operator = OPERATORS[row.op]
    words = mismatch(rows.get("right"), operator.right, known.get(row.left.strip(), _NOTHING_KNOWN).beside(operator))
    return ("right", words) if words else None
