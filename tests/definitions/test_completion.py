"""What can be written at one place of a workflow."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definitions.checker import check_workflow
from engine.definitions.completion import Completion, Known, complete
from engine.definitions.example import Example
from engine.language.operators import OPERATORS
from tests.definitions.conftest import ACTIONS, FINDING

KNOWN = Known(
    ACTIONS,
    {"detectify": ["detectify.finding"], "other": ["other.thing"]},
    {"okta-production": "okta", "slack-security": "slack", "tickets": "bearer", "mail": "smtp"},
)
HEAD = "name: Ticket\non: {trigger: detectify, event: detectify.finding}\n"


def completed(text: str, at: str = "|") -> Completion:
    """Return what can be written where the mark is in the text."""
    before, after = text.split(at)
    lines = before.split("\n")
    return complete(
        before + after,
        (len(lines), len(lines[-1]) + 1),
        KNOWN,
        lambda tried: check_workflow(tried, "w", actions=ACTIONS, schemas=lambda trigger, event_type: FINDING).outline,
    )


def texts(text: str) -> list[str]:
    return [option.text for option in completed(text).options]


def test_keys_of_the_file_that_are_not_there_yet():
    found = texts(f"{HEAD}st|")

    assert "steps" in found
    assert "name" not in found


def test_keys_of_a_step_come_with_what_they_mean():
    found = {option.text: option for option in completed(f"{HEAD}steps:\n  - id: a\n    re|").options}

    assert found["retry"].about.startswith("When and how often the step is tried again.\n\n- id: ticket\n")
    assert found["retry"].written == "retry: "
    assert "id" not in found


def test_an_action_comes_with_what_it_does_and_an_example():
    spec = replace(ACTIONS["core.log"], doc="Any value.", example=Example("- uses: core.log\n"))
    known = replace(KNOWN, actions={**ACTIONS, "core.log": spec})

    found = complete(f"{HEAD}steps:\n  - uses: ", (HEAD.count("\n") + 2, 11), known, lambda tried: None)

    assert [one.about for one in found.options if one.text == "core.log"] == ["Log. Any value.\n\n- uses: core.log"]


def test_a_function_comes_with_an_example():
    found = {option.text: option for option in completed(f"{HEAD}steps:\n  - uses: core.log\n    if: rou|").options}

    assert found["round()"].about.endswith("round(number, digits?)\nround(2.567, 1)  gives  2.6")


@pytest.mark.parametrize(
    "place",
    [
        "steps:\n  - steps:\n      - us|",
        "steps:\n  - if: true\n    else:\n      - us|",
        "steps:\n  - on_error:\n      steps:\n        - us|",
        "on_error:\n  - us|",
        "steps:\n  - {us|",
        "steps:\n  - switch: event.type\n    cases:\n      high:\n        - us|",
        "steps:\n  - switch: event.type\n    cases: {high: [{us|",
        "steps:\n  - parallel:\n      - id: a\n        steps:\n          - us|",
    ],
)
def test_steps_stand_in_many_places(place):
    assert "uses" in texts(HEAD + place)


def test_every_action_is_offered_behind_uses():
    found = completed(f"{HEAD}steps:\n  - uses: http|")

    assert found.length == len("http")
    assert [option.text for option in found.options] == list(ACTIONS)


def test_a_branch_is_offered_what_a_group_takes_alone():
    found = texts(f"{HEAD}steps:\n  - parallel:\n      - id: a\n        |")

    assert {"steps", "while", "on_error"} <= set(found)
    assert {"uses", "retry", "switch", "id"}.isdisjoint(found)


@pytest.mark.parametrize("key", ["switch", "while"])
def test_what_is_chosen_by_and_repeated_for_is_an_expression(key):
    found = texts(f"{HEAD}steps:\n  - {key}: event.data.fi|\n    max: 3\n    steps: [{{uses: core.log}}]\n")

    assert "event.data.finding.severity" in found
    assert ("loop.index" in found) == (key == "while")


def test_what_the_turn_before_gave_is_offered_in_a_while():
    step = "while: true\n    max: 3\n    steps:\n      - {id: a, uses: http.post, with: {url: x}}\n      - {if: loop.|"

    assert "loop.previous.a.output.status" in texts(f"{HEAD}steps:\n  - {step}")


def test_the_item_of_a_loop_is_offered_in_each_of_its_cases():
    step = "for_each: [1]\n    as: tag\n    switch: tag\n    cases:\n      high:\n        - id: a\n          if: |\n"

    assert "tag" in texts(f"{HEAD}steps:\n  - {step}")


@pytest.mark.parametrize("rest", ["with:\n      |", "with: {|}", "with: {url: x, |}"])
def test_inputs_of_the_action(rest):
    found = {
        option.text: option.detail for option in completed(f"{HEAD}steps:\n  - uses: http.post\n    {rest}").options
    }

    assert found["follow"] == "boolean"
    assert ("url" in found) == ("url: x" not in rest)


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ("uses: okta.restore\n    connection: |", ["okta-production"]),
        ("uses: okta.restore\n    connection: ok|", ["okta-production"]),
        ("uses: okta.suspend\n    connection: |", ["okta-production", "slack-security", "tickets"]),
        ("connection: |\n    uses: okta.restore", ["okta-production"]),
        ("connection: |", ["okta-production", "slack-security", "tickets", "mail"]),
        ("uses: core.log\n    connection: |", []),
    ],
)
def test_connections_are_those_that_the_action_takes(step, wanted):
    assert texts(f"{HEAD}steps:\n  - id: a\n    {step}") == wanted


def test_values_of_an_input():
    assert texts(f"{HEAD}steps:\n  - uses: http.post\n    with:\n      url: x\n      follow: |") == ["true", "false"]


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("on:\n  trigger: |", ["detectify", "other"]),
        ("on:\n  trigger: other\n  event: |", ["other.thing"]),
        ("on:\n  trigger: nobody\n  event: |", ["detectify.finding", "other.thing"]),
        ("on: {trigger: [detectify, |]}", ["detectify", "other"]),
        ("on:\n  trigger: other\n  manual: |", ["true", "false"]),
        ("steps:\n  - effect: |", ["idempotent", "once"]),
        ("steps:\n  - on_error: |", ["continue"]),
        ("steps:\n  - if:\n      all:\n        - {left: a, op: |}", list(OPERATORS)),
    ],
)
def test_words_that_a_key_takes(place, wanted):
    assert texts(place) == wanted


@pytest.mark.parametrize("when", ["when: [timeout, co|]", "when:\n        - co|"])
def test_words_of_a_list(when):
    assert "connection" in texts(f"{HEAD}steps:\n  - uses: http.post\n    retry:\n      {when}")


def test_paths_come_from_the_triggers_schema():
    found = {
        option.text: option.detail for option in completed(f"{HEAD}steps:\n  - uses: core.log\n    if: event.|").options
    }

    assert found["event.data.finding.severity"] == "string"
    assert found["event.data.tags[0]"] == "string"
    assert found["contains()"] == "function"
    assert "error.message" not in found


def test_the_path_that_is_being_written_is_replaced_as_a_whole():
    found = completed(f'{HEAD}steps:\n  - uses: core.log\n    with: {{message: "${{{{ event.data.fi|}}}}"}}')

    assert found.length == len("event.data.fi")


def test_only_steps_that_have_run_are_offered():
    steps = "steps:\n  - {id: one, uses: http.post, with: {url: x}}\n  - {id: two, uses: core.log, if: steps.|}\n"

    found = texts(f"{HEAD}{steps}  - {{id: three, uses: core.log}}\n")

    assert "steps.one.output.status" in found
    assert not [text for text in found if text.startswith(("steps.two", "steps.three"))]


def test_the_item_of_a_loop_is_offered_in_its_body_alone():
    loop = "steps:\n  - for_each: ${{ event.data.tags }}\n    as: tag\n    steps:\n      - id: a\n        if: |\n"

    assert "tag" in texts(HEAD + loop)
    assert "tag" not in texts(f"{HEAD}{loop.replace('if: |', 'uses: core.log')}outputs:\n  a: ${{{{ |")


def test_the_error_is_offered_where_there_is_one():
    assert "error.message" in texts(f"{HEAD}on_error:\n  - uses: core.log\n    if: error.|")


def test_keys_that_no_dot_can_reach_take_brackets():
    schema = {"type": "object", "properties": {"x-id": {"type": "string"}}}
    text = f"{HEAD}steps:\n  - if: event."
    found = complete(
        text,
        (4, 100),
        KNOWN,
        lambda tried: check_workflow(tried, "w", actions=ACTIONS, schemas=lambda trigger, event_type: schema).outline,
    )

    assert "event.data['x-id']" in [option.text for option in found.options]


def test_within_a_text_nothing_is_offered():
    assert texts(f"{HEAD}steps:\n  - if: event.data.a == 'ev|") == []


@given(st.text(), st.integers(0, 9), st.integers(0, 99))
def test_any_text_has_an_answer_at_any_place(text, line, column):
    read = lambda tried: check_workflow(tried, "w", actions=ACTIONS, schemas=lambda trigger, event_type: None).outline  # noqa: E731

    assert isinstance(complete(HEAD + text, (line, column), KNOWN, read), Completion)
