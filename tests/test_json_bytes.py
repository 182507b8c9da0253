"""JSON survives being stored, whatever its size, depth or characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import json_bytes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_any_value_survives(value):
    assert json_bytes.parse(json_bytes.dump(value)) == value


@given(st.lists(VALUES))
def test_many_values_are_written_as_each_alone_and_none_stays(values):
    assert json_bytes.dump_all(values) == [None if value is None else json_bytes.dump(value) for value in values]


@pytest.mark.parametrize("value", [2**63, 2**64, -(2**70), {"n": 10**30}])
def test_large_integers_stay_exact(value):
    assert json_bytes.parse(json_bytes.dump(value)) == value


def test_a_value_as_deep_as_a_body_may_be_survives_being_wrapped():
    value: object = "leaf"
    for _ in range(205):
        value = [value]

    assert json_bytes.parse(json_bytes.dump({"output": value})) == {"output": value}


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("beside", [1, 2**70])
def test_a_number_that_json_has_no_word_for_is_null(number, beside):
    assert json_bytes.parse(json_bytes.dump([number, beside])) == [None, beside]
