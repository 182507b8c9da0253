"""Where somebody writes in a workflow's text, whatever state the text is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definitions.cursor import Cursor, chain, find


def at_end(text: str) -> Cursor | None:
    """Return what is being written at the end of a text."""
    lines = text.split("\n")
    return find(text, len(lines), len(lines[-1]) + 1)


@pytest.mark.parametrize(
    ("text", "path", "word"),
    [
        ("", (), ""),
        ("na", (), "na"),
        ("on:\n  tri", ("on",), "tri"),
        ("steps:\n  - us", ("steps", 0), "us"),
        ("steps:\n- us", ("steps", 0), "us"),
        ("steps:\n  - id: a\n  - id: b\n    wi", ("steps", 1), "wi"),
        ("steps:\n  - id: a\n    steps:\n      - id: b\n    el", ("steps", 0), "el"),
        ("steps:\n  - id: a\n    on_error:\n      steps:\n        - ", ("steps", 0, "on_error", "steps", 0), ""),
        ("steps:\n  - {uses: core.log, wi", ("steps", 0), "wi"),
        ("steps:\n  - uses: a\n    with: {json: {a: 1}, he", ("steps", 0, "with"), "he"),
        ("steps:\n  # steps: no\n  - id: a\nout", (), "out"),
    ],
)
def test_a_key_is_written_in_its_mapping(text, path, word):
    assert at_end(text) == Cursor(path, is_key=True, expression=None, word=word)


@pytest.mark.parametrize(
    ("text", "path", "word"),
    [
        ("on:\n  trigger: det", ("on", "trigger"), "det"),
        ("steps:\n  - uses: http.po", ("steps", 0, "uses"), "http.po"),
        ("steps:\n  - retry: {attempts: 3, when: [timeout, conn", ("steps", 0, "retry", "when", 1), "conn"),
        ("steps:\n  - with:\n      text: |\n        a: b\n        - c", ("steps", 0, "with", "text"), "c"),
    ],
)
def test_a_value_is_written_for_its_key(text, path, word):
    assert at_end(text) == Cursor(path, is_key=False, expression=None, word=word)


@pytest.mark.parametrize(
    ("text", "path", "expression"),
    [
        ("steps:\n  - if: event.da", ("steps", 0, "if"), "event.da"),
        ('steps:\n  - with: {m: "${{ steps.', ("steps", 0, "with", "m"), " steps."),
        ("steps:\n  - with:\n      m: a ${{ b }} ${{ c", ("steps", 0, "with", "m"), " c"),
        ("steps:\n  - with:\n      m: |\n        x ${{ ev", ("steps", 0, "with", "m"), " ev"),
        ("steps:\n  - if:\n      all:\n        - {left: event.", ("steps", 0, "if", "all", 0, "left"), "event."),
    ],
)
def test_an_expression_is_known_as_one(text, path, expression):
    found = at_end(text)

    assert found is not None
    assert (found.path, found.expression) == (path, expression)


def test_after_a_finished_hole_there_is_no_expression():
    found = at_end("steps:\n  - with:\n      m: ${{ b }} c")

    assert found is not None
    assert found.expression is None


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ("event.data.fi", "event.data.fi"),
        ("length(event.", "event."),
        ("event.data['x-id'].a", "event.data['x-id'].a"),
        ("a and ", ""),
        ("contains(event.data.a, 'eve", None),
    ],
)
def test_an_expression_ends_in_a_path(expression, path):
    assert chain(expression) == path


@given(st.text(), st.integers(0, 9), st.integers(0, 99))
def test_any_text_has_an_answer_at_any_place(text, line, column):
    found = find(text, line, column)

    assert found is None or isinstance(found, Cursor)
