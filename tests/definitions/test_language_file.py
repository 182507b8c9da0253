"""The file of a workflow with every key, and the mistakes that the checker tells, as the language is described.

Section 1 of that description shows a required input beside a schedule. Nobody is there to give it when the clock starts
the workflow, so the checker refuses just that, and wants a ``default``.
"""

from textwrap import dedent

import pytest

from engine.actions.client import HttpClient
from engine.actions.guard import Guard
from engine.actions.registry import build_actions
from engine.definitions.checker import check_workflow
from tests.definitions.conftest import FINDING

ACTIONS = {name: action.spec for name, action in build_actions(lambda: HttpClient(Guard()), {}).items()}

FILE = """\
name: Ticket critical findings
description: One full sentence.
on:
  trigger: detectify-findings
  event: detectify.finding
  if: event.data.finding.severity in ['critical', 'high']
  schedule: {cron: "0 8 * * 1-5", timezone: Europe/Zurich}
  manual: true
inputs:
  asset: {type: string, required: true}
vars: {project: SEC}
limits: {timeout: 2d, runs_per: "${{ event.data.tags }}", when_busy: queue}
steps:
  - {id: ticket, uses: core.set, with: {values: {key: "${{ vars.project }}-1"}}}
on_error:
  - {id: told, uses: core.log, with: {message: "${{ error.message }}"}}
outputs: {ticket: "${{ steps.ticket.output.key }}"}
"""


def remarks(text: str) -> list[str]:
    found = check_workflow(text, "ticket", actions=ACTIONS, schemas=lambda trigger, event_type: FINDING).mistakes
    return [f"{one.line}:{one.column} {one.message}" for one in found]


def test_the_file_of_the_description_has_one_mistake_its_input_that_nobody_gives():
    assert remarks(FILE) == ["10:10 a run by `schedule` has nobody to give this input: write a `default`"]


@pytest.mark.parametrize(
    "changed",
    [
        FILE.replace("required: true", "default: www"),
        FILE.replace("required: true", "required: true, default: www"),
        FILE.replace("type: string, required: true", "type: string"),
        "\n".join(line for line in FILE.splitlines() if "schedule" not in line),
    ],
    ids=["default", "required with a default", "optional", "no schedule"],
)
def test_the_file_is_right_once_somebody_or_something_gives_the_input(changed):
    assert remarks(changed) == []


@pytest.mark.parametrize("when_busy", ["queue", "skip", "replace"])
@pytest.mark.parametrize("trigger", ["detectify-findings", "[detectify-findings, others]"])
@pytest.mark.parametrize("event", ["detectify.finding", "[detectify.*, github.pull_request.*]"])
def test_a_trigger_and_an_event_are_one_or_a_list_and_a_busy_value_has_three_ways(when_busy, trigger, event):
    text = FILE.replace("required: true", "default: www").replace("when_busy: queue", f"when_busy: {when_busy}")
    text = text.replace("trigger: detectify-findings", f"trigger: {trigger}")

    assert remarks(text.replace("event: detectify.finding", f"event: {event}")) == []


def test_every_kind_of_mistake_is_told_at_once_with_what_to_write():
    text = dedent("""\
        name: Wrong
        on: {trigger: t, evnt: detectify.finding, if: "event.data.finding.severty == 'high' && true"}
        limits: {timeout: 30}
        steps:
          - {id: scans, uses: core.lgo, with: {message: x}}
          - {id: late, uses: core.log, with: {mesage: "${{ steps.scan.output }}"}}
          - {id: early, uses: core.log, with: {message: "${{ steps.last.output }}"}}
          - {id: never, if: 1 == 2, uses: core.log, with: {message: "${{ event.data.finding.severty }}"}}
          - {id: last, uses: core.wait, with: {for: 10}, timout: 5m}
    """)

    assert remarks(text) == [
        "2:18 `on` has no key `evnt`; did you mean `event`?",
        "2:85 `&&` is not part of the language: write `and`",
        "3:19 `timeout` needs a unit: write 30s, 30m, 30h or 30d",
        "5:23 there is no action `core.lgo`; did you mean `core.log`?",
        "6:39 `core.log` has no input `mesage`; did you mean `message`?",
        "6:52 there is no step `scan` before this one; did you mean `scans`?",
        "7:54 the step `last` in line 9 has not run when this is evaluated",
        "8:21 `if` is always false",
        "9:45 `for`: needs a unit: write 10s, 10m, 10h or 10d",
        "9:50 a step has no key `timout`; did you mean `timeout`?",
    ]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("event.data.finding.severty == 'high'", "has no `event.data.finding.severty`; did you mean `severity`?"),
        ("event.data.finding.severity < 4", "compares text with a number"),
        ("event.data.finding.severity == 'a' and event.data.finding.severity == 'b'", "can never be true"),
    ],
)
def test_what_the_trigger_s_schema_tells_is_used(condition, words):
    text = FILE.replace("required: true", "default: www").replace(
        "event.data.finding.severity in ['critical', 'high']", condition
    )

    (remark,) = remarks(text)

    assert remark.startswith("6:7 ")
    assert words in remark


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: a\nname: b\n", "2:1 `name` is there already, in line 1"),
        ("a: &x 1\n", "anchor"),
        ("a: *x\n", "alias"),
        ("a: !!python/object:os.system x\n", "tag"),
        ("a: " + "x" * 1_100_000, "1 MiB"),
    ],
)
def test_what_the_loader_does_not_take_is_told_with_its_place(text, words):
    found = remarks(text)

    assert any(words in remark for remark in found), found


@pytest.mark.parametrize("word", ["on", "off", "yes", "no", "12:30", "0755", "2026-11-21"])
def test_words_that_other_loaders_turn_round_are_text(word):
    text = FILE.replace("required: true", f"default: {word}").replace("{project: SEC}", f"{{project: {word}}}")

    checked = check_workflow(text, "ticket", actions=ACTIONS, schemas=lambda trigger, event_type: FINDING)

    assert checked.mistakes == ()
    assert checked.workflow.inputs["asset"]["default"] == word
