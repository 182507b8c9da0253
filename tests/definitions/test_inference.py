"""The schema that samples suggest."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definitions.inference import infer
from engine.definitions.schema import check_schema, fits

HERE = Path(__file__).parent
#: The example of Detectify's documentation.
DETECTIFY = {
    "event_type": "finding",
    "timestamp": "2025-01-15T14:30:00Z",
    "finding": {
        "title": "SQL Injection",
        "severity": "critical",
        "asset": "app.example.com",
        "url": "https://app.example.com/api/users?id=1",
        "parameter": "id",
        "description": "SQL injection detected in the id parameter",
        "remediation": "Use parameterized queries...",
    },
}
SAMPLE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


def of(*values):
    """Return the schema of a field with these values, one per sample."""
    return infer([{"field": value} for value in values])["properties"]["field"]


def test_002_r2_the_schema_of_the_detectify_example_is_the_one_checked_in():
    expected = json.loads((HERE / "detectify-finding.schema.json").read_text())

    assert infer([DETECTIFY]) == expected


@given(st.lists(SAMPLE, min_size=1, max_size=4))
def test_every_sample_fits_the_schema_of_all(samples):
    schema = infer(samples)

    check_schema(schema)
    assert all(map(fits(schema), samples))


@given(st.lists(SAMPLE, min_size=1, max_size=4))
def test_the_same_samples_give_the_same_text(samples):
    assert json.dumps(infer(samples)) == json.dumps(infer(samples))


def test_002_r12_a_field_that_is_new_fits():
    assert fits(infer([DETECTIFY]))({**DETECTIFY, "team": {"name": "new"}})


def test_a_field_that_is_gone_or_of_another_type_does_not_fit():
    fit = fits(infer([DETECTIFY]))

    assert not fit({**DETECTIFY, "finding": "text"})
    assert not fit({"event_type": "finding"})


@pytest.mark.parametrize(
    ("text", "format_name"),
    [
        ("2025-01-15T14:30:00Z", "date-time"),
        ("2025-01-15T14:30:00.123+02:00", "date-time"),
        ("2025-01-15", "date"),
        ("https://example.com/a?b=c", "uri"),
        ("ops@example.com", "email"),
        ("10.0.0.1", "ipv4"),
        ("2001:db8::1", "ipv6"),
        ("6f2a1c3e-9d5b-4e7a-8c1d-0b2a3c4d5e6f", "uuid"),
    ],
)
def test_a_format_is_recognised(text, format_name):
    assert of(text) == {"type": "string", "format": format_name, "examples": [text]}


@pytest.mark.parametrize("text", ["", "critical", "2025-13-45T00:00:00Z", "a@b", "1.2.3", "example.com", "20250115"])
def test_text_without_a_format_has_none(text):
    assert "format" not in of(text)


def test_one_text_of_another_form_takes_the_format_away():
    assert "format" not in of("10.0.0.1", "unknown")


def test_texts_that_come_again_are_offered_as_values_and_refuse_no_other():
    field = of("high", "low", "high", "low")

    assert field["x-values"] == ["high", "low"]
    assert fits(field)("critical")


def test_texts_that_differ_each_time_are_no_values():
    assert "x-values" not in of("a", "b", "c", "a")


def test_a_field_of_all_samples_is_required_and_another_says_how_often_it_was_seen():
    schema = infer([{"id": 1, "note": "a"}, {"id": 2}, {"id": 3, "note": "b"}])

    assert schema["required"] == ["id"]
    assert schema["properties"]["note"]["x-seen"] == "2 of 3"


def test_003_r5_an_empty_list_does_not_fix_the_type_of_its_items():
    schema = infer([{"scanId": "a", "results": {"threatsFound": 0, "details": []}}])

    assert schema["properties"]["results"]["properties"]["details"] == {"type": "array"}
    assert fits(schema)({"scanId": "a", "results": {"threatsFound": 2, "details": [{"name": "eicar"}]}})


def test_a_field_that_was_only_null_can_be_anything():
    assert of(None) == {}


def test_a_field_of_several_types_can_be_each_of_them():
    field = of("a", 5, {"b": "10.0.0.1"})

    assert field == {
        "anyOf": [
            {"type": ["integer", "string"], "examples": ["a", 5]},
            {
                "type": "object",
                "properties": {"b": {"type": "string", "format": "ipv4", "examples": ["10.0.0.1"]}},
                "required": ["b"],
            },
        ]
    }


def test_examples_are_few_different_and_short():
    field = of("a" * 500, "b", "b", "c", "d")

    assert field["examples"] == ["a" * 99 + "…", "b", "c"]


def test_a_sample_that_is_deeper_than_schemas_go_fits_nevertheless():
    deep = {}
    for _ in range(190):
        deep = {"a": [deep]}

    schema = infer([deep])

    assert fits(schema)(deep)
    check_schema(schema)
