"""What is written as YAML is read back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.yaml12 import load
from engine.language.yaml_text import dump
from tests.corpus import NAMES, TEXTS

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
odd = st.sampled_from(
    ["on", "yes", "null", "~", "", "1e5", "0755", "12:30", "- a", "a: b", "# a", "a\nb", "a\n \n b\n", " a"]
)
scalars = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    scalars | texts | odd,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | odd, inner, max_size=4),
    max_leaves=15,
)


@given(values)
def test_any_value_is_read_back_as_it_was(value):
    assert load(dump(value)).value == value


def test_what_means_something_to_yaml_or_a_template_is_read_back_as_text():
    value = {"texts": TEXTS, "names": {name: name for name in NAMES}}

    assert load(dump(value)).value == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"on": {"manual": True}}, "on:\n  manual: true\n"),
        ({"at": "12:30", "is": "yes", "not": "null", "big": "1e5"}, 'at: 12:30\nis: yes\nnot: "null"\nbig: "1e5"\n'),
        ([{"a": [1, 2.5, None]}], "- a:\n    - 1\n    - 2.5\n    - null\n"),
        ({"text": "a\nb\n"}, "text: |\n  a\n  b\n"),
        ({"text": "a\n\n", "end": "\n"}, 'text: "a\\n\\n"\nend: "\\n"\n'),
    ],
)
def test_it_reads_as_people_write(value, text):
    assert dump(value) == text
    assert load(text).value == value


@given(st.text(st.sampled_from("a:# \u202e\u2066\u200f\n"), min_size=1))
def test_no_mark_of_direction_steers_who_reads_it(text):
    written = dump({text: [text]})

    assert not set(written) & set("\u202e\u2066\u200f")
    assert load(written).value == {text: [text]}


def test_a_value_that_stands_twice_is_written_twice():
    shared = {"a": 1}

    assert dump([shared, shared]) == "- a: 1\n- a: 1\n"
