"""Kleene's three values: unknown gives way only where the answer is settled without it."""

from itertools import product

import pytest

from engine.language.expression import Unknown

WORDS = {"yes": True, "no": False, "unknown": None}
AND = {
    ("yes", "yes"): "yes",
    ("yes", "unknown"): "unknown",
    ("unknown", "yes"): "unknown",
    ("unknown", "unknown"): "unknown",
}
OR = {("no", "no"): "no", ("no", "unknown"): "unknown", ("unknown", "no"): "unknown", ("unknown", "unknown"): "unknown"}
ALL_PAIRS = list(product(WORDS, repeat=2))


def answer(value: object) -> str:
    return "unknown" if isinstance(value, Unknown) else {True: "yes", False: "no"}[value]


def operands(*words: str) -> dict[str, object]:
    """Return a scope of a, b, ... in which the unknown ones are not there."""
    return {"z": 0} | {name: WORDS[word] for name, word in zip("ab", words, strict=False) if word != "unknown"}


@pytest.mark.parametrize(("left", "right"), ALL_PAIRS)
def test_and_is_settled_by_no(evaluate, left, right):
    assert answer(evaluate("a and b", **operands(left, right))) == AND.get((left, right), "no")


@pytest.mark.parametrize(("left", "right"), ALL_PAIRS)
def test_or_is_settled_by_yes(evaluate, left, right):
    assert answer(evaluate("a or b", **operands(left, right))) == OR.get((left, right), "yes")


@pytest.mark.parametrize(("left", "right"), ALL_PAIRS)
def test_all_answers_as_and_does(evaluate, left, right):
    assert answer(evaluate("all([a, b])", **operands(left, right))) == AND.get((left, right), "no")


@pytest.mark.parametrize(("left", "right"), ALL_PAIRS)
def test_any_answers_as_or_does(evaluate, left, right):
    assert answer(evaluate("any([a, b])", **operands(left, right))) == OR.get((left, right), "yes")


@pytest.mark.parametrize(("word", "expected"), [("yes", "no"), ("no", "yes"), ("unknown", "unknown")])
def test_not_turns_what_is_known(evaluate, word, expected):
    assert answer(evaluate("not a", **operands(word))) == expected


@pytest.mark.parametrize("text", ["1 and true", "'' or false", "not 0", "null and true", "1 if 'x' else 2"])
def test_what_is_no_boolean_answers_nothing(evaluate, text):
    assert isinstance(evaluate(text), Unknown)


def test_the_first_unknown_is_the_one_that_is_told(reason):
    assert reason("event.data.finding.fixed or event.one or event.two") == "`event.one` is not there"


def test_nothing_after_the_settling_answer_is_evaluated(evaluate):
    assert evaluate("event.data.finding.fixed and lower(event.data) == 'a'") is False


def test_an_unknown_condition_makes_the_choice_unknown(evaluate):
    assert isinstance(evaluate("1 if event.nothing else 2"), Unknown)


@pytest.mark.parametrize(
    "text",
    [
        "[event.nothing]",
        "{'a': event.nothing}",
        "{event.nothing: 1}",
        "lower(event.nothing)",
        "-event.nothing",
        "event.nothing[event.id]",
        "event[event.nothing]",
    ],
)
def test_unknown_spreads(evaluate, text):
    assert isinstance(evaluate(text), Unknown)
