"""Whatever an author or a sender writes, an evaluation ends soon, in little memory, with words."""

import time
from contextlib import suppress

import pytest

from engine.errors import ExpressionError
from engine.language.expression import Unknown, compile_expression
from engine.language.template import compile_template

#: Seconds that the worst evaluation may take on a slow and busy machine; most take a hundredth of one.
SOON = 20.0


@pytest.fixture
def bounded(evaluate):
    """Return a function that evaluates and makes sure that it was soon done."""

    def bounded(text: str, **own: object) -> object:
        start = time.monotonic()
        value = evaluate(text, **own)
        assert time.monotonic() - start < SOON
        return value

    return bounded


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_999,
        "[" * 1_000,
        "-" * 1_999 + "1",
        "not " * 499 + "a",
        "{'a':" * 300,
        "a if b else " * 150 + "c",
        "a[" * 40 + "0" + "]" * 40,
        "lower(" * 40 + "a" + ")" * 40,
        "[" * 40 + "1" + "]" * 40,
        "a + " * 40 + "a",
        "'" * 1_999,
        "lambda: " * 200 + "a",
        "a.b-" * 400 + "c",
    ],
)
def test_deep_text_is_refused(text):
    with pytest.raises(ExpressionError):
        compile_expression(text)


def test_the_last_depth_that_is_allowed_is_compiled():
    assert compile_expression("lower(" * 31 + "a" + ")" * 31)


def test_a_long_path_is_not_deep():
    assert compile_expression(".".join("a" * 300))


@pytest.mark.parametrize(
    "text",
    [
        "[a for a in n for b in n for c in n]",
        "sum([1 for a in n for b in n])",
        "any(a == b for a in n for b in n if a != b)",
        "[sort(n) for a in n]",
        "[[y for y in n] for x in n]",
        "all(x in n for x in n)",
    ],
)
def test_a_loop_of_loops_runs_out_of_steps(bounded, text):
    value = bounded(text, n=list(range(1_000)))

    assert "more than 10,000 steps" in value.reason


@pytest.mark.parametrize(
    "text",
    [
        "t + t",
        "join([t, t], '')",
        "replace(t, 'x', 'xx')",
        "json([t, t])",
        "split(t + 'x', 'x')",
        "upper(t) + lower(t)",
        "[t + 'x' for i in [1, 2, 3]]",
        "url_encode(replace(t, 'x', '%'))",
        "{'a': t, 'b': t}",
        "[[u, u] for u in [[t, t]]]",
    ],
)
def test_text_beyond_a_mebibyte_is_not_made(bounded, text):
    value = bounded(text, t="x" * 700_000)

    assert "more than 1 MiB" in value.reason or "more than 10,000 steps" in value.reason


def test_a_value_of_shared_parts_is_never_written_out(bounded):
    text = "'x'"
    for name in "abcdefghi":
        text = f"[[{','.join([name] * 8)}] for {name} in {text}]" if name != "a" else "[" + ",".join(["'x'"] * 8) + "]"

    for wrapped in (text, f"json({text})", f"str({text})", f"{text} == {text}" if len(text) < 900 else text):
        assert isinstance(bounded(wrapped), Unknown)


def test_numbers_do_not_grow_without_end(bounded):
    text = "9" * 200
    for name in "abcdefghij":
        text = f"max([{name} * {name} for {name} in [{text}]])"

    assert "too large" in bounded(text).reason


@pytest.mark.parametrize("text", ["n * n", "str(n)", "n / 3", "float(n)", "json([n])", "n // 7 + 1", "round(n, -15)"])
def test_huge_whole_numbers_of_a_sender_do_no_harm(bounded, text):
    bounded(text, n=10**5_000)


@pytest.mark.parametrize(
    "pattern", ["(a?){100}a{100}", "(a+)+$", "(?:a?){1000}a{1000}", "(?:(?:a|b)*a(?:a|b){200})", ".*.*.*.*.*=.*"]
)
def test_no_pattern_hangs(bounded, pattern):
    bounded("regex(t, p)", t="a" * 1_000_000, p=pattern)


def test_many_patterns_of_a_sender_run_out_of_steps(bounded):
    patterns = [f"(a|b|[c-z]{{{n % 30}}}){{20}}{n}" + "x" * 900 for n in range(3_000)]

    assert "more than 10,000 steps" in bounded("any(regex('abc', p) for p in patterns)", patterns=patterns).reason


@pytest.mark.parametrize("pattern", ["(x{1000}){1000}", "\\pL{1000}", "x" * 1_001, "(?P<a>", "\\1", "(?<=a)b"])
def test_patterns_that_re2_refuses_have_no_value(bounded, pattern):
    assert isinstance(bounded("regex('a', p)", p=pattern), Unknown)


@pytest.mark.parametrize("text", ["event == other", "event in [other]", "unique([event, other])", "json(event) == ''"])
def test_values_nested_without_end_are_no_trouble(bounded, text):
    one: object = 1
    other: object = 1
    for _ in range(50_000):
        one, other = [one], [other]

    assert isinstance(bounded(text, event=one, other=other), Unknown)


def test_long_lists_are_compared_within_the_steps(bounded):
    rows = [[n] * 100 for n in range(500)]

    assert "more than 10,000 steps" in bounded("unique(rows + rows) == []", rows=rows).reason


@pytest.mark.parametrize(
    "text", ["{{event" + " " * 500_000, "{{event}" * 60_000, "${{ '" + "x" * 900_000, "$" * 900_000]
)
def test_a_template_of_any_text_is_soon_compiled_or_refused(text):
    start = time.monotonic()

    with suppress(ExpressionError):
        compile_template(text)

    assert time.monotonic() - start < SOON
