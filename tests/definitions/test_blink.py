"""Seed row 004-R15: workflows of Blink become workflows of Wink, and what cannot is told with its place.

Source: https://docs.blinkops.com/docs/workflows/building-workflows/workflow-yaml
"""

from datetime import UTC, datetime
from textwrap import dedent, indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.actions.client import HttpClient
from engine.actions.guard import Guard
from engine.actions.registry import build_actions
from engine.definitions.blink import import_blink
from engine.definitions.checker import check_workflow
from engine.errors import Mistakes
from engine.language.template import compile_template
from engine.language.yaml12 import load
from engine.language.yaml_text import dump

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ACTIONS = {name: action.spec for name, action in build_actions(lambda: HttpClient(Guard()), {}).items()}
#: The shape in which Blink's own command line keeps a workflow.
BEGIN = """\
name: Contain a host
type: Flow
automation_type: event
inputs: {}
outputs: {}
runner: ""
triggers: {}
workflow:
  - section: New Section
    steps:
"""


def imported(steps, begin=BEGIN):
    return import_blink(begin + indent(dedent(steps), "    "), actions=ACTIONS.keys())


def steps_of(found):
    return load(found.text).value["steps"]


def left_by(found):
    return [f"{one.line}:{one.column} {one.message}" for one in found.left]


def mistakes_in(found):
    return check_workflow(found.text, found.identity, actions=ACTIONS, schemas=lambda *_: None).mistakes


def test_004_r15_a_workflow_that_prints_is_mapped_in_full():
    found = imported("""\
    - id: S1
      name: "#Action #1"
      action: internal.print
      inputs:
        text: "Host {{ event.payload.host.name }} at 12:30"
    - id: S2
      name: Again
      action: internal.print
      inputs:
        text: "{{ steps.S1.output }}"
    """)

    assert (found.identity, found.triggers, found.left, mistakes_in(found)) == (
        "contain-a-host",
        ("contain-a-host",),
        (),
        (),
    )
    assert load(found.text).value == {
        "name": "Contain a host",
        "on": {"trigger": "contain-a-host"},
        "steps": [
            {
                "id": "S1",
                "name": "#Action #1",
                "uses": "core.log",
                "with": {"message": "Host ${{ event.data.host.name }} at 12:30"},
            },
            {"id": "S2", "name": "Again", "uses": "core.log", "with": {"message": "${{ steps.S1.output }}"}},
        ],
    }


def test_004_r15_the_public_fixture_keeps_its_step_and_says_what_is_left():
    begin = BEGIN.replace("automation_type: event", "automation_type: on_demand")

    found = imported("    - {id: S1, name: '#Action #1', action: core.python, inputs: {code: print(1)}}\n", begin)

    assert left_by(found) == ["11:44 `core.python` has no counterpart: the step fails until you write another one"]
    assert load(found.text).value["on"] == {"manual": True}
    assert [(step["id"], step["name"], step["uses"]) for step in steps_of(found)] == [("S1", "#Action #1", "core.fail")]
    assert mistakes_in(found) == ()


def test_what_is_left_stands_in_the_new_file_too_and_sections_are_comments():
    found = imported("    - {id: S1, action: core.python}\n")

    assert "#  11:24 `core.python` has no counterpart" in found.text
    assert "\n  # New Section\n  - id: S1\n" in found.text


def test_a_choice_becomes_a_group_with_else_and_its_steps_are_found_from_outside():
    found = imported("""\
    - id: S1
      action: internal.ifCondition
      inputs:
        condition:
          match: Or
          sentence:
            - {lvalue: "{{ event.payload.severity }}", op: Equals, rvalue: '"high"'}
            - {lvalue: "{{ len(event.payload.tags) }}", op: Greater than, rvalue: "{{ 2 }}"}
      transitions:
        - {on: true, steps: [{id: S2, action: internal.print, inputs: {text: "yes"}}]}
        - {on: false, steps: [{id: S3, action: internal.print, inputs: {text: "no"}}]}
    - {id: S4, action: internal.print, inputs: {text: "{{ steps.S2.output }}"}}
    """)

    choice, after = steps_of(found)
    assert (found.left, mistakes_in(found)) == ((), ())
    assert choice["if"] == '(event.data.severity == "high") or (length(event.data.tags) > 2)'
    assert [choice["steps"][0]["id"], choice["else"][0]["id"]] == ["S2", "S3"]
    assert after["with"] == {"message": "${{ steps.S1.output.S2.output }}"}


def test_steps_inside_of_what_cannot_be_mapped_are_kept_and_do_not_run():
    found = imported("""\
    - id: S1
      action: internal.for
      steps: [{id: S2, action: internal.print, inputs: {text: a}}]
    """)

    first, kept = steps_of(found)
    assert (first["uses"], kept["disabled"], kept["steps"][0]["id"]) == ("core.fail", True, "S2")
    assert (len(found.left), mistakes_in(found)) == (1, ())


@pytest.mark.parametrize(
    ("hole", "expression"),
    [
        ("event.payload.a && !event.payload.b", "event.data.a and not event.data.b"),
        ("event.payload.a == nil || inputs.b != 'nil'", "event.data.a == null or inputs.b != 'nil'"),
        ("event.payload['a b'][0]", "event.data['a b'][0]"),
        ("event.payload.event.payload", "event.data.event.payload"),
        ("metadata.execution_id", "run.id"),
        ("steps['S1'].output.a", "steps.S1.output.a"),
        ("event.payload.a == 'steps.S1 && nil'", "event.data.a == 'steps.S1 && nil'"),
    ],
)
def test_an_expression_that_both_have_is_mapped(hole, expression):
    text = dump(
        [
            {"id": "S1", "action": "internal.print", "inputs": {"text": "-"}},
            {"action": "internal.print", "inputs": {"text": f"{{{{ {hole} }}}}"}},
        ]
    )

    found = imported(text)

    compact = steps_of(found)[1]["with"]["message"].split()
    assert (found.left, compact) == ((), ["${{", *expression.split(), "}}"])


@pytest.mark.parametrize(
    ("hole", "words"),
    [
        ("event.payload.a ?? 1", "write default(path, value)"),
        ("event.payload.a contains 'b'", "cannot be read"),
        ("date_format('x', event.payload.a)", "there is no function `date_format`"),
        ("split(event.payload.a, ',')", "`split(...)` can mean something else here"),
        ("variables.a", "`variables`: Wink's values never change"),
        ("metadata.tenant_id", "`metadata`: there is no such thing here"),
        ("steps.S9.output", "there is no step `S9`"),
        ("steps.S1.status", "write `outcome`"),
        ("", "the expression is empty"),
    ],
)
def test_an_expression_that_cannot_be_mapped_is_told_where_it_stands(hole, words):
    found = imported(f"""\
    - {{id: S1, action: internal.print, inputs: {{text: a}}}}
    - {{id: S2, action: internal.print, inputs: {{text: "See {{{{{hole}}}}}"}}}}
    """)

    (left,) = found.left
    assert (left.line, left.column) == (12, 60)
    assert words in left.message
    assert steps_of(found)[1]["uses"] == "core.fail"


def test_everything_else_that_is_lost_is_told():
    begin = BEGIN.replace("triggers: {}", "triggers: {scheduled: [{cron: x}]}").replace('runner: ""', "runner: mine")
    begin = begin.replace("inputs: {}", "inputs: {a: {type: text, required: true, options: [b]}}").replace(
        "type: Flow", "active: false"
    )

    found = imported(
        """\
    - {id: a-b, action: internal.print, inputs: {text: a}, desc: why, connections: {slack: mine}}
    - {id: a_b, action: http.get, inputs: {url: "https://example.com"}}
    - {text: a note}
    - 7
    """,
        begin,
    )

    assert [one.message.split(":")[0] for one in found.left] == [
        "it was not active",
        "`options` of an input has no counterpart",
        "`runner` has no counterpart",
        "`scheduled` starts nothing here",
        "this is no name for a step here",
        "`desc` has no counterpart",
        "`connections` has no counterpart",
        "this is no name for a step here",
        "`http.get` is taken for Wink's action of that name",
        "this is no step with an `action`",
        "this is no step with an `action`",
    ]
    assert load(found.text).value["inputs"] == {"a": {"type": "string", "required": True}}
    assert [step["id"] for step in steps_of(found)] == ["a_b", "a_b_2"]


@pytest.mark.parametrize("text", ["", "a: 1", "workflow: {}", "- 1", "workflow: 7", "name: ["])
def test_what_is_no_workflow_of_blink_is_refused(text):
    with pytest.raises(Mistakes):
        import_blink(text, actions=ACTIONS.keys())


# What is between the holes can look like a hole of Wink's, and is none.
words = st.text(st.sampled_from("ab $\\'\"{}:#-\n%é0"), max_size=12).filter(
    lambda text: "{{" not in text and not text.endswith("{")
)
pieces = st.lists(st.tuples(words, st.sampled_from(["host", "n"])), max_size=3)


@given(pieces, words, st.integers(-3, 3))
def test_004_r15_what_a_text_says_is_the_same_after_the_import(pieces, end, number):
    event = {"host": "web-1", "n": number}
    blink = "".join(f"{before}{{{{event.payload.{name}}}}}" for before, name in pieces) + end
    file = {
        "name": "A",
        "workflow": [{"section": "S", "steps": [{"id": "S1", "action": "internal.print", "inputs": {"text": blink}}]}],
    }

    found = import_blink(dump(file), actions=ACTIONS.keys())
    said = compile_template(steps_of(found)[0]["with"]["message"]).render({"event": {"data": event}}, NOW)

    assert found.left == ()
    assert str(said) == "".join(f"{before}{event[name]}" for before, name in pieces) + end


KEYS = ["name", "workflow", "section", "steps", "id", "action", "inputs", "transitions", "on", "text", "webhooks"]
KEYS += ["triggers", "condition", "sentence", "match", "lvalue", "op", "rvalue", "type", "trigger_type"]
WORDS = ["", "{{", "}}", "{{ steps.S1.output }}", "{{event.payload}}", "${{ x }}", "# a\nb: c", "\x07", "\u2028"]
WORDS += ["internal.print", "internal.if", "internal.ifCondition", "core.python", "http.get", "Equals", "And", "true"]
WORDS += ["event", "S1", "steps", "on_error"]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)
hostile_steps = st.lists(
    st.fixed_dictionaries(
        {"action": st.sampled_from(WORDS)},
        optional=dict.fromkeys(("id", "name", "inputs", "steps", "transitions"), anything),
    ),
    max_size=5,
)
files = st.fixed_dictionaries(
    {"workflow": st.lists(st.fixed_dictionaries({"section": anything, "steps": hostile_steps | anything}), max_size=3)},
    optional=dict.fromkeys(("name", "triggers", "inputs", "automation_type", "outputs", "active", "desc"), anything),
)


@given(files)
def test_any_file_becomes_a_workflow_that_passes_the_check(file):
    found = import_blink(dump(file), actions=())

    assert [one.message for one in mistakes_in(found) if not one.warning] == []
    assert all(one.line > 0 for one in found.left)


def test_a_text_of_braces_without_end_takes_no_time():
    found = imported(f"    - {{id: S1, action: internal.print, inputs: {{text: '{'{{' * 300_000}'}}}}\n")

    assert found.left == ()


def test_a_file_with_thousands_of_losses_is_refused_with_the_first_of_them():
    with pytest.raises(Mistakes, match="There are more remarks than anybody reads"):
        imported("    - {action: x}\n" * 2_000)


def test_what_has_no_counterpart_keeps_its_inputs():
    found = imported("""\
    - id: S1
      action: slack.send_message
      inputs: {channel: "#soc", text: "Host {{ event.payload.host }}"}
    """)

    (step,) = steps_of(found)
    assert (step["uses"], mistakes_in(found)) == ("core.fail", ())
    assert '{"channel": "#soc", "text": "Host { { event.payload.host }}"}' in step["with"]["message"]


def test_a_webhook_that_does_not_say_what_it_is_is_told_so():
    begin = BEGIN.replace("triggers: {}", "triggers: {webhooks: [{name: edr}]}")

    found = imported("- {id: S1, action: internal.print, inputs: {text: a}}", begin)

    assert found.triggers == ("edr",)
    assert "does not say its `trigger_type`" in left_by(found)[0]
