"""Steps that choose, repeat and run side by side: how they are read, and every mistake in them."""

import pytest

from engine.definitions.workflow import StepKind
from tests.definitions.conftest import HEAD

LOG = "{uses: core.log, with: {message: a}}"


def of(remarks, line):
    """Return the remarks on a line, without it."""
    return [remark.partition(":")[2] for remark in remarks if remark.startswith(f"{line}:")]


def test_a_switch_has_a_case_for_each_value_with_its_type(workflow):
    (step,) = workflow(f"""\
        - id: route
          switch: default(event.data.kind, 1)
          cases:
            high: [{LOG}]
            200: [{LOG}]
            true: [{LOG}]
            null: [{LOG}]
            "1.5": [{LOG}]
            on: [{LOG}]
          else: [{LOG}]
        """).steps

    assert (step.kind, step.switch.text, len(step.otherwise)) == (StepKind.SWITCH, "default(event.data.kind, 1)", 1)
    assert [case.value for case in step.cases] == ["high", 200, True, None, "1.5", "on"]
    assert [case.steps[0].id for case in step.cases] == ["core_log"] * 6


def test_a_case_is_for_a_value_as_expressions_compare_them(workflow):
    (step,) = workflow(f"- switch: default(event.data.kind, 1)\n  cases: {{1: [{LOG}]}}\n").steps

    assert [step.cases[0].fits(value) for value in (1, 1.0, True, "1", None, [1])] == [True, True, *[False] * 4]


def test_a_while_has_its_condition_and_its_most_turns(workflow):
    (step,) = workflow(f"- {{while: loop.index < 3, max: 7, steps: [{LOG}]}}").steps

    assert (step.kind, step.while_true.text, step.max_turns) == (StepKind.GROUP, "loop.index < 3", 7)


def test_the_branches_of_a_parallel_are_groups(workflow):
    (step,) = workflow(f"- {{parallel: [{{id: a, steps: [{LOG}]}}, {{id: b, steps: [{LOG}, {LOG}]}}]}}").steps

    assert [(each.kind, each.id, len(each.steps)) for each in step.steps] == [
        (StepKind.GROUP, "a", 1),
        (StepKind.GROUP, "b", 2),
    ]
    assert step.kind is StepKind.PARALLEL


@pytest.mark.parametrize(
    ("twins", "wanted"),
    [
        ("1: [{log}], 1.0: [{log}]", "the case `1` before it is for the same value"),
        ("true: [{log}], True: [{log}]", "the case `true` before it is for the same value"),
        ("a: [{log}], 'a': [{log}]", "`a` is there already, in line 5"),
    ],
)
def test_two_cases_for_one_value_are_a_mistake(remarks_on_steps, twins, wanted):
    found = remarks_on_steps(f"- switch: default(event.data.kind, 1)\n  cases: {{{twins.format(log=LOG)}}}\n")

    assert of(found, 5) == [f"{len('  cases: {1: [], ') + len(LOG) + (3 if 'true' in twins else 0) + 1} {wanted}"]


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ("switch: event.type", "3 `switch` means nothing without `cases` beside it"),
        (f"cases: {{a: [{LOG}]}}", "3 `cases` means nothing without `switch` beside it"),
        (f"switch: 5\n  cases: {{a: [{LOG}]}}", "11 `switch` must be an expression, and this is a number"),
        (f"switch: event.type ==\n  cases: {{a: [{LOG}]}}", "11 cannot be read"),
        (f"switch: evnt.type\n  cases: {{a: [{LOG}]}}", "11 there is no `evnt` here; did you mean `event`?"),
        (f"while: loop.index < 3\n  steps: [{LOG}]", "3 `while` means nothing without `max` beside it"),
        (f"max: 3\n  steps: [{LOG}]", "3 `max` means nothing without `while` beside it"),
        (
            "while: loop.index < 3\n  max: 3\n  uses: core.log\n  with: {message: a}",
            "3 `while` repeats a group, and no `uses`: put that into the steps of the group",
        ),
        (
            f"while: loop.index < 3\n  max: 3\n  for_each: [1]\n  steps: [{LOG}]",
            "3 a step has `while` or `for_each`: put the one into the steps of the other",
        ),
        (f"while: loop.idx < 3\n  max: 3\n  steps: [{LOG}]", "10 there is no `loop.idx`; did you mean `index`?"),
        (f"while: loop.index < 'a'\n  max: 3\n  steps: [{LOG}]", "10 `loop.index < 'a'` compares a number with text"),
        (f"while: 1 == 1\n  max: 3\n  steps: [{LOG}]", "10 `while` is always true"),
        (
            f"while: loop.previous.core_lg.outcome == 'x'\n  max: 3\n  steps: [{LOG}]",
            "10 there is no `loop.previous.core_lg`; did you mean `core_log`?",
        ),
        (
            "parallel: {a: 1}",
            "13 `parallel` must be a list of groups, each with `id` and `steps`, and this is a mapping",
        ),
        ("parallel: []", "13 `parallel` takes from 1 to 100 groups, and these are 0"),
        (f"parallel: [{LOG}]", "14 a branch of `parallel` needs the key `id`"),
        (f"parallel: [{LOG}]", "14 a branch of `parallel` needs the key `steps`"),
        (f"parallel: [{LOG}]", "15 a branch of `parallel` has no key `uses`"),
        (
            f"parallel: [{{id: a, steps: [{LOG}]}}, {{id: a, steps: [{LOG}]}}]",
            "75 a step before it in this list has the id `a` too",
        ),
        (
            f"steps: [{LOG}]\n  parallel: [{{id: a, steps: [{LOG}]}}]\n  switch: 5",
            "3 a step needs `uses`, `steps`, `parallel` or `switch`, and only one of them",
        ),
        (
            f"steps: 5\n  parallel: [{{id: a, steps: [{{switch: event.type, cases: {{a: [{LOG}]}}}}]}}]",
            "3 a step needs `uses`, `steps`, `parallel` or `switch`, and only one of them",
        ),
        (f"else: [{LOG}]", "3 `else` means nothing without `if` or `switch` beside it"),
    ],
)
def test_what_does_not_fit_is_told_at_its_place(remarks_on_steps, step, wanted):
    found = remarks_on_steps(f"- {step}\n")

    assert any(remark.startswith(wanted) for remark in of(found, 4)), found


@pytest.mark.parametrize(
    ("rest", "line", "wanted"),
    [
        ("  cases: {}", 5, "10 `cases` is empty: write at least one case"),
        ("  cases: [1]", 5, "10 `cases` must be a mapping from values to steps, and this is a list"),
        ("  cases:\n    a: 5", 6, "8 `case` must be a list of steps, and this is a number"),
        ("  cases:\n    a: []", 6, "8 `case` is empty: write at least one step, or leave it out"),
        ("  cases:\n    a:\n      - uses: core.lag", 7, "15 there is no action `core.lag`; did you mean `core.log`?"),
        (f"  cases: {{a: [{LOG}]}}\n  if: event.id == 'a'\n  else: [{LOG}]", 7, "3 `else` could belong to `if` or"),
        (f"  cases:\n    {'9' * 301}: [{LOG}]", 6, "5 the number has more than 300 digits: quote it if it is text"),
    ],
)
def test_what_does_not_fit_in_a_switch_is_told_at_its_place(remarks_on_steps, rest, line, wanted):
    found = remarks_on_steps(f"- switch: event.type\n{rest}\n")

    assert any(remark.startswith(wanted) for remark in of(found, line)), found


def test_a_case_that_the_schema_rules_out_is_a_warning(check):
    text = f"{HEAD}steps:\n- switch: event.data.finding.score\n  cases:\n    4: [{LOG}]\n    '3': [{LOG}]\n"

    (found,) = check(text).mistakes

    assert (found.line, found.column, found.warning) == (7, 5, True)
    assert found.message == "this case never runs: `switch` is a number, and the case is text"


def test_branches_do_not_see_each_other_and_what_comes_after_sees_them_all(remarks_on_steps):
    found = remarks_on_steps("""\
        - id: both
          parallel:
            - id: left
              steps: [{id: one, uses: http.post, with: {url: a}}]
            - id: right
              steps: [{uses: core.log, with: {message: "${{ steps.left.outcome }}"}}]
        - uses: core.log
          with: {message: "${{ steps.both.output.left.output.one.output.status }}"}
        - uses: core.log
          with: {message: "${{ steps.one.output.status }}"}
        """)

    siblings, inside = found
    assert siblings.startswith("9:")
    assert siblings.endswith("has not run when this is evaluated")
    assert inside == "13:24 the step `one` is inside `left`: write steps.both.output.left.output.one"


def test_what_a_switch_gives_is_what_one_of_its_cases_gives(remarks_on_steps):
    found = remarks_on_steps("""\
        - id: route
          switch: default(event.data.kind, 1)
          cases:
            a: [{id: one, uses: http.post, with: {url: a}}]
            b: [{id: two, uses: http.post, with: {url: a}}]
          else: [{id: three, uses: http.post, with: {url: a}}]
        - {uses: core.log, with: {message: "${{ steps.route.output.one.output.status }}"}}
        - {uses: core.log, with: {message: "${{ steps.route.output.three.output.status }}"}}
        - {uses: core.log, with: {message: "${{ steps.route.output.four.output.status }}"}}
        """)

    assert [remark.partition(" ")[2] for remark in found] == ["there is no `steps.route.output.four`"]


def test_what_a_while_gives_is_a_list_of_its_turns(remarks_on_steps):
    found = remarks_on_steps("""\
        - id: poll
          while: loop.index == 0 or loop.previous.ask.output.status != 200
          max: 3
          steps: [{id: ask, uses: http.post, with: {url: "${{ default(loop.previous.ask.output.body.next, 'a') }}"}}]
        - {uses: core.log, with: {message: "${{ steps.poll.output[0].ask.output.status }}"}}
        - {uses: core.log, with: {message: "${{ steps.poll.output.ask.output.status }}"}}
        """)

    assert [remark[:2] for remark in found] == ["9:"]


def test_lists_of_steps_that_stand_too_deep_in_cases_and_branches_are_refused(remarks_on_steps):
    steps = LOG
    for _ in range(12):
        steps = f"{{switch: event.type, cases: {{a: [{{parallel: [{{id: a, steps: [{steps}]}}]}}]}}}}"

    assert any("steps stand at most 16 lists deep" in remark for remark in remarks_on_steps(f"- {steps}\n"))
