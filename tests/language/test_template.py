"""Templates: holes in values, compiled once and filled in one pass."""

import pytest

from engine.errors import ExpressionError, UnknownPath
from engine.language.template import compile_template


@pytest.fixture
def render(scope, now):
    return lambda value, **own: compile_template(value).render(own or scope, now)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("${{ event.data.finding.tags }}", ["prod", "web"]),
        ("${{event.data.finding.score}}", 9.5),
        ("${{ event.data.finding.note }}", None),
        ("${{ event.id }}: ${{ event.data.finding.tags }}", 'evt_1: ["prod","web"]'),
        ("score ${{ event.data.finding.score }}", "score 9.5"),
        ("fixed: ${{ event.data.finding.fixed }}, note: ${{ event.data.finding.note }}", "fixed: false, note: null"),
        ("${{ event.data.finding.hits[1] }}!", '{"id":2}!'),
        (" ${{ event.id }}", " evt_1"),
        ("${{ now() }}", "2026-11-21T04:00:00.000000Z"),
        ("at ${{ now() }}", "at 2026-11-21T04:00:00.000000Z"),
        ("${{ '}}' }}", "}}"),
        ("${{ \"a }} b\" + '}}' }}", "a }} b}}"),
        ("${{ {'a': {'b': 1}} }}", {"a": {"b": 1}}),
        ("${{ {'a': {'b': 1}}.a.b }}x", "1x"),
        ("$${{ event.id }}", "${{ event.id }}"),
        ("$$${{ x", "$${{ x"),
        ("$${{ a }} ${{ event.id }}", "${{ a }} evt_1"),
        ("$5 and {{ mustache }} and {% tag %}", "$5 and {{ mustache }} and {% tag %}"),
        ("", ""),
        (5, 5),
        (None, None),
        ({"a": ["${{ event.id }}", {"b": "x${{ event.id }}"}], "c": 1}, {"a": ["evt_1", {"b": "xevt_1"}], "c": 1}),
    ],
)
def test_a_template_has_its_value(render, template, value):
    found = render(template)

    assert found == value
    assert type(found) is type(value)


def test_what_a_hole_yields_is_never_read_as_a_template(render):
    hostile = {"event": "${{ vars.secret }}", "vars": {"secret": "s"}}

    assert render("${{ event }}", **hostile) == "${{ vars.secret }}"
    assert render("a ${{ event }}", **hostile) == "a ${{ vars.secret }}"


def test_a_path_that_is_not_there_fails_with_the_words_of_the_unknown(render):
    with pytest.raises(UnknownPath) as caught:
        render({"title": "On ${{ event.severity }}"})

    assert caught.value.detail == "`event.severity` is not there; `event.data.finding.severity` is"


def test_default_fills_in_for_a_path_that_is_not_there(render):
    assert render("${{ default(event.severity, 'none') }}!") == "none!"


def test_a_text_longer_than_a_mebibyte_is_not_made(render):
    with pytest.raises(UnknownPath, match="more than 1 MiB"):
        render("${{ a }}${{ a }}", a="x" * 600_000)


def test_a_value_of_any_size_passes_through_a_hole_alone(render):
    assert len(render("${{ a }}", a="x" * 3_000_000)) == 3_000_000


def test_a_template_knows_its_holes():
    template = compile_template({"a": ["${{ event.id }} ${{ vars.x }}"], "b": {"c": "${{ run.id }}"}, "d": "$${{ }}"})

    found = [(path, expression.text) for path, expression in template.expressions]

    assert found == [(("a", 0), "event.id"), (("a", 0), "vars.x"), (("b", "c"), "run.id")]
    assert not template.constant
    assert compile_template({"d": "$${{ }}"}).constant


@pytest.mark.parametrize(
    ("template", "words", "column", "path"),
    [
        ({"a": ["x", "is ${{ a && b }}"]}, "write `and`", 9, ("a", 1)),
        ("${{ event.id", "has no `}}` within", 0, ()),
        ("${{ 'a }}", "a quote is missing", 4, ()),
        ("${{ " + "\\'" * 500_000, "has no `}}` within", 0, ()),
        ("${{ a" + " " * 3_000 + "}}", "has no `}}` within", 0, ()),
        ("${{ }}", "is empty", 4, ()),
        ("hi {{ event.payload.user.id }}", "write ${{ event.data.user.id }}", 3, ()),
        ("{{steps.S1.output}}", "write ${{ steps.S1.output }}", 0, ()),
        ({"${{ a }}": 1}, "a key cannot hold", 0, ()),
    ],
)
def test_a_hole_that_cannot_be_read_says_where(template, words, column, path):
    with pytest.raises(ExpressionError) as caught:
        compile_template(template)

    assert words in caught.value.detail
    assert (caught.value.column, caught.value.path) == (column, path)
