"""The bounds of a value are told to whoever fills it in."""

import pytest

from engine.definitions.ranges import range_words


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"minimum": 1, "maximum": 30}, "from 1 to 30"),
        ({"minimum": 0}, "at least 0"),
        ({"maximum": 0.5}, "at most 0.5"),
        ({"exclusiveMinimum": 0}, "more than 0"),
        ({"minLength": 3, "maxLength": 80}, "from 3 to 80 characters"),
        ({"type": "array", "maxItems": 5}, "at most 5 items"),
        ({"type": "string"}, ""),
    ],
)
def test_the_bounds_of_a_value_are_told(schema, words):
    assert range_words(schema) == words
