"""A condition as a form: whatever rows can say survives the way into the fields and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExpressionError
from engine.language.condition import compile_condition
from engine.language.operators import OPERATORS, Right
from engine.language.rows import rows_to_text, text_to_rows
from engine.language.values import Kind
from web.pages.condition_draft import read_draft
from web.pages.condition_fields import fields_of
from web.pages.condition_form import MOST, Group, Kinds, Row, form_of, mistakes_of, read_form, rows_of, write_form
from web.pages.condition_values import read_value, write_value

LEFTS = ["event.data.a", "event.data.b", "event.type", "event.data['x-y']", "event.data.a + 1"]
#: Texts that look like something else, or that a field of a page does not give back.
TRAPS = ["5", "true", "null", '"', '"a"', "a, b", " a", "a\nb", "\0", "1e999", "${ }", "-0", "1.0", ",", "<b>"]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(lambda text: "${{" not in text)
texts |= st.sampled_from(TRAPS)
numbers = st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
scalars = texts | numbers | st.booleans() | st.none()
holes = st.sampled_from(["${{ event.data.c }}", "${{ event.data.x or true }}"])
kinds = st.none() | st.sampled_from(list(Kind))
known = st.dictionaries(st.sampled_from(LEFTS), st.builds(Kinds, kinds, kinds))
RIGHTS = {
    Right.VALUE: scalars | st.lists(scalars, max_size=3) | holes,
    Right.TEXT: texts | holes,
    Right.NUMBER: numbers | holes,
    Right.COUNT: st.integers(0, 10**9) | holes,
    Right.LIST: st.lists(scalars, max_size=4) | holes,
    Right.RANGE: st.lists(numbers, min_size=2, max_size=2),
    Right.TIME: st.sampled_from(["2026-11-21T05:00:00Z", "${{ event.time }}"]),
    Right.LENGTH: st.sampled_from(["30m", "2d"]),
    Right.KIND: st.sampled_from(["text", "list"]),
    Right.NETWORKS: st.sampled_from(["10.0.0.0/8", ["10.0.0.0/8"], ["10.0.0.0/8", "::/0"]]),
}
WRITABLE = [st.tuples(st.just(right), values) for right, values in RIGHTS.items() if right is not Right.RANGE]


def rows_with(name):
    operator = OPERATORS[name]
    row = {"left": st.sampled_from(LEFTS), "op": st.just(name)}
    return st.fixed_dictionaries(row if operator.right is Right.NOTHING else {**row, "right": RIGHTS[operator.right]})


def groups_of(inner):
    parts = st.lists(inner, min_size=1, max_size=3)
    return (
        st.fixed_dictionaries({"all": parts})
        | st.fixed_dictionaries({"any": parts})
        | st.fixed_dictionaries({"not": inner})
    )


rows = st.recursive(st.sampled_from(list(OPERATORS)).flatmap(rows_with), groups_of, max_leaves=5)


def settled(spec):
    """Return rows as the language writes them, None where they are more than it takes."""
    try:
        return text_to_rows(rows_to_text(spec))
    except ExpressionError:
        return None


@given(rows, known)
def test_004_r8_rows_become_a_form_and_the_same_rows_again(spec, known):
    said = settled(spec)
    if said is None:
        return

    group = form_of(said, known)
    again = read_form(write_form(group))

    assert again == group
    assert settled(rows_of(again, known)) == said


@given(rows, known)
def test_004_r8_the_text_becomes_rows_and_rows_the_same_text(spec, known):
    said = settled(spec)
    if said is None:
        return
    text = rows_to_text(said)

    of_text = read_draft({"text": text, "shown": "", "do": "text"}, known)
    fields = {"text": of_text.text, "shown": of_text.shown}
    of_rows = read_draft({**write_form(of_text.group), **fields}, known)

    assert (of_text.text, of_rows.text) == (text, text)
    assert of_text.group == of_rows.group
    assert (of_text.mistakes, of_rows.mistakes) == ({}, {})


@given(st.one_of(WRITABLE), kinds)
def test_a_value_becomes_one_line_of_text_and_the_same_value_again(pair, kind):
    right, value = pair
    if settled({"left": "a", "op": "equals", "right": value}) is None:
        return

    typed = write_value(value, right, kind)
    read = read_value(typed, right, kind)

    said = [settled({"left": "a", "op": "equals", "right": each}) for each in (read, value)]
    assert repr(said[0]) == repr(said[1])
    assert not set(typed) & set("\n\r\0")


@given(st.dictionaries(st.from_regex(r"(left|op|right|high|not|join|x)(\.\d{1,5}){0,25}", fullmatch=True), st.text()))
def test_any_form_is_a_draft(form):
    draft = read_draft({**form, "do": "row 0.1"}, {})

    assert draft.group is not None
    assert draft.condition is None or not draft.mistakes


@pytest.mark.parametrize(
    ("typed", "right", "kind", "value"),
    [
        ("5", Right.VALUE, Kind.TEXT, "5"),
        ("5", Right.VALUE, Kind.NUMBER, 5),
        ("5", Right.VALUE, None, 5),
        ('"5"', Right.VALUE, None, "5"),
        ("true", Right.VALUE, None, True),
        ("true", Right.VALUE, Kind.TEXT, "true"),
        ("x", Right.VALUE, Kind.NUMBER, "x"),
        ("1e999", Right.VALUE, Kind.NUMBER, "1e999"),
        ("a, b", Right.LIST, Kind.TEXT, ["a", "b"]),
        ('"a, b", c', Right.LIST, Kind.TEXT, ["a, b", "c"]),
        ("1, 2", Right.LIST, Kind.TEXT, ["1", "2"]),
        ("1, b, true,", Right.LIST, None, [1, "b", True]),
        ("", Right.LIST, None, ""),
        (" 7 ", Right.NUMBER, None, 7),
        ("seven", Right.NUMBER, None, "seven"),
        (" 30m ", Right.LENGTH, None, "30m"),
        ("10.0.0.0/8", Right.NETWORKS, None, "10.0.0.0/8"),
        ("10.0.0.0/8,", Right.NETWORKS, None, ["10.0.0.0/8"]),
        ("${{ event.type }}", Right.NUMBER, Kind.NUMBER, "${{ event.type }}"),
    ],
)
def test_what_is_typed_means_what_the_field_holds(typed, right, kind, value):
    read = read_value(typed, right, kind)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("row", "name", "words"),
    [
        (Row(right="x"), "left.0", "choose a field"),
        (Row("event.data.a b"), "left.0", "cannot be read"),
        (Row("event.type", "equal"), "op.0", "did you mean `equals`"),
        (Row("event.type", "at_most", "x"), "right.0", "write a number"),
        (Row("event.type", "in"), "right.0", "with commas"),
        (Row("event.type", "between", "1", "x"), "right.0", "two numbers"),
        (Row("event.type", "within_last", "24"), "right.0", "no length of time"),
        (Row("event.type", "regex", "("), "right.0", "cannot be read"),
        (Row("event.type", "equals", "${{ a && b }}"), "right.0", "write `and`"),
        (Row("event.data.n", "equals", "x"), "right.0", "here are numbers"),
    ],
)
def test_a_row_that_cannot_be_read_says_so_of_the_side_that_is_wrong(row, name, words):
    found = mistakes_of(Group(parts=(row,)), {"event.data.n": Kinds(Kind.NUMBER)}, compile_condition)

    assert found.keys() == {name}
    assert words in found[name]


def test_rows_in_which_nothing_is_written_ask_nothing():
    form = write_form(Group(parts=(Row(), Group("any", (Row(),)), Row("event.type", "is_null"))))

    assert rows_of(read_form(form), {}) == {"all": [{"left": "event.type", "op": "is_null"}]}
    assert rows_of(Group(parts=(Row(),)), {}) is None


def test_a_form_without_end_is_cut():
    form = {f"left.{number}": "a" for number in range(MOST * 2)}

    assert len(read_form(form).parts) == MOST


def test_a_field_that_schemas_disagree_about_has_no_kind():
    schemas = [{"properties": {"a": {"type": kind}}, "type": "object"} for kind in ("string", "integer")]

    fields = fields_of(schemas, {"event": {"data": {"a": 7}}})

    assert fields["event.data.a"].kinds == Kinds()
    assert fields["event.data.a"].value == "7"
    assert fields["event.time"].kinds == Kinds(Kind.TIME)
