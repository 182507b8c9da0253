"""Which names an expression may use, and what the checker says of the others."""

import pytest

from engine.definitions.checker import check_workflow


def log(expression):
    return f'uses: core.log, with: {{message: "${{{{ {expression} }}}}"}}'


def messages(remarks):
    return [remark.partition(" ")[2] for remark in remarks]


@pytest.mark.parametrize(
    "expression",
    [
        "event.data.finding.severity",
        "event.received_at",
        "trigger.name",
        "workflow.version",
        "run.started_at",
        "vars.project",
        "inputs.asset",
        "steps.before.outcome",
        "steps.before.output.body.anything",
        "[tag for tag in event.data.tags]",
    ],
)
def test_what_is_there_can_be_named(remarks, expression):
    assert not remarks(f"""\
        name: A
        on: {{trigger: detectify, event: detectify.finding}}
        vars: {{project: SEC}}
        inputs: {{asset: {{type: string}}}}
        steps:
          - {{id: before, uses: http.post, with: {{url: "https://example.com"}}}}
          - {{{log(expression)}}}
        """)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("evnt.data", "there is no `evnt` here; did you mean `event`?"),
        ("event.dat", "there is no `event.dat`; did you mean `data`?"),
        ("vars.projet", "there is no `vars.projet`; did you mean `project`?"),
        ("inputs.x", "there is no `inputs.x`"),
        ("workflow.nme", "there is no `workflow.nme`; did you mean `name`?"),
        ("secrets.token", "there is no `secrets`: credentials go in by the step's `connection:` alone"),
        ("error.message", "`error` is there only in `on_error`"),
        ("loop.index", "`loop` is there only in `for_each` and `while`"),
        ("item", "there is no `item` here"),
        ("event.payload.finding", "`event.payload` is Blink's: write event.data.finding"),
    ],
)
def test_what_is_not_there_is_a_mistake(remarks, expression, message):
    found = remarks(f"""\
        name: A
        on: {{trigger: detectify}}
        vars: {{project: SEC}}
        steps: [{{{log(expression)}}}]
        """)

    assert messages(found) == [message]


def test_a_hole_of_blink_is_told_what_to_write(remarks_on_steps):
    found = remarks_on_steps("- {uses: core.log, with: {message: 'Severity {{ event.payload.severity }}'}}")

    assert found == ["4:46 `{{ event.payload.severity }}` is Blink's: write ${{ event.data.severity }}"]


def test_a_step_is_known_to_later_steps_and_to_steps_inside_them(remarks_on_steps):
    assert not remarks_on_steps(f"""\
        - {{id: first, {log("1")}}}
        - {{id: group, steps: [{{id: second, {log("steps.first.output")}}}, {{{log("steps.second.output")}}}]}}
        - {{{log("steps.group.output.second.output")}}}
        """)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("steps.scan.output", "there is no step `scan` before this one; did you mean `scans`?"),
        ("steps.last.output", "the step `last` in line 7 has not run when this is evaluated"),
        ("steps.me.output", "the step `me` in line 6 has not run when this is evaluated"),
        ("steps.inner.output", "the step `inner` is inside `group`: write steps.group.output.inner"),
        ("steps.group.output.iner", "there is no `steps.group.output.iner`; did you mean `inner`?"),
        ("steps.scans.result", "there is no `steps.scans.result`"),
    ],
)
def test_a_step_that_has_not_run_or_is_out_of_sight_is_a_mistake(remarks_on_steps, expression, message):
    found = remarks_on_steps(f"""\
        - {{id: scans, {log("1")}}}
        - {{id: group, steps: [{{id: inner, {log("1")}}}]}}
        - {{id: me, {log(expression)}}}
        - {{id: last, {log("1")}}}
        """)

    assert messages(found) == [message]


def test_the_output_of_a_loop_is_a_list_of_turns(remarks_on_steps):
    found = remarks_on_steps(f"""\
        - {{id: each, for_each: [1, 2], steps: [{{id: inner, {log("item")}}}]}}
        - {{{log("steps.each.output[0].inner.output")}}}
        - {{{log("steps.each.output[0].iner.output")}}}
        """)

    assert messages(found) == ["there is no `steps.each.output[0].iner`; did you mean `inner`?"]


def test_the_item_and_the_index_are_there_in_the_body_of_a_loop_alone(remarks_on_steps):
    found = remarks_on_steps(f"""\
        - for_each: [1]
          as: factor
          if: factor == 1
          steps: [{{{log("[factor, loop.index]")}}}]
          else: [{{{log("factor")}}}]
        - {{{log("factor")}}}
        """)

    assert messages(found) == ["there is no `factor` here"] * 3


@pytest.mark.parametrize("name", ["event", "steps", "loop", "length", "'true'"])
def test_an_item_cannot_take_a_name_that_has_a_meaning(remarks_on_steps, name):
    found = remarks_on_steps(f"- {{for_each: [1], as: {name}, {log('1')}}}")

    assert messages(found) == [f"`{name.strip(chr(39))}` has a meaning already: give the item another name"]


def test_on_error_knows_the_error_and_every_step_of_the_file(remarks):
    assert not remarks(f"""\
        name: A
        on: {{manual: true}}
        steps: [{{id: only, {log("1")}}}]
        on_error: [{{{log("[error.step, error.message, error.kind, steps.only.output]")}}}]
        """)


def test_the_on_error_of_a_step_knows_the_error_and_the_steps_before(remarks_on_steps):
    found = remarks_on_steps(f"""\
        - {{id: first, {log("1")}}}
        - id: second
          {log("1").replace(", with", chr(10) + "          with")}
          on_error: {{steps: [{{{log("[error.kind, steps.first.output, steps.second.output]")}}}]}}
        """)

    assert messages(found) == ["the step `second` in line 5 has not run when this is evaluated"]


def test_the_condition_of_a_workflow_knows_the_event_and_its_trigger_alone(remarks):
    found = remarks(f"""\
        name: A
        on: {{trigger: detectify, if: event.type == trigger.name or vars.x == steps.a.output}}
        steps: [{{{log("1")}}}]
        """)

    assert sorted(messages(found)) == [
        "`steps` is not there yet when this is evaluated",
        "`vars` is not there yet when this is evaluated",
    ]


def test_outputs_know_every_step(remarks):
    found = remarks(f"""\
        name: A
        on: {{manual: true}}
        steps: [{{id: last, {log("1")}}}]
        outputs: {{a: "${{{{ steps.last.output }}}}", b: "${{{{ steps.lst.output }}}}"}}
        """)

    assert messages(found) == ["there is no step `lst` before this one; did you mean `last`?"]


def test_a_workflow_that_no_trigger_starts_has_no_event(remarks):
    (found,) = remarks(f"name: A\non: {{manual: true}}\nsteps: [{{{log('event.type')}}}]\n")

    assert "this workflow has no `trigger`" in found


def test_a_path_that_the_schema_does_not_have_is_a_warning(check):
    checked = check(
        "name: A\non: {trigger: detectify, event: detectify.finding, if: event.data.severity == 'high'}\n"
        "steps: [{uses: core.log, with: {message: 1}}]\n"
    )

    (warning,) = checked.mistakes
    assert (warning.message, warning.warning) == ("the trigger's schema has no `event.data.severity`", True)
    assert checked.workflow is not None


def test_a_path_into_text_is_a_warning(remarks_on_steps):
    found = remarks_on_steps(f"- {{{log('event.data.finding.severity.name')}}}")

    assert messages(found) == ["the trigger's schema has no `event.data.finding.severity.name`"]


def test_a_path_that_may_be_missing_is_no_warning(remarks_on_steps):
    assert not remarks_on_steps(f"- {{{log('default(event.data.owner, 1)')}}}")


@pytest.mark.parametrize("event", ["", ", event: 'detectify.*'", ", event: [detectify.finding, unknown]"])
def test_nothing_is_said_of_data_when_not_every_schema_is_known(check, actions, event):
    text = f"name: A\non: {{trigger: detectify{event}}}\nsteps: [{{{log('event.data.anything')}}}]\n"
    schemas = {"detectify.finding": {"type": "object", "properties": {}}}

    checked = check_workflow(text, "a", actions=actions, schemas=lambda trigger, event_type: schemas.get(event_type))

    assert checked.mistakes == ()


def test_a_name_is_pointed_at_within_its_text(remarks_on_steps):
    found = remarks_on_steps("""\
        - uses: core.log
          with:
            message: "Hello ${{ event.type }}, ${{ evnt.type }}"
        """)

    assert found == ["6:44 there is no `evnt` here; did you mean `event`?"]


def test_a_name_is_pointed_at_within_a_text_of_several_lines(remarks_on_steps):
    found = remarks_on_steps("""\
        - uses: core.log
          with:
            message: |
              Hello
                to ${{ evnt.type }}
        """)

    assert found == ["8:16 there is no `evnt` here; did you mean `event`?"]


def test_what_the_output_of_an_action_does_not_have_is_a_warning(check):
    (warning,) = check(
        "name: A\non: {manual: true}\nsteps:\n"
        "- {id: call, uses: http.post, with: {url: a}}\n"
        f"- {{{log('steps.call.output.boddy')}}}\n"
    ).mistakes

    assert (warning.message, warning.warning) == ("there is no `steps.call.output.boddy`; did you mean `body`?", True)
