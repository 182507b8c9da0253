"""Schemas that people give, values that fit them, and what is said of those that do not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definitions.schema import MOST_MISMATCHES, check_schema, fits, mismatches, object_schema
from engine.errors import Invalid

FINDING = {
    "type": "object",
    "properties": {
        "severity": {"enum": ["low", "high"]},
        "score": {"type": ["number", "null"]},
        "tags": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}},
    },
    "required": ["severity"],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def nested(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        {"severity": "low"},
        {"severity": "high", "score": None, "tags": ["a"]},
        {"severity": "low", "further": 2**70},
    ],
)
def test_a_value_that_fits_has_no_mismatch(value):
    assert fits(FINDING)(value)
    assert mismatches(FINDING, value) == []


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ([], "", "is a list, and must be a mapping"),
        ({}, "", "'severity' is a required property"),
        ({"severity": "low", "score": "5"}, "/score", "is text, and must be a number or null"),
        ({"severity": "severe"}, "/severity", "'severe' is not one of ['low', 'high']"),
        ({"severity": "low", "tags": ["a", "B"]}, "/tags/1", "does not match the pattern '^[a-z]+$'"),
    ],
)
def test_a_value_that_does_not_fit_is_told_where_and_why(value, path, message):
    assert not fits(FINDING)(value)
    assert mismatches(FINDING, value) == [{"path": path, "message": message}]


def test_a_path_is_a_json_pointer():
    schema = {"properties": {"a/b": {"properties": {"~": {"type": "null"}}}}}

    assert mismatches(schema, {"a/b": {"~": 1}})[0]["path"] == "/a~1b/~0"


def test_formats_refuse_no_value():
    assert fits({"type": "string", "format": "date-time"})("tomorrow")


@given(JSON)
def test_a_value_has_mismatches_exactly_when_it_does_not_fit(value):
    assert fits(FINDING)(value) is not bool(mismatches(FINDING, value))


def test_mismatches_are_told_up_to_a_number():
    found = mismatches({"items": {"type": "string"}}, list(range(10_000)))

    assert len(found) == MOST_MISMATCHES


def test_a_mismatch_quotes_only_the_beginning_of_a_value():
    (found,) = mismatches({"enum": ["a"]}, "x" * 100_000)

    assert len(found["message"]) <= 200


def test_a_late_mismatch_in_a_large_value_is_told_within_a_moment():
    value = [{"severity": "low"}] * 100_000 + [{"severity": 5}]

    began = time.perf_counter()
    found = mismatches({"items": {"allOf": [FINDING] * 20}}, value)

    assert found
    assert time.perf_counter() - began < 5


def test_a_hostile_pattern_and_text_cannot_hang():
    schema = {"type": "string", "pattern": "^(a+)+$"}
    check_schema(schema)

    assert mismatches(schema, "a" * 50_000 + "!") == [{"path": "", "message": "does not match the pattern '^(a+)+$'"}]


def test_a_deep_value_of_a_recursive_schema_is_told():
    schema = {"type": "array", "items": {"anyOf": [{"$ref": "#"}]}, "maxItems": 1}
    value = [nested(150), 1]

    assert mismatches(schema, value)


def test_unique_items_are_judged_though_told_briefly():
    (found,) = mismatches({"uniqueItems": True}, [1, 1])

    assert found["path"] == ""


@pytest.mark.parametrize("schema", [True, {}, FINDING, {"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}])
def test_a_schema_that_wink_takes(schema):
    check_schema(schema)

    assert callable(fits(schema))


@pytest.mark.parametrize(
    ("schema", "field", "words"),
    [
        (5, "", "not of type"),
        ({"type": "strin"}, "/type", "'strin' is not valid"),
        ({"properties": {"a": {"minLength": -1}}}, "/properties/a/minLength", "-1 is less than"),
        ({"properties": {"pattern": {"pattern": "("}}}, "/properties/pattern/pattern", "cannot be read"),
        ({"pattern": r"(a)\1"}, "/pattern", "cannot be read"),
        ({"pattern": "(?=a)"}, "/pattern", "cannot be read"),
        ({"anyOf": [{"patternProperties": {}}]}, "/anyOf/0/patternProperties", "takes no schema with"),
        ({"$ref": "https://example.com/schema"}, "/$ref", "points within its schema"),
        ({"$ref": "#/$defs/nowhere"}, "", "nowhere"),
        ({"x-a": {"pattern": "a{5000}"}, "$ref": "#/x-a"}, "/$ref", "points within its schema"),
        ({"$id": "https://example.com"}, "/$id", "takes no schema with"),
        ({"const": float("nan")}, "", "is no JSON"),
        ({"description": "x" * 300_000}, "", "at most 262,144"),
    ],
)
def test_a_schema_that_wink_does_not_take(schema, field, words):
    with pytest.raises(Invalid, match=words) as caught:
        check_schema(schema)

    assert caught.value.field == field


def test_a_schema_nested_too_deep_is_refused():
    schema = {}
    for _ in range(60):
        schema = {"items": {"not": schema}}

    with pytest.raises(Invalid, match="nests more than 50"):
        check_schema(schema)


@given(JSON)
def test_any_json_is_a_schema_or_refused(schema):
    try:
        check_schema(schema)
    except Invalid:
        return
    fits(schema)


def test_inputs_become_one_schema():
    schema = object_schema({"user": {"type": "string", "required": True}, "note": {"required": False}})

    assert schema == {
        "type": "object",
        "properties": {"user": {"type": "string"}, "note": {}},
        "required": ["user"],
        "additionalProperties": False,
    }
