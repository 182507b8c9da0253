"""Which answers a condition can have: what is said to be impossible never happens, and much of it is found."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definitions.answers import MOST_COMBINATIONS, Question
from engine.definitions.schema import fits
from engine.language.expression import compile_expression

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SCHEMA = {
    "type": "object",
    "properties": {
        "event": {
            "type": "object",
            "properties": {
                "level": {"enum": ["low", "high"]},
                "count": {"type": "integer", "minimum": 0, "maximum": 10},
                "part": {"type": "number", "exclusiveMinimum": 0},
                "title": {"type": "string"},
                "open": {"type": "boolean"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "either": {"anyOf": [{"const": 1}, {"enum": ["one", "uno"]}]},
                "kind": {"const": "alert"},
            },
        }
    },
}
YES, NO, BOTH, NEITHER = {True}, {False}, {True, False}, set()


def answers(condition, schema=SCHEMA):
    """Return what a condition can answer, of yes and no."""
    found = Question(compile_expression(condition).source, schema).answers()
    return None if found is None else set(found) - {None}


@pytest.mark.parametrize(
    ("condition", "possible"),
    [
        ("event.level == 'urgent'", NO),
        ("event.level != 'urgent'", YES),
        ("event.level in ['urgent', 'fatal']", NO),
        ("event.level in ['low', 'high']", BOTH),  # null is never excluded
        ("event.level in ['low']", BOTH),
        ("event.level > 'm'", NO),
        ("event.kind == 'alert'", BOTH),
        ("event.kind == 'other'", NO),
        ("event.count < 0", NO),
        ("event.count >= 0", YES),
        ("event.count < 1", BOTH),
        ("0 <= event.count <= 10", YES),
        ("event.count > 3 and event.count < 4", NO),
        ("event.part > 3 and event.part < 4", BOTH),
        ("event.part < 0", NO),
        ("event.title in [1, 2]", NO),
        ("event.title", NEITHER),
        ("not event.tags", NEITHER),
        ("event.open", BOTH),
        ("event.open and not event.open", NO),
        ("event.either == 'duo'", NO),
        ("event.either == 'uno'", BOTH),
        ("event.other == 'a' and event['other'] == 'b'", NO),
        ("event.other != 'a' or event.other != 'b'", YES),
        ("event.other < 'a' and event.other > 'b'", NO),
        ("event.other > 'a' and event.other < 'b'", BOTH),
        ("event.other > 1 and event.other == 'a'", NO),
        ("event.other == [1] and event.other != [1]", NO),
        ("contains(event.title, 'a') and not contains(event.title, 'a')", NO),
        ("contains(event.title, 'a') and not contains(event.title, 'b')", BOTH),
        ("length(event.title) == 'a'", NO),
        ("default(event.level, 'none') == 'other'", NO),
        ("default(event.level, 'none') == 'none'", BOTH),
        ("exists(event.level)", BOTH),
        ("event.level == null", BOTH),
        ("event.count == event.part", BOTH),
        ("'a' in event.title", BOTH),
        ("event.other in 'abc'", BOTH),
        ("any(tag == 'a' for tag in event.tags)", BOTH),
        ("1 < event.other <= 1", NO),
        ("event.other.a == 1 and event.other == 2", BOTH),
    ],
)
def test_what_is_possible_is_known(condition, possible):
    assert answers(condition) == possible


def test_without_a_schema_logic_alone_excludes():
    assert answers("event.level == 'urgent'", {}) == BOTH
    assert answers("event.level == 'low' and event.level == 'high'", {}) == NO


def test_what_would_take_too_long_is_not_known():
    many = " or ".join(f"event.a{number} > event.b{number}" for number in range(11))

    assert MOST_COMBINATIONS < 2**11
    assert answers(many + " and false") is None


LITERALS = ["'low'", "'high'", "'m'", "''", "0", "1", "2", "10", "2.5", "-1", "true", "false", "null", "[1]", "'1'"]
VALUES = ["low", "high", "m", "", "x", 0, 1, 2, 3, 10, 2.5, -1, 2.0, True, False, None, [1], [], {}, "1"]
NAMES = ["a", "b", "c"]
literals, names = st.sampled_from(LITERALS), st.sampled_from([f"event.{name}" for name in NAMES])
sides = names | literals | st.builds("default({}, {})".format, names, literals) | st.builds("lower({})".format, names)
signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
lists = st.lists(literals, max_size=3).map(lambda items: f"[{', '.join(items)}]")
parts = (
    names
    | st.builds("({} {} {})".format, sides, signs, sides)
    | st.builds("({} {} {} {} {})".format, sides, signs, sides, signs, sides)
    | st.builds("({} {} {})".format, sides, st.sampled_from(["in", "not in"]), lists | names | literals)
    | st.builds("exists({})".format, names)
    | st.builds("default({}, {})".format, names, literals)
    | st.builds("({} if {} else {})".format, sides, names, sides)
)
conditions = st.recursive(
    parts,
    lambda inner: (
        st.builds("({} and {})".format, inner, inner)
        | st.builds("({} or {})".format, inner, inner)
        | st.builds("not {}".format, inner)
    ),
    max_leaves=5,
)
bounds = st.sampled_from([-1, 0, 1, 2, 2.5, 10])
leaves = st.one_of(
    st.just({}),
    st.builds(lambda kind: {"type": kind}, st.sampled_from(["string", "boolean", "null", "array", "object"])),
    st.builds(lambda kinds: {"type": kinds}, st.lists(st.sampled_from(["string", "number"]), min_size=1, unique=True)),
    st.builds(lambda kind, low: {"type": kind, "minimum": low}, st.sampled_from(["integer", "number"]), bounds),
    st.builds(lambda low, high: {"type": "number", "exclusiveMinimum": low, "maximum": high}, bounds, bounds),
    st.builds(lambda values: {"enum": values}, st.lists(st.sampled_from(VALUES), min_size=1, max_size=4)),
    st.builds(lambda value: {"const": value}, st.sampled_from(VALUES)),
)
schemas = leaves | st.builds(lambda some: {"anyOf": some}, st.lists(leaves, min_size=1, max_size=2))
fields = st.fixed_dictionaries(dict.fromkeys(NAMES, schemas))
events = st.fixed_dictionaries({}, optional={name: st.sampled_from(VALUES) | st.floats(-2, 12) for name in NAMES})


@given(conditions, fields, st.lists(events, min_size=1, max_size=20))
def test_an_event_that_fits_never_gets_an_answer_that_is_said_to_be_impossible(condition, fields, found):
    expression = compile_expression(condition)
    event = {"type": "object", "properties": fields}
    question = Question(expression.source, {"type": "object", "properties": {"event": event}})
    possible, of_parts = question.answers(), [question.answers_of(part) for part in question.parts]

    for scope in ({"event": one} for one in found if fits(event)(one)):
        answer = expression.evaluate(scope, NOW)
        assert possible is None or not isinstance(answer, bool) or answer in possible
        for part, answers_of_part in zip(question.parts, of_parts, strict=True):
            answer = compile_expression(part.text).evaluate(scope, NOW)
            assert answers_of_part is None or not isinstance(answer, bool) or answer in answers_of_part
