"""Every function does what its example says, and gives unknown where it can give nothing."""

import pytest

from engine.language.functions import FUNCTIONS

NAMES = {
    *("contains", "starts_with", "ends_with", "glob", "regex", "lower", "upper", "trim", "replace", "split", "join"),
    *(
        "length",
        "default",
        "exists",
        "first",
        "last",
        "min",
        "max",
        "sum",
        "round",
        "abs",
        "int",
        "float",
        "str",
        "json",
    ),
    *("parse_json", "pluck", "unique", "sort", "keys", "values", "base64", "url_encode", "sha256", "now", "time"),
    *(
        "duration",
        "before",
        "after",
        "within_last",
        "any",
        "all",
        "in_network",
        "type_of",
        "rank",
        "has_any",
        "has_all",
    ),
}


def test_the_functions_are_those_of_the_language():
    assert set(FUNCTIONS) == NAMES


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_a_function_holds(evaluate, name):
    function = FUNCTIONS[name]

    found, expected = evaluate(function.example, z=0), evaluate(function.result, z=0)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_documented_in_one_line(name):
    doc = FUNCTIONS[name].doc

    assert "\n" not in doc
    assert doc.endswith(".")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("contains(['a', 1], 1.0)", True),
        ("contains({'a': 1}, 'a')", True),
        ("contains([[1]], [1])", True),
        ("glob('a.b', 'a?b')", True),
        ("glob('axb', 'a.b')", False),
        ("glob('a\nb', 'a*b')", True),
        ("glob('xab', 'ab')", False),
        ("regex('abc', 'b')", True),
        ("regex('größe', '^gr.+e$')", True),
        ("regex('ABC', '(?i)b')", True),
        ("length('größe')", 5),
        ("length({'a': 1})", 1),
        ("length([])", 0),
        ("default(null, 1)", None),
        ("default(event.a, default(event.b, 2))", 2),
        ("default(int('x'), 0)", 0),
        ("exists(event.data.finding.note)", True),
        ("exists(event.data.nothing.at_all)", False),
        ("min('b', 'a')", "a"),
        ("max(1, 2.5)", 2.5),
        ("max(duration('1m'), duration('2s'))", "1m"),
        ("sum([])", 0),
        ("sort([])", []),
        ("sort([2, 1.5, 1])", [1, 1.5, 2]),
        ("round(2.5)", 2),
        ("round(-7.4)", -7),
        ("round(1234, -2)", 1200),
        ("int('-12')", -12),
        ("int(-1.9)", -1),
        ("float(3)", 3.0),
        ("float(' 1e3 ')", 1000.0),
        ("str(null)", "null"),
        ("str(['a', true, 1.0])", '["a",true,1.0]'),
        ("str(duration('90s'))", "1m30s"),
        ("json('a\"b')", '"a\\"b"'),
        ("json(18446744073709551617)", "18446744073709551617"),
        ("parse_json('18446744073709551617')", 2**64 + 1),
        ("unique(['a', 'A', 'a', {'x': 1}, {'x': 1.0}, null, null])", ["a", "A", {"x": 1}, None]),
        ("keys({})", []),
        ("time(1.5)", "1970-01-01T00:00:01.500000Z"),
        ("time(now()) == now()", True),
        ("after(now(), '2020-01-01')", True),
        ("within_last(now() + duration('1s'), '1h')", False),
        ("within_last(now() - duration('1h'), duration('1h'))", True),
        ("within_last(now() - duration('3601s'), '1h')", False),
        ("in_network('10.1.2.3', '10.0.0.0/8')", True),
        ("in_network('::ffff:10.1.2.3', ['192.168.0.0/16', '10.0.0.0/8'])", True),
        ("in_network('10.1.2.3', 'fd00::/8')", False),
        ("type_of(1 == 1)", "boolean"),
        ("type_of(now() - now())", "duration"),
        ("has_any([], [1])", False),
        ("has_all([1], [])", True),
        ("has_all(['a', 'b'], ['b', 'a'])", True),
    ],
)
def test_a_function_has_its_value(evaluate, text, value):
    found = evaluate(text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lower(event.data)", "takes text as `text`, not a mapping"),
        ("contains('abc', event.data)", "`contains('abc', event.data)`: `contains` looks for a mapping in text"),
        ("replace(event.id, event.data['x-id'][0], 'x')", "is text"),
        ("replace('a', trim(' '), 'x')", "is empty"),
        ("split('a', trim(' '))", "is empty"),
        ("first([])", "the list is empty"),
        ("max([])", "the list is empty"),
        ("max(1, 'a')", "not of one kind"),
        ("max(true, false)", "not of one kind"),
        ("sort([1, 'a'])", "not of one kind"),
        ("sum([1, 'a'])", "an item is no number"),
        ("sum([1, true])", "an item is no number"),
        ("round(1.5, 1e300)", "digits"),
        ("round(1.5, 0.5)", "digits"),
        ("int('1_000')", "no whole number"),
        ("int('')", "no whole number"),
        ("float('nan')", "no number"),
        ("float('1e999')", "too large"),
        ('parse_json(\'{"a": 1, "a": 2}\')', "uplicate"),
        ("parse_json('[1e999]')", "endless"),
        ("parse_json('NaN')", "has no value"),
        ("pluck([{'a': 1}, {}], 'a')", "item 1 has no `a`"),
        ("time(1e300)", "has no value"),
        ("time(lower('SOON'))", "'soon' is no time"),
        ("before('0001-01-01T00:00:00+23:59' + '', now())", "is no time"),
        ("duration('5' + '')", "write a number with its unit"),
        ("within_last('x' + '', '1h')", "is no time"),
        ("regex('a', '(' + '')", "cannot be read"),
        ("regex('a', '(?=b)' + '')", "cannot be read"),
        ("in_network('10.0.0', '10.0.0.0/8')", "10.0.0"),
        ("in_network('11.0.0.1', ['10.0.0.0/8', 1 + 1])", "written as text"),
        ("rank('x', ['y'])", "not in the list"),
    ],
)
def test_a_function_that_has_no_value_says_why(reason, text, words):
    assert words in reason(text)


def test_a_value_of_another_kind_is_told_by_its_place(reason):
    assert reason("round(event.id)") == (
        "`round(event.id)`: round(number, digits?) takes a number as `number`, not text"
    )


def test_a_function_whose_argument_is_unknown_says_what_is_not_there(reason):
    assert reason("lower(upper(event.nothing))") == "`event.nothing` is not there"
