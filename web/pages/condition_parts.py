"""The rows of a condition as the editor draws them: controls with their names, what is offered, what is wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.language.operators import OPERATORS, Operator, Right
from engine.language.values import Kind
from web.pages.condition_draft import Draft, control_id
from web.pages.condition_fields import Field
from web.pages.condition_form import Group, Kinds, Place, Row, field_name, write_join

#: Pairs of value and words, as lists of a page take them.
Options = Sequence[tuple[str, str]]

JOINS: Final[Options] = (
    ("all", "all of these are true"),
    ("any", "any of these is true"),
    ("not_all", "not all of these are true"),
    ("not_any", "none of these is true"),
)
#: What is typed on the right, by what the operator takes there.
_EXAMPLES: Final[Mapping[Right, str]] = {
    Right.LIST: "one, another, ...",
    Right.TIME: "2026-11-21T05:00:00Z",
    Right.LENGTH: "30m, 2h or 7d",
    Right.NETWORKS: "10.0.0.0/8",
    Right.COUNT: "0",
}


class Control(StrEnum):
    """What stands on the right of a row."""

    NOTHING = "nothing"
    LINE = "line"
    RANGE = "range"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """A row with its controls."""

    number: str
    place: str
    row: Row
    ids: Mapping[str, str]
    names: Mapping[str, str]
    errors: Mapping[str, str]
    #: What is known of the field on the left.
    field: Field | None
    kind: str
    #: Operators by what they are for: pairs of a heading and what stands under it.
    offered: Sequence[tuple[str, Options]]
    control: Control
    choices: Options
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupShown:
    """A group with its parts; number: empty for the whole."""

    number: str
    place: str
    id: str
    add_id: str
    name: str
    join: str
    joins: Options
    parts: Sequence["RowShown | GroupShown"]

    @property
    def is_group(self) -> bool:
        """Tell a group from a row."""
        return True


def shown_parts(draft: Draft, fields: Mapping[str, Field]) -> GroupShown:
    """Return a draft's rows as the editor draws them."""
    return _group(draft.group or Group(), (), draft, fields)


def _group(group: Group, place: Place, draft: Draft, fields: Mapping[str, Field]) -> GroupShown:
    return GroupShown(
        number=_number(place),
        place=_text(place),
        id=control_id("join", place),
        add_id=control_id("add", place),
        name=field_name("join", place),
        join=write_join(group),
        joins=JOINS,
        parts=[
            _group(part, (*place, at), draft, fields)
            if isinstance(part, Group)
            else _row(part, (*place, at), draft, fields)
            for at, part in enumerate(group.parts)
        ],
    )


def _row(row: Row, place: Place, draft: Draft, fields: Mapping[str, Field]) -> RowShown:
    field, operator = fields.get(row.left.strip()), OPERATORS.get(row.op)
    kinds = field.kinds if field else Kinds()
    sides = ("left", "op", "right", "high", "not")
    names = {side: field_name(side, place) for side in sides}
    control, choices = _control(row, operator, kinds)
    return RowShown(
        number=_number(place),
        place=_text(place),
        row=row,
        ids={side: control_id(side, place) for side in sides},
        names=names,
        errors={side: draft.mistakes[name] for side, name in names.items() if name in draft.mistakes},
        field=field,
        kind="" if kinds.kind is None else kinds.kind,
        offered=[
            (heading, [(name, _words(name)) for name in names]) for heading, names in _offered(kinds.kind, row.op)
        ],
        control=control,
        choices=choices,
        example=_EXAMPLES.get(operator.right, "") if operator else "",
    )


def _offered(kind: Kind | None, chosen: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the names of operators under headings: those that fit the kind, and the chosen one where it does not.

    Where nobody knows the kind, all of them, by the kinds that they are for.
    """
    if kind is not None:
        fitting = _ordered(name for name, each in OPERATORS.items() if _fits(each, kind))
        yield f"For {kind}", fitting
        if chosen in OPERATORS and chosen not in fitting:
            yield "For other types", [chosen]
        return
    for heading in _HEADINGS:
        yield heading, _ordered(name for name, each in OPERATORS.items() if _heading(each) == heading)


def _fits(operator: Operator, kind: Kind) -> bool:
    return kind in operator.kinds or (kind is Kind.TIME and Kind.NULL in operator.kinds)


def _heading(operator: Operator) -> str:
    if Kind.NULL in operator.kinds:
        return _HEADINGS[0]
    return _HEADINGS[1] if len(operator.kinds) > 1 else f"For {next(iter(operator.kinds))}"


def _ordered(names: Iterable[str]) -> Sequence[str]:
    """Put the most common first: they are the last in the language, where the special ones come first."""
    return sorted(names, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))


#: Of operators, where nobody knows what they are to fit.
_HEADINGS: Final = ("For every type", "For several types", "For text", "For number", "For time", "For list")
_FIRST: Final = ("equals", "not_equals", "in", "not_in", "contains", "not_contains", "before", "after")


def _control(row: Row, operator: Operator | None, kinds: Kinds) -> tuple[Control, Options]:
    if operator is None:
        return Control.LINE, ()
    if operator.right is Right.NOTHING:
        return Control.NOTHING, ()
    if operator.right is Right.RANGE:
        return Control.RANGE, ()
    words: Sequence[str] = ()
    if operator.right is Right.KIND:
        words = ("text", "number", "boolean", "null", "list", "mapping")
    elif operator.right is Right.VALUE and kinds.beside(operator) is Kind.BOOLEAN:
        words = ("true", "false")
    if words and row.right in {"", *words}:
        return Control.CHOICE, [("", "choose"), *((word, word) for word in words)]
    return Control.LINE, ()


def _words(name: str) -> str:
    return name.replace("_", " ")


def _number(place: Place) -> str:
    return ".".join(str(at + 1) for at in place)


def _text(place: Place) -> str:
    return ".".join(map(str, place))
