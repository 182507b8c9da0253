"""Conditions that can say one thing only, or nothing, and what is said of them."""

from time import perf_counter

import pytest

from engine.definitions.checker import check_workflow

CHOICE = {
    "type": "object",
    "properties": {
        "level": {"enum": ["low", "high"]},
        "count": {"type": "integer", "minimum": 0},
        "title": {"type": "string"},
        "tags": {"type": "array"},
    },
}
BEGIN = "name: A\non: {trigger: t, event: t.x}\nsteps:\n  - {id: first, uses: core.log, with: {message: 1}}\n"


@pytest.fixture
def told(actions):
    """Return a function that gives the warnings about a step's condition, as ``column message``."""

    def run(condition):
        text = f"{BEGIN}  - if: {condition}\n    uses: core.log\n    with: {{message: 1}}\n"
        checked = check_workflow(text, "a", actions=actions, schemas=lambda *_: CHOICE)
        assert all((one.line, one.warning) == (5, True) for one in checked.mistakes)
        return [f"{one.column} {one.message}" for one in checked.mistakes]

    return run


def test_a_value_that_the_schema_does_not_have_is_told_with_those_that_it_has(told):
    assert told("event.data.title == 'a' and event.data.level == 'urgent'") == [
        '37 `event.data.level == \'urgent\'` can never be true: by its schema, `event.data.level` is "low" or "high"'
    ]


def test_a_number_beyond_its_bounds_is_told(told):
    assert told("event.data.count < 0") == [
        "9 `event.data.count < 0` can never be true: by its schema, `event.data.count` is a number at least 0"
    ]


def test_what_is_neither_true_nor_false_is_told(told):
    assert told("event.data.title") == [
        "9 `event.data.title` can never be answered: by its schema, `event.data.title` is text"
    ]


def test_an_outcome_that_there_is_not_is_told(told):
    (warning,) = told("steps.first.outcome == 'success'")

    assert warning.startswith("9 `steps.first.outcome == 'success'` can never be true: ")
    assert '"succeeded"' in warning


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("event.data.count > 5 and event.data.count < 3", "can never be true: its parts exclude each other"),
        ("event.type != 'a' or event.type != 'b'", "can never be false: its parts leave nothing out"),
        ("not (event.type == 'a' and event.type == 'b')", "can never be false: its parts leave nothing out"),
    ],
)
def test_parts_that_settle_it_together_are_told_of_the_whole(told, condition, words):
    assert told(condition) == [f"9 `if` {words}"]


def test_one_mistake_is_told_once(told):
    assert told("event.data.count == 'a' and event.data.level == 'urgent'") == [
        "9 `event.data.count == 'a'` is always false: it compares a number with text"
    ]


@pytest.mark.parametrize(
    "condition",
    [
        "event.data.level == 'high'",
        "event.data.level != null",
        "event.data.level in ['high', 'urgent']",
        "default(event.data.level, 'none') == 'none'",
        "event.data.count > 0 or event.data.title == ''",
        "exists(event.data.title) and not exists(event.data.tags)",
        "any(tag in ['a', 'b'] for tag in event.data.tags)",
        "within_last(event.time, '1h')",
        "steps.first.outcome == 'failed'",
        "rank(event.data.level, ['low', 'high']) >= 1",
    ],
)
def test_what_can_be_answered_either_way_is_left_alone(told, condition):
    assert told(condition) == []


def test_the_condition_that_starts_a_workflow_is_judged_too(actions):
    text = BEGIN.replace("event: t.x}", "event: t.x, if: event.data.level == 'urgent'}")

    (warning,) = check_workflow(text, "a", actions=actions, schemas=lambda *_: CHOICE).mistakes

    assert (warning.line, warning.column, warning.warning) == (2, 34, True)


def test_rows_are_judged_at_the_place_where_they_stand(told):
    (warning,) = told("{all: [{left: event.data.level, op: in, right: [urgent]}]}")

    assert warning.startswith("9 `event.data.level in ['urgent']` can never be true")


def test_a_file_of_hostile_conditions_is_checked_in_time(actions):
    hard = " or ".join(f"event.data.a{number} > {number} and event.data.b{number} < 1" for number in range(30))
    steps = f"  - {{if: '{hard} and false', uses: core.log, with: {{message: 1}}}}\n" * 100

    started = perf_counter()
    checked = check_workflow(BEGIN + steps, "a", actions=actions, schemas=lambda *_: None)

    assert checked.outline is not None
    assert perf_counter() - started < 15
