"""What a test of a workflow is given, what stands in for actions, and what it can expect."""

from os import mkfifo

import pytest

from engine.testing import play

POST = "  - {id: ask, uses: http.post, with: {url: 'https://a.example'}"


def failures(suite):
    assert suite.mistakes is None, suite.mistakes
    return [difference.words for result in suite.results for difference in result.differences]


@pytest.mark.parametrize(
    "expect",
    [
        "{outcome: succeeded}",
        "{steps: [ask: succeeded]}",
        "{calls: [{step: ask}]}",
        "{calls: [{uses: http.post, with: {url: 'https://a.example'}}]}",
    ],
)
def test_what_came_can_be_expected(steps, expect):
    assert failures(steps(f"{POST}}}\n", expect, "{ask: {output: {status: 200}}}")) == []


@pytest.mark.parametrize(
    ("expect", "words"),
    [
        ("{outcome: failed}", "`outcome` is succeeded, and failed was expected"),
        ("{steps: []}", "`steps` is not as expected"),
        ("{calls: [{uses: http.get}]}", "`calls` is not as expected"),
        ("{outputs: 1}", "`outputs` is null, and 1 was expected"),
        ("{error: {step: ask}}", "`error` was expected, and the run succeeded"),
        ("{condition: yes}", "`condition` was expected, and no event was given that the workflow is asked about"),
    ],
)
def test_what_did_not_come_is_told(steps, expect, words):
    assert failures(steps(f"{POST}}}\n", expect, "{http.post: {output: null}}")) == [words]


def test_a_difference_shows_what_was_expected_and_what_came(steps):
    suite = steps(f"{POST}}}\n", "{steps: [ask: skipped]}", "{ask: {output: null}}")

    (difference,) = suite.results[0].differences
    assert difference.lines == ["-- ask: skipped", "+- ask: succeeded"]
    assert (difference.mark.line, difference.mark.column) == (5, 14)


def test_an_action_without_a_mock_fails_the_test_and_says_what_to_write(steps):
    assert failures(steps(f"{POST}}}\n", "{outcome: succeeded}")) == [
        "the step `ask` uses http.post, and no mock stands in for it: write `mock: {ask: {output: ..}}`"
    ]


def test_a_list_answers_one_attempt_after_the_other_and_no_more(steps):
    mock = "{ask: [{fail: timeout}, {fail: timeout}]}"

    assert failures(steps(f"{POST}, retry: {{attempts: 2}}}}\n", "{outcome: failed}", mock)) == []
    assert failures(steps(f"{POST}, retry: {{attempts: 3}}}}\n", "{outcome: failed}", mock)) == [
        "the mock of `ask` has 2 answers, and `ask` asks for one more"
    ]


def test_a_failure_is_of_the_kind_that_is_written(steps):
    mock, expect = "{ask: {fail: http_4xx, message: Not found}}", "{error: {kind: http_4xx, message: Not found}}"

    assert failures(steps(f"{POST}}}\n", expect, mock)) == []


def test_inputs_that_an_action_does_not_take_fail_its_step(steps):
    wrong = "  - {id: ask, uses: http.post, with: {url: \"${{ parse_json('1') }}\"}}\n"

    assert failures(steps(wrong, "{error: {step: ask, kind: invalid}}", "{ask: {output: null}}")) == []


def test_waits_take_no_time(steps):
    wait = "  - {id: rest, uses: core.wait, with: {for: 14d}}\n"
    say = '  - {id: say, uses: core.log, with: {message: "${{ now() }}"}}\n'
    expect = '{outcome: succeeded, logs: [{message: "2026-01-15T00:00:00.000000Z"}]}'

    assert failures(steps(wait + say, expect)) == []


SECRET = "  - {id: secret, uses: core.set, keep_output: false, with: {values: {a: 1}}}\n"
USE = '  - {id: use, uses: core.log, with: {message: "${{ steps.secret.output.a }}"}}\n'


@pytest.mark.parametrize(
    ("wait", "mock"),
    [
        ("  - {uses: core.wait, with: {for: 1h}}\n", "{}"),
        ("  - {uses: core.approve, with: {title: Go on?}}\n", "{core.approve: {output: {answer: approved}}}"),
        (f"{POST}, retry: {{attempts: 2}}}}\n", "{ask: [{fail: timeout}, {output: null}]}"),
        ("  - {uses: core.run_workflow, with: {workflow: other}}\n", "{core.run_workflow: {output: null}}"),
    ],
)
def test_an_output_that_is_not_kept_is_gone_after_a_wait_as_in_a_real_run(steps, wait, mock):
    assert failures(steps(SECRET + wait + USE, "{error: {step: use, kind: invalid}}", mock)) == []
    assert failures(steps(SECRET + USE + wait, "{outcome: succeeded}", mock)) == []


def test_a_run_that_waits_too_often_is_not_played(steps, monkeypatch):
    monkeypatch.setattr(play, "MOST_WALKED", 10)
    turns = "  - {id: again, while: loop.index < 5, max: 5, steps: [{uses: core.wait, with: {for: 1h}}]}\n"

    assert failures(steps(turns, "{outcome: succeeded}")) == [
        "the run waits too often to be played: give it fewer turns or items"
    ]


def test_an_output_that_is_not_kept_is_there_where_nothing_waits(steps):
    wait = "  - {id: go, uses: core.run_workflow, with: {workflow: other, wait: false}}\n"

    assert failures(steps(SECRET + wait + USE, "{outcome: succeeded}", "{go: {output: {run: run_2}}}")) == []


def test_what_a_step_waits_for_comes_when_nothing_else_is_left_to_do(steps):
    get = "uses: http.get, with: {url: 'https://a.example'}"
    side_by_side = (
        "  - id: both\n    parallel:\n"
        f"      - {{id: left, steps: [{{id: ask, uses: core.approve, with: {{title: Go?}}}}, {{id: then, {get}}}]}}\n"
        f"      - {{id: right, steps: [{{id: one, {get}}}, {{id: two, {get}}}]}}\n"
    )
    calls = "{calls: [{step: both/left/ask}, {step: both/right/one}, {step: both/right/two}, {step: both/left/then}]}"

    assert failures(steps(side_by_side, calls, "{core.approve: {output: {}}, http.get: {output: null}}")) == []


def test_another_run_that_fails_is_tried_again_where_the_step_says_so(steps):
    retry = "retry: {attempts: 2, when: [failed]}"
    ask = f"  - {{id: ask, uses: core.run_workflow, with: {{workflow: other}}, {retry}}}\n"
    mock, expect = "{ask: [{fail: failed}, {output: null}]}", "{calls: [{step: ask}, {step: ask}], outcome: succeeded}"

    assert failures(steps(ask, expect, mock)) == []


def test_a_timeout_counts_in_the_time_of_the_test(steps):
    retried = f"{POST}, timeout: 10s, retry: {{attempts: 5}}}}\n"

    assert failures(steps(retried, "{error: {kind: timeout}}", "{ask: {fail: http_5xx}}")) == []


def test_a_sample_can_be_changed(steps):
    given = "{sample: detectify.finding, change: {finding: {severity: low, url: null}, seen: true}}"
    seen = "[event.data.finding.severity, exists(event.data.finding.url), event.data.seen]"
    said = f'  - {{uses: core.log, with: {{message: "${{{{ {seen} }}}}"}}}}\n'

    assert failures(steps(said, "{logs: [{message: [low, false, true]}]}", given=given)) == []


def test_an_event_can_be_in_a_file(steps, tmp_path):
    (tmp_path / "event.json").write_text('{"id": "evt_1", "type": "acme.made", "data": {"n": 1}, "runs": []}')
    said = '  - {uses: core.log, with: {message: "${{ event.id }} ${{ event.data.n }}"}}\n'

    assert failures(steps(said, "{logs: [{message: evt_1 1}]}", given="{file: event.json}")) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../outside.json", "is not in the folder of the tests"),
        ("link.json", "is not in the folder of the tests"),
        ("/dev/zero", "is not in the folder of the tests"),
        ("pipe", "there is no such file"),
        ("gone.json", "there is no such file"),
        ("deep.json", "no JSON: recursion limit exceeded"),
        ("large.json", "is larger than 5,242,880 bytes"),
        ('"a\\0b"', "null"),
    ],
)
def test_an_event_is_read_from_no_other_than_a_small_file_beside_the_tests(steps, tmp_path, name, words):
    (tmp_path.parent / "outside.json").write_text('{"type": "acme.made", "data": {"secret": 1}}')
    (tmp_path / "link.json").symlink_to(tmp_path.parent / "outside.json")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "large.json").write_text('{"type": "acme.made", "data": "' + "x" * 5 * 1024 * 1024 + '"}')
    mkfifo(tmp_path / "pipe")

    suite = steps(SECRET, "{logs: []}", given=f"{{file: {name}}}")

    ((mistake,),) = suite.mistakes.values()
    assert words in mistake.message


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("{inputs: {}}", "is not started by hand: write `manual: true`"),
        ("{scheduled_for: '2026-01-01T00:00:00Z'}", "is not started by the clock: write `schedule`"),
    ],
)
def test_a_start_that_the_workflow_does_not_allow_is_a_mistake(attempt, given, words):
    workflow = f"name: Ticket\non: {{trigger: acme}}\nsteps:\n{SECRET}"

    suite = attempt(workflow, f"tests:\n  - {{name: It holds, given: {given}, expect: {{outcome: succeeded}}}}\n")

    ((mistake,),) = suite.mistakes.values()
    assert words in mistake.message
    assert mistake.line == 2


def test_every_mistake_of_a_test_file_is_told_at_once_with_its_place(attempt):
    suite = attempt(
        "name: Ticket\non: {manual: true}\nsteps:\n  - {id: ask, uses: http.post, with: {url: 'https://a.example'}}\n",
        "tests:\n"
        "  - nmae: It holds\n"
        "    given: {input: {}}\n"
        "    mock: {aks: {output: 1}, http.psot: {fail: never}}\n"
        "    expect: {steps: [ask]}\n",
    )

    told = [f"{one.line} {one.message}" for found in suite.mistakes.values() for one in found]
    assert any(line.startswith("2 a test has no key `nmae`; did you mean `name`?") for line in told)
    assert any("`input`; did you mean `inputs`?" in line for line in told)
    assert any("the workflow has no step `aks`; did you mean `ask`?" in line for line in told)
    assert any("the workflow uses no action `http.psot`; did you mean `http.post`?" in line for line in told)
    assert any("`fail` must be one of" in line for line in told)
    assert any(line.startswith("5 `steps` is a list of steps with their outcomes") for line in told)


BRANCHING = """
  - id: choose
    switch: event.data.kind
    cases:
      one: [{uses: core.log, with: {message: one}}]
    else: [{uses: core.log, with: {message: other}}]
  - {id: each, for_each: "${{ event.data.items }}", uses: core.log, with: {message: "${{ item }}"}}
  - id: again
    while: loop.index < event.data.turns
    max: 5
    steps: [{uses: core.log, with: {message: again}}]
  - id: both
    parallel:
      - {id: left, if: event.data.left, steps: [{id: say, uses: core.log, with: {message: left}}]}
"""


@pytest.mark.parametrize(
    ("data", "untaken"),
    [
        (
            "{kind: one, items: [1], turns: 1, left: true}",
            [
                "comes to its `else`",
                "`choose/core_log` never runs",
                "no item",
                "no turn",
                "the `if` of `both/left` is never no",
            ],
        ),
        (
            "{kind: two, items: [], turns: 0, left: false}",
            [
                "never chooses `one`",
                "`choose/core_log` never runs",
                "an item",
                "a turn",
                "`again/core_log` never runs",
                "`both/left` never runs",
                "`both/left/say` never runs",
            ],
        ),
    ],
)
def test_branches_that_no_test_takes_are_told(steps, data, untaken):
    suite = steps(BRANCHING, "{outcome: succeeded}", given=f"{{event: {{type: acme.made, data: {data}}}}}")

    assert failures(suite) == []
    assert len(suite.missing) == len(untaken)
    assert all(any(words in each.words for each in suite.missing) for words in untaken)


CODE = "  - {id: add, uses: core.code, with: {code: 'def main(n): return n + 1', inputs: {n: 4}}}\n"


def test_code_is_really_run(steps):
    told = "  - {uses: core.log, with: {message: '${{ steps.add.output.result }}'}}\n"

    assert failures(steps(f"{CODE}{told}", "{outcome: succeeded, calls: [], logs: [{message: 5}]}")) == []
    assert failures(steps(f"{CODE}{told}", "{logs: [{message: 6}]}")) == ["`logs` is not as expected"]


def test_code_that_fails_fails_its_step(steps):
    failing = CODE.replace("n + 1", "n / 0")

    assert (
        failures(steps(failing, "{error: {step: add, message: 'line 1: ZeroDivisionError: division by zero'}}")) == []
    )


def test_a_mock_stands_in_for_code(steps):
    expect, mock = "{outcome: failed, calls: [{step: add}]}", "{add: {fail: failed, message: Broken}}"

    assert failures(steps(CODE, expect, mock)) == []
