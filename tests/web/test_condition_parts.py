"""What the rows of a condition offer."""

import pytest

from engine.language.operators import OPERATORS
from engine.language.values import Kind
from web.pages.condition_draft import Draft
from web.pages.condition_fields import Field
from web.pages.condition_form import Group, Kinds, Row
from web.pages.condition_parts import shown_parts

ANY = {"equals", "not_equals", "exists", "not_exists", "is_null", "type_is"}
OFFERED = {
    Kind.TEXT: {
        *ANY, "equals_ignore_case", "contains", "not_contains", "starts_with", "ends_with", "glob", "regex", "in",
        "not_in", "is_empty", "in_network",
    },
    Kind.NUMBER: {*ANY, "in", "not_in", "less_than", "at_most", "greater_than", "at_least", "between"},
    Kind.BOOLEAN: {*ANY, "in", "not_in"},
    Kind.TIME: {*ANY, "before", "after", "within_last", "older_than"},
    Kind.LIST: {*ANY, "contains", "not_contains", "has_any", "has_all", "is_empty", "length_is"},
    Kind.MAPPING: ANY,
    Kind.NULL: ANY,
}  # fmt: skip


def offered(kind: Kind | None, operator: str) -> dict[str, list[str]]:
    """Return the operators of a row about a field of that kind, by their headings."""
    draft = Draft(Group(parts=(Row("event.data.n", operator, "9"),)), "", "")
    (row,) = shown_parts(draft, {"event.data.n": Field("event.data.n", Kinds(kind))}).parts
    return {heading: [name for name, _ in options] for heading, options in row.offered}


@pytest.mark.parametrize("kind", OFFERED)
def test_004_r13_only_operators_that_fit_a_known_type_are_offered(kind):
    ((heading, names),) = offered(kind, "equals").items()

    assert heading == f"For {kind}"
    assert names[:2] == ["equals", "not_equals"]
    assert set(names) == OFFERED[kind]


def test_004_r13_an_operator_that_does_not_fit_stays_as_it_was_chosen():
    assert offered(Kind.NUMBER, "starts_with")["For other types"] == ["starts_with"]


def test_004_r13_where_the_type_is_not_known_each_operator_stands_once_under_what_it_is_for():
    groups = offered(None, "equals")

    assert sorted(name for names in groups.values() for name in names) == sorted(OPERATORS)
    assert groups["For every type"][:2] == ["equals", "not_equals"]
    assert groups["For time"] == ["before", "after", "older_than", "within_last"]
