"""What an expression may be made of, what it reads, and what it refuses with which words."""

from datetime import UTC, datetime

import pytest

from engine.errors import ExpressionError
from engine.language.expression import Unknown, compile_expression


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("event.data.finding.severity", "critical"),
        ("event['data']['finding'].severity", "critical"),
        ("event.data['x-id']", "a b"),
        ("event.data.finding.tags[1]", "web"),
        ("event.data.finding.tags[event.data.finding.hits[0].id]", "web"),
        ("event.data[event.data['x-id'] + '']", Unknown),
        ("event.data.finding['sever' + 'ity']", "critical"),
        ("first(event.data.finding.hits).id", 1),
        ("{'a': [1, {'b': 2}]}.a[1].b", 2),
        ("event.data.finding.note", None),
        ("12", 12),
        ("-1.5e3", -1500.0),
        ("true", True),
        ("None", None),
        ("[1, 'a', null, [false]]", [1, "a", None, [False]]),
        ("{'a': event.id, 'b': {}}", {"a": "evt_1", "b": {}}),
        ("'yes' if event.data.finding.fixed else 'no'", "no"),
    ],
)
def test_an_expression_has_its_value(evaluate, text, value):
    found = evaluate(text)

    assert isinstance(found, Unknown) if value is Unknown else (found == value and type(found) is type(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"'\d+'", r"\d+"),
        (r"'\\d'", r"\d"),
        (r"r'\\d'", r"\\d"),
        (r"'\n\t\r'", "\n\t\r"),
        (r"'it\'s'", "it's"),
        ('"it\'s"', "it's"),
        (r"'\x41\u00e9'", "Aé"),
        (r"'\ud800'", r"\ud800"),
        ("'größe – ✓'", "größe – ✓"),
        ("'a\nb'", "a\nb"),
        ("'${{ x }} && || ? # !'", "${{ x }} && || ? # !"),
    ],
)
def test_a_quoted_text_keeps_what_no_escape_is(evaluate, text, value):
    assert evaluate(text) == value


def test_line_breaks_between_parts_do_not_matter(evaluate):
    assert evaluate("\n  event.id\n  ==\n  'evt_1'\n") is True


def test_data_may_have_keys_that_are_names_of_functions(evaluate):
    assert evaluate("event.first + event['now']", event={"first": 1, "now": 2}) == 3


def test_a_loop_variable_may_have_the_name_of_a_function(evaluate):
    assert evaluate("[first + 1 for first in [1]]") == [2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("a && b", "write `and`"),
        ("a || b", "write `or`"),
        ("!a", "write `not`"),
        ("a ? b : c", "x if c else y"),
        ("a?.b", "plain dot"),
        ("a === b", "always strict"),
        ("a = b", "compare with `==`"),
        ("(a := 1)", "nothing can be assigned"),
        ("2 ** 8", "`**`"),
        ("${{ a }}", "stands alone here: take"),
        ("{{ a }}", "what Blink calls"),
        ("{{ event.payload.x }} == 1", "event.payload is event.data"),
        ("a # why", "YAML comment"),
        ("a == “b”", "straight quotes"),
        ("a.größe", "quote a key"),
        ("a == 'b", "a quote is missing"),
        ("'a' 'b'", "side by side"),
        ("a.b-first", "did you mean ['b-first']"),
        ("headers.x-request-id == 'a'", "did you mean ['x-request-id']"),
        ("event.from", "write ['from']"),
        ("a.0", "write [0]"),
        ("0x1F", "is no number"),
        ("1_000", "is no number"),
        ("1e999", "too large"),
        ("9" * 400, "too large"),
        ("a.lower()", "write lower(a, ...)"),
        ("a.b.includes('x')", "write contains(a.b, ...)"),
        ("'é x'.upper()", "write upper('é x', ...)"),
        ("len(a)", "did you mean `length`"),
        ("startsWith(a, 'b')", "did you mean `starts_with`"),
        ("nothing_like_it(a)", "there is no function"),
        ("lower()", "lower(text)"),
        ("lower(a, b)", "lower(text)"),
        ("round(a, digits=1)", "arguments have no names"),
        ("lower(5)", "takes text as `text`, not a number"),
        ("regex(a, '(')", "cannot be read"),
        ("within_last(a, '24')", "no length of time"),
        ("before(a, 'soon')", "is no time"),
        ("in_network(a, '10.0.0.0/99')", "10.0.0.0/99"),
        ("first", "is a function"),
        ("exists(1 + 1)", "takes a path"),
        ("a is null", "write == null"),
        ("a[-1]", "write last(...)"),
        ("a[1:2]", "cut out"),
        ("a[true]", "a key is text or a whole number"),
        ("lambda: 1", "not part of the language"),
        ("f'{a}'", "not part of the language"),
        ("b'a'", "no letter before the quote"),
        ("a | b", "not part of the language"),
        ("~a", "not part of the language"),
        ("+a", "not part of the language"),
        ("{x for x in a}", "not part of the language"),
        ("{x: 1 for x in a}", "not part of the language"),
        ("[*a]", "not part of the language"),
        ("{**a}", "`**`"),
        ("lower(*a)", "not part of the language"),
        ("(1, 2)", "not part of the language"),
        ("...", "no letter before the quote"),
        ("[a async for a in b]", "a loop has one name"),
        ("[x for x, y in a]", "a loop has one name"),
        ("a[0](b)", "only a function can be called"),
        ("1) + (2", "cannot be read"),
        ("a b", "cannot be read"),
        ("import os", "cannot be read"),
        ("a\x00b", "not part of the language"),
        ("a" * 2001, "2,001 characters"),
    ],
)
def test_what_is_no_part_of_the_language_is_refused_with_what_to_write(text, words):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)

    assert words in caught.value.detail


@pytest.mark.parametrize(
    ("text", "column"), [("a and b && c", 8), ("a == 'ä' && c", 9), ("f(a)", 0), ("a + lower(5)", 10)]
)
def test_a_refusal_says_where(text, column):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)

    assert caught.value.column == column


def test_an_expression_knows_what_it_reads():
    expression = compile_expression(
        "event.data.items[0]['x-id'] == inputs.limit and any(i.a == vars.b for i in event.list)"
    )

    assert expression.names == {"event", "inputs", "vars"}
    assert expression.paths == {
        ("event", "data", "items", 0, "x-id"),
        ("inputs", "limit"),
        ("vars", "b"),
        ("event", "list"),
    }


def test_a_path_ends_where_its_key_is_known_only_at_run_time():
    expression = compile_expression("steps.a[event.key].b")

    assert expression.paths == {("steps", "a"), ("event", "key")}


def test_paths_that_need_not_be_there_are_told_apart():
    expression = compile_expression("default(a.b, c.d) == 1 and exists(e.f) and exists(c.d)")

    assert expression.paths == {("a", "b"), ("c", "d"), ("e", "f")}
    assert expression.optional_paths == {("a", "b"), ("e", "f")}


def test_now_is_the_moment_that_was_passed():
    moment = datetime(2030, 1, 2, 3, 4, 5, 6, tzinfo=UTC)

    assert compile_expression("now()").evaluate({}, moment) == "2030-01-02T03:04:05.000006Z"


def test_times_within_a_result_are_text(evaluate):
    assert evaluate("{'at': [now(), duration('90m')]}") == {"at": ["2026-11-21T04:00:00.000000Z", "1h30m"]}


def test_what_was_in_the_scope_is_returned_uncopied(evaluate, scope):
    assert evaluate("event.data") is scope["event"]["data"]


def test_a_literal_list_is_fresh_in_every_evaluation(evaluate):
    expression = compile_expression("[1, 2]")
    first = expression.evaluate({}, datetime.now(UTC))
    first.append(3)

    assert expression.evaluate({}, datetime.now(UTC)) == [1, 2]


def test_the_keys_of_a_mapping_are_text(reason):
    assert reason("{event.data.finding.score: 1}") == (
        "`event.data.finding.score` is a number: the keys of a mapping are text"
    )


def test_an_expression_and_an_unknown_show_what_they_are(evaluate):
    assert repr(compile_expression(" a ")) == "Expression('a')"
    assert repr(evaluate("nothing_like_it")) == "Unknown('`nothing_like_it` is not there')"


def test_unknown_is_neither_true_nor_false(evaluate):
    unknown = evaluate("event.nothing")

    with pytest.raises(TypeError, match="neither true nor false"):
        bool(unknown)


@pytest.mark.parametrize("text", ["-'a'", "-True", "[-'a'] == []", "lower(-'a')"])
def test_a_minus_before_what_is_no_number_is_unknown(evaluate, text):
    assert isinstance(evaluate(text), Unknown)
