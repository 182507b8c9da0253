"""Comparisons that the schemas show to be senseless, and conditions with one answer."""

import pytest


def found_in_condition(check, condition):
    text = (
        "name: A\non: {trigger: detectify, event: detectify.finding}\ninputs: {count: {type: integer}}\n"
        f"steps: [{{uses: core.log, with: {{message: 1}}, if: {condition!r}}}]\n"
    )
    return [(mistake.message, mistake.warning) for mistake in check(text).mistakes]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("event.data.finding.score < '3'", "compares a number with text"),
        ("'3' < inputs.count", "compares text with a number"),
        ("event.data.finding >= 3", "compares a mapping with a number"),
        ("1 < event.data.tags < 3", "compares a number with a list"),
    ],
)
def test_an_order_between_types_that_have_none_is_a_mistake(check, condition, message):
    assert (f"`{condition}` {message}", False) in found_in_condition(check, condition)


@pytest.mark.parametrize(
    "condition",
    [
        "event.data.finding.score < 3",
        "event.data.finding.severity < 'high'",
        "event.data.unknown < '3' or event.data.finding['severity'] != null or event.type == 'a'",
        "[score for score in event.data.tags if score < '3'] == ['a']",
        "length(event.data.tags) < 3",
        "event.data.tags[0] == 'prod'",
    ],
)
def test_comparisons_that_can_be_answered_are_no_mistake(check, condition):
    assert not [message for message, _ in found_in_condition(check, condition) if "compares" in message]


def test_an_equality_between_different_types_is_a_warning(check):
    assert found_in_condition(check, "event.data.finding.score == '3'") == [
        ("`event.data.finding.score == '3'` is always false: it compares a number with text", True)
    ]


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("true", "true"),
        ("1 == 2", "false"),
        ("event.type == 'a' or 1 < 2", "true"),
        ("not contains('abc', 'b')", "false"),
        ("false and event.data.finding.score > 1", "false"),
    ],
)
def test_a_condition_with_one_answer_is_a_warning(check, condition, answer):
    assert found_in_condition(check, condition) == [(f"`if` is always {answer}", True)]


@pytest.mark.parametrize(
    "condition", ["exists(event.data.tags)", "now() > time('2050-01-01')", "default(event.data.tags, []) == []"]
)
def test_a_condition_that_may_have_another_answer_later_is_none(check, condition):
    assert found_in_condition(check, condition) == []


def test_a_condition_that_is_never_true_or_false_is_a_mistake(check):
    assert found_in_condition(check, "'yes'") == [("`if` must be true or false, and this is always text", False)]


def test_a_condition_that_can_never_be_answered_is_a_mistake(check):
    (mistake,) = found_in_condition(check, "1 < lower('a')")

    assert mistake[0].startswith("`if` can never be answered: ")


def test_rows_are_judged_as_the_expression_that_they_say(remarks_on_steps):
    found = remarks_on_steps("""\
        - uses: core.log
          with: {message: 1}
          if: {all: [{left: event.data.finding.score, op: equals, right: "3"}, {left: evnt.type, op: is_null}]}
        """)

    assert found == [
        "6:7 `event.data.finding.score == '3'` is always false: it compares a number with text",
        "6:7 there is no `evnt` here; did you mean `event`?",
    ]
