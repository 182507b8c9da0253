"""The YAML loader: values as people expect them, every mistake with its place, nothing lost silently."""

from pathlib import Path

import pytest

from engine.errors import Mistakes
from engine.language.yaml12 import Mark, load

WORKFLOW = """\
name: Ticket
on:
  trigger: a
  if: event.data.x == 'y'
steps:
  - id: one
    with: {title: "On ${{ a }}"}
  - uses: core.log
    note: |
      first
      second
"""


def mistakes(text):
    with pytest.raises(Mistakes) as caught:
        load(text)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("190:20:30", "190:20:30"),
        ("0755", "0755"),
        ("0o14", "0o14"),
        ("0x1F", "0x1F"),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("+1", "+1"),
        (".5", ".5"),
        (".inf", ".inf"),
        (".NaN", ".NaN"),
        ("2026-11-21", "2026-11-21"),
        ("<<", "<<"),
        ("=", "="),
        ("1.2.3", "1.2.3"),
        ("5m", "5m"),
        ("0", 0),
        ("-12", -12),
        ("1.50", 1.5),
        ("-1e3", -1000.0),
        ("18446744073709551617", 2**64 + 1),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'true'", "true"),
        ('"1"', "1"),
        ("''", ""),
        ('"\\u2028"', "\u2028"),
        ("|\n  1\n  2\n", "1\n2\n"),
        (">-\n  1\n  2\n", "1 2"),
    ],
)
def test_a_scalar_is_what_people_expect(scalar, value):
    found = load(f"key: {scalar}").value["key"]

    assert found == value
    assert type(found) is type(value)


def test_keys_are_text_as_they_are_written():
    assert load("on: 1\n200: 2\ntrue: 3\nnull: 4\n1.50: 5\n'': 6").value == {
        "on": 1,
        "200": 2,
        "true": 3,
        "null": 4,
        "1.50": 5,
        "": 6,
    }


@pytest.mark.parametrize(
    ("text", "value"), [("", None), ("# nothing\n", None), ("---\n", None), ("a", "a"), (b"[]", [])]
)
def test_a_file_may_hold_any_value_or_none(text, value):
    assert load(text).value == value


def test_a_byte_order_mark_is_no_part_of_the_file():
    assert load(b"\xef\xbb\xbfa: 1").value == {"a": 1}


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ((), Mark(1, 1)),
        (("name",), Mark(1, 7)),
        (("on",), Mark(3, 3)),
        (("on", "if"), Mark(4, 7)),
        (("steps", 0), Mark(6, 5)),
        (("steps", 0, "with", "title"), Mark(7, 19)),
        (("steps", 1, "uses"), Mark(8, 11)),
        (("steps", 1, "missing", "below"), Mark(8, 5)),
        (("steps", 7), Mark(6, 3)),
        (("nothing",), Mark(1, 1)),
    ],
)
def test_every_value_has_its_place(path, mark):
    assert load(WORKFLOW).mark(path) == mark


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        (("on",), Mark(2, 1)),
        (("on", "if"), Mark(4, 3)),
        (("steps", 0, "with", "title"), Mark(7, 12)),
        (("steps", 1), Mark(8, 5)),
        (("steps", 1, "missing"), Mark(8, 5)),
    ],
)
def test_every_key_has_its_place(path, mark):
    assert load(WORKFLOW).key_mark(path) == mark


@pytest.mark.parametrize(
    ("path", "offset", "mark"),
    [
        (("on", "if"), 6, Mark(4, 13)),
        (("steps", 0, "with", "title"), 3, Mark(7, 23)),
        (("steps", 1, "note"), 3, Mark(9, 11)),
        (("steps", 1), 3, Mark(8, 5)),
    ],
)
def test_a_place_within_a_text_of_one_line_is_known(path, offset, mark):
    assert load(WORKFLOW).mark_in(path, offset) == mark


def test_columns_count_characters_and_not_bytes():
    assert load("größe: {ä: x}").mark(("größe", "ä")) == Mark(1, 12)


def test_all_mistakes_are_told_at_once():
    text = "a: &x 1\nb: *x\nc: !!str 3\na: 2\n? [q]\n: 1\nd: {e: 1, e: 2}\n"

    assert mistakes(text) == [
        "line 1, column 4: take &x out: anchors are not read",
        "line 2, column 4: write the value out: aliases (*x) are not read",
        "line 3, column 4: take tag:yaml.org,2002:str out: tags are not read",
        "line 4, column 1: `a` is there already, in line 1",
        "line 5, column 3: a key is text, and no list or mapping",
        "line 7, column 11: `e` is there already, in line 7",
    ]


def test_the_values_of_a_twin_are_checked_too():
    assert mistakes("a: {x: 1}\na: {x: 2, y: 3, y: 4}") == [
        "line 2, column 1: `a` is there already, in line 1",
        "line 2, column 17: `y` is there already, in line 2",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: b: c", "line 1, column 5: mapping values are not allowed in this context: put quotes"),
        ("a: 1\n\tb: 2", "line 2, column 1"),
        ("a: @b", "line 1, column 4: found character that cannot start any token: put quotes"),
        ("a: [1, 2", "a comma or the closing bracket is missing"),
        ("a: 'x", "a quote or a bracket is not closed"),
        ("a: 1\nb", "a `:` is missing"),
        ('a: "\\d"', "write a backslash twice"),
        ("a: - b", "on the line below"),
        ("a: 1\n---\nb: 2", "line 2, column 1: one file holds one document"),
        ("?\n: 1", "a key is missing"),
        ("a: *nowhere", "line 1, column 4: write the value out"),
        ("*a : 1", "line 1, column 1: write the value out"),
        ("a: !python/object:os.system x", "line 1, column 4: take !python/object:os.system out"),
        ("! a", "tags are not read"),
        ("a: 1e999", "line 1, column 4: the number is too large"),
        ("a: " + "9" * 301, "line 1, column 4: the number has more than 300 digits"),
        ("a:\n  b: \x07", "line 2, column 6: '\\x07' cannot stand in YAML"),
        ("a: x\u2028y", "line 1, column 5: a line break that YAML 1.2 does not know: write \\u2028"),
        ("a: \ud800", "line 1, column 1: the file is not UTF-8"),
        (b"a: \xff", "line 1, column 1: the file is not UTF-8"),
        ("a: 1".encode("utf-16"), "the file is not UTF-8"),
        ("[" * 200, "line 1, column 102: nested more than 100 deep"),
        ("- a\n" * 50_001, "line 50000, column 3: the file has more than 50,000 values"),
        ("a: " + "x" * (1 << 20), "at most 1 MiB"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_write(text, words):
    assert words in "\n".join(mistakes(text))


def test_what_was_found_before_the_syntax_breaks_is_told_too():
    found = mistakes("a: 1\na: 2\nb: [")

    assert len(found) == 2
    assert "`a` is there already" in found[0]


def test_a_file_of_nothing_but_mistakes_is_told_in_bounds():
    assert len(mistakes("a: 1\n" * 5_000)) == 100


def test_the_example_of_the_language_is_read():
    example = load(Path(__file__).with_name("example.yaml").read_bytes())

    assert example.value["on"]["event"] == "okta.user.account.report_suspicious_activity_by_enduser"
    assert example.value["steps"][1]["steps"][0]["timeout"] == "30m"
    assert example.mark(("steps", 3, "for_each")) == Mark(40, 15)


@pytest.mark.parametrize(
    ("key", "value"),
    [("on", "on"), ("200", 200), ("1.5", 1.5), ("true", True), ("null", None), ("'200'", "200"), ('"true"', "true")],
)
def test_a_key_can_be_asked_what_it_would_be_as_a_value(key, value):
    document = load(f"{key}: 1")

    (path,) = document.key_marks
    found = document.key_value(path)

    assert (type(found), found) == (type(value), value)
