"""How a file becomes a workflow, key by key."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from engine.definitions.workflow import Retry, StepKind, Then
from engine.words import Effect

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LOG = "uses: core.log, with: {message: 1}"


def test_the_version_is_the_hash_of_the_text(workflow):
    made = workflow(f"- {{{LOG}}}")

    assert made.version == sha256(made.text.encode()).hexdigest()


def test_the_head_of_a_file_is_read(workflow):
    made = workflow(
        f"- {{{LOG}}}",
        head=(
            "name: Ticket\ndescription: Makes one.\n"
            "on: {trigger: [a, b-2], event: github.*, if: event.type == 'x', manual: true}\n"
            "inputs: {asset: {type: string, required: true}}\nvars: {project: 'S-${{ event.id }}'}\n"
            "limits: {timeout: 2d}\noutputs: {a: 1}\n"
        ),
    )

    assert (made.identity, made.title, made.description) == ("ticket", "Ticket", "Makes one.")
    assert (made.triggers, made.events, made.manual) == (("a", "b-2"), ("github.*",), True)
    assert made.condition.text == "event.type == 'x'"
    assert made.inputs == {"asset": {"type": "string", "required": True}}
    assert made.vars.render({"event": {"id": "7"}}, NOW) == {"project": "S-7"}
    assert made.limits.timeout == timedelta(days=2)
    assert made.outputs.render({}, NOW) == {"a": 1}


def test_a_step_is_read_with_everything_that_it_says(workflow):
    (step,) = workflow(
        """\
        - id: call
          name: Call it
          uses: http.post
          with: {url: "${{ item }}"}
          if: event.type == 'a'
          else: [{uses: core.log, with: {message: no}}]
          for_each: [a, b]
          at_once: 5
          timeout: 1m
          retry: {attempts: 4, wait: 2s, factor: 3, max_wait: 1m, when: [timeout, http_429]}
          on_error: {steps: [{uses: core.log, with: {message: 1}}], then: continue}
          disabled: true
          keep_output: false
          effect: once
        """
    ).steps

    assert (step.id, step.name, step.kind, step.uses) == ("call", "Call it", StepKind.USES, "http.post")
    assert step.inputs.render({"item": "a"}, NOW) == {"url": "a"}
    assert (step.condition.text, step.otherwise[0].uses) == ("event.type == 'a'", "core.log")
    assert (step.for_each.render({}, NOW), step.item, step.at_once) == (["a", "b"], "item", 5)
    assert step.retry == Retry(4, timedelta(seconds=2), 3.0, timedelta(minutes=1), frozenset({"timeout", "http_429"}))
    assert (step.timeout, step.on_error.then, step.on_error.steps[0].uses) == (
        timedelta(minutes=1),
        Then.CONTINUE,
        "core.log",
    )
    assert (step.disabled, step.keep_output, step.effect) == (True, False, Effect.ONCE)


def test_a_step_that_says_little_has_defaults(workflow):
    (step,) = workflow(f"- {{{LOG}, retry: {{attempts: 2}}}}").steps

    assert step.retry == Retry(
        2,
        timedelta(seconds=1),
        2.0,
        timedelta(minutes=5),
        frozenset({"timeout", "connection", "http_429", "http_5xx"}),
    )
    assert (step.disabled, step.keep_output, step.effect, step.on_error) == (False, True, None, None)


def test_a_group_holds_its_steps(workflow):
    (group,) = workflow(f"- {{id: group, steps: [{{id: inner, {LOG}}}]}}").steps

    assert (group.kind, group.uses, [step.id for step in group.steps]) == (StepKind.GROUP, None, ["inner"])


def test_on_error_continue_needs_no_steps(workflow):
    (step,) = workflow(f"- {{{LOG}, on_error: continue}}").steps

    assert (step.on_error.steps, step.on_error.then) == ((), Then.CONTINUE)


def test_on_error_with_steps_still_fails_unless_told_to_go_on(workflow):
    (step,) = workflow(f"- {{{LOG}, on_error: {{steps: [{{{LOG}}}]}}}}").steps

    assert step.on_error.then is Then.FAIL


def test_a_step_without_id_gets_one_that_is_unique_in_its_list(workflow):
    steps = workflow(f"- {{{LOG}}}\n- {{id: core_log_2, {LOG}}}\n- {{{LOG}}}\n- {{steps: [{{{LOG}}}]}}\n").steps

    assert [step.id for step in steps] == ["core_log", "core_log_2", "core_log_3", "step_4"]
    assert steps[3].steps[0].id == "core_log"


def test_a_condition_can_be_rows(workflow):
    (step,) = workflow(f"- {{{LOG}, if: {{left: event.type, op: equals, right: a}}}}").steps

    assert step.condition.text == "event.type == 'a'"


@pytest.mark.parametrize(
    ("part", "remark"),
    [
        ("retry: 3", "`retry` must be a mapping, and this is a number"),
        ("retry: {wait: 5s}", "`retry` needs the key `attempts`"),
        ("retry: {attempts: 0}", "`attempts` must be from 1 to 100"),
        ("retry: {attempts: 2, wait: 5}", "`wait` needs a unit: write 5s, 5m, 5h or 5d"),
        ("retry: {attempts: 2, factor: 0.5}", "`factor` must be from 1 to 10"),
        ("retry: {attempts: 2, when: http_500}", "`when` must be one of timeout, connection, http_429, http_4xx, "),
        ("timeout: soon", "`timeout` 'soon' is no length of time: "),
        ("timeout: 0s", "`timeout` must be longer than nothing"),
        ("at_once: 2", "`at_once` means nothing without `for_each` beside it"),
        ("for_each: 5", "`for_each` must be a list, or an expression that gives one, "),
        ("for_each: text", "`for_each` must be a list, or an expression that gives one, "),
        ("for_each: [1], as: a-b", "`as` must be letters, digits and underscores, as in `a_b`, "),
        ("id: class", "`id` cannot be `class`, which means something else: write `class_`"),
        ("id: on_error", "`id` cannot be `on_error`, which means something else: write `on_error_`"),
        ("disabled: 1", "`disabled` must be true or false, and this is a number"),
        ("else: []", "`else` is empty: write at least one step, or leave it out"),
        ("effect: twice", "`effect` must be one of idempotent, once"),
        ("on_error: ignore", "`on_error` must be `continue`, or a mapping with `steps` and `then`, and this is text"),
        ("on_error: null", "`on_error` must be `continue`, or a mapping with `steps` and `then`, and this is null"),
        ("steps: []", "a step needs `uses`, `steps`, `parallel` or `switch`, and only one of them"),
        ("connection: Okta", "`connection` must be lower-case letters, digits and hyphens, at most 80: `Okta` is not"),
        ("while: true", "`while` means nothing without `max` beside it"),
        ("tiemout: 5m", "a step has no key `tiemout`; did you mean `timeout`?"),
        ("name: ''", "`name` must not be empty"),
    ],
)
def test_a_key_that_does_not_fit_is_told_what_it_takes(remarks_on_steps, part, remark):
    found = [text.partition(" ")[2] for text in remarks_on_steps(f"- {{{LOG}, {part}}}")]

    assert any(text.startswith(remark) for text in found), found


@pytest.mark.parametrize(
    ("head", "remark"),
    [
        (
            "name: A\non: {}",
            "2:5 nothing starts this workflow: write `trigger`, `schedule`, `silence`, or `manual: true`",
        ),
        (
            "name: A\non: {manual: false}",
            "2:5 nothing starts this workflow: write `trigger`, `schedule`, `silence`, or `manual: true`",
        ),
        ("name: A\non: {trigger: []}", "2:15 `trigger` must not be an empty list"),
        ("name: A\non: {manual: true, event: a}", "2:20 `event` means nothing without `trigger` beside it"),
        ("name: 5\non: {manual: true}", "1:7 `name` must be text, and this is a number"),
        ("on: {manual: true}", "1:1 a workflow needs the key `name`"),
        (f"name: A\non: {{trigger: a, event: {'a' * 1_001}}}", "2:25 `event` a pattern has at most 1,000 characters"),
        (
            "name: A\non: {manual: true}\ninputs: {a: {type: strin}}",
            "3:14 there is no type `strin`: write `string`",
        ),
        (
            "name: A\non: {manual: true}\ninputs: {a: {$ref: '#/$defs/b', $defs: {b: {}}}}",
            "3:10 this is no JSON Schema: Pointer '/$defs/b' does not exist",
        ),
        (
            "name: A\non: {manual: true}\ninputs: {a: text}",
            "3:10 an input is described by a JSON Schema, such as {type: string}, and this is text",
        ),
        ("name: A\non: {schedule: {}}", "2:16 `schedule` needs the key `cron`"),
        ("name: A\non: {schedule: daily}", "2:16 `schedule` must be a mapping, and this is text"),
        (
            "name: A\non: {schedule: {cron: '0 25 * * *'}}",
            "2:26 `25` is no hour: it is 0 to 23",
        ),
        (
            "name: A\non: {schedule: {cron: 0 8 * * *, timezone: Europe/Zurch}}",
            (
                "2:44 `timezone` must be a time zone, such as Europe/Zurich or UTC: `Europe/Zurch` is none"
                "; did you mean 'Europe/Zurich'?"
            ),
        ),
        (
            "name: A\non: {schedule: {cron: 0 8 * * *}}\ninputs: {a: {type: string, required: true}}",
            "3:13 a run by `schedule` has nobody to give this input: write a `default`",
        ),
        (
            "name: A\non: {manual: true}\ninputs: {a: {type: string, default: 3}}",
            "3:28 the `default` does not fit: is a number, and must be text",
        ),
    ],
)
def test_a_head_that_does_not_fit_is_told_what_it_takes(remarks, head, remark):
    assert remarks(f"{head}\nsteps: [{{{LOG}}}]\n") == [remark]


def test_every_text_of_a_template_that_cannot_be_read_is_told(remarks_on_steps):
    found = remarks_on_steps("""\
        - uses: http.post
          with:
            url: "https://example.com/${{ event. }}"
            json: ["${{ 1 + }}", "${{ evnt }}"]
            headers: {"${{ 1 }}": a}
        """)

    assert [remark.partition(" ")[0] for remark in found] == ["6:35", "7:17", "8:14"]


def test_steps_without_an_end_are_not_read(remarks):
    steps = "".join(f"- {{{LOG}}}\n" for _ in range(501))

    assert remarks(f"name: A\non: {{manual: true}}\nsteps:\n{steps}") == [
        "4:1 a list has at most 500 steps, and this one has 501"
    ]
