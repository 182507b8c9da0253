"""Seed 004, row R14: what Blink's expressions say, Wink's say too; those who write Blink's are told Wink's.

Source: https://docs.blinkops.com/docs/workflows/building-workflows/dynamic-variables/expression-language/workflow-engine-operators
"""

import json

import pytest

from engine.definitions.blink_expressions import map_expression
from tests.serving import Wink
from tests.wire import send

DATA = {"severity": "high", "score": 7.5, "tags": ["prod", "pci"], "owner": None, "user": {"first name": "Ann"}}

#: Blink's expression, Wink's, and the value over DATA.
CONFORMANCE = [
    ("event.payload.severity", "event.data.severity", "high"),
    ("event.payload.user['first name']", "event.data.user['first name']", "Ann"),
    ("event.payload.tags[1]", "event.data.tags[1]", "pci"),
    ("steps.S1.output", "steps.S1.output", {"list": [1, 2], "text": "a ? b : c"}),
    ("steps['S1'].output.list[0]", "steps.S1.output.list[0]", 1),
    ("steps.S1.output.list[0] + steps.S1.output.list[1]", "steps.S1.output.list[0] + steps.S1.output.list[1]", 3),
    ("inputs.days", "inputs.days", 7),
    ("metadata.automation_name", "workflow.title", "Conformance"),
    ("metadata.execution_id == nil", "run.id == null", False),
    ("metadata.start_time != nil", "run.started_at != null", True),
    ("event.payload.score > 7 ? 'urgent' : nil", "'urgent' if event.data.score > 7 else null", "urgent"),
    ("event.payload.score > 8 ? 'urgent' : nil", "'urgent' if event.data.score > 8 else null", None),
    ("event.payload.owner == nil ? 'nobody' : event.payload.owner",
     "'nobody' if event.data.owner == null else event.data.owner", "nobody"),
    ("event.payload.score > 8 ? 'a' : event.payload.score > 7 ? 'b' : 'c'",
     "'a' if event.data.score > 8 else 'b' if event.data.score > 7 else 'c'", "b"),
    ("event.payload.score > 7 ? event.payload.owner == nil ? 1 : 2 : 3",
     "(1 if event.data.owner == null else 2) if event.data.score > 7 else 3", 1),
    ("[event.payload.owner == nil ? 'x' : 'y', 'a ? b : c']",
     "['x' if event.data.owner == null else 'y', 'a ? b : c']", ["x", "a ? b : c"]),
    ("steps.S1.output.text == 'a ? b : c'", "steps.S1.output.text == 'a ? b : c'", True),
    ("len(event.payload.tags) >= 2 && !(event.payload.severity == 'low')",
     "length(event.data.tags) >= 2 and not (event.data.severity == 'low')", True),
    ("event.payload.severity == 'low' || 'pci' in event.payload.tags",
     "event.data.severity == 'low' or 'pci' in event.data.tags", True),
    ("event.payload.severity not in ['low', 'medium']", "event.data.severity not in ['low', 'medium']", True),
    ("(event.payload.score - 0.5) * 2 / 7", "(event.data.score - 0.5) * 2 / 7", 2.0),
]  # fmt: skip
WORKFLOW = """
name: Conformance
on: {{trigger: {trigger}, manual: true}}
inputs: {{days: {{type: integer, default: 7}}}}
steps:
  - {{id: S1, uses: core.set, with: {{values: {{list: [1, 2], text: "a ? b : c"}}}}}}
outputs: {outputs}
"""


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("blink", "ours", "value"), CONFORMANCE)
def test_004_r14_the_importer_writes_blink_s_expressions_as_wink_s(blink: str, ours: str, value: object) -> None:
    assert squeezed(map_expression(blink, lambda step: f"steps.{step}")) == ours


def test_004_r14_each_expression_of_the_list_has_its_value_in_a_run(wink: Wink) -> None:
    trigger = wink.trigger()
    outputs = json.dumps({f"n{at}": f"${{{{ {ours} }}}}" for at, (_, ours, _) in enumerate(CONFORMANCE)})
    wink.api("PUT", "/workflows/conformance", text=WORKFLOW.format(trigger=trigger.name, outputs=outputs))

    (run,) = wink.runs(send(trigger.full_url or "", json.dumps(DATA).encode()))

    assert run["error"] is None
    assert run["outputs"] == {f"n{at}": value for at, (_, _, value) in enumerate(CONFORMANCE)}


@pytest.mark.parametrize(
    ("blink", "wink_s"), [each[:2] for each in CONFORMANCE if "['S" not in each[0] and each[0][0] != "["]
)
def test_004_r14_the_checker_says_what_to_write_instead_of_blink_s_braces(wink: Wink, blink: str, wink_s: str) -> None:
    text = WORKFLOW.format(trigger="any", outputs=json.dumps({"a": f"See {{{{ {blink} }}}}"}))

    (mistake,) = wink.api("POST", "/workflows/check", text=text)["mistakes"]

    assert squeezed(mistake["message"]).endswith(f"is Blink's: write ${{{{ {wink_s} }}}}")


@pytest.mark.parametrize(
    ("condition", "words", "column"),
    [
        ("{{event.payload.severity}} == 'high'", "what Blink calls event.payload is event.data", 19),
        ("event.payload.severity == 'high'", "`event.payload` is Blink's: write event.data.severity", 19),
        ("event.data.severity == 'high' && true", "write `and`", 49),
        ("event.data.a ? true : false", "write `x if c else y`", 32),
        ("event.data.a ?? true", "write default(path, value)", 32),
    ],
)
def test_004_r14_the_checker_says_what_to_write_in_a_condition(
    wink: Wink, condition: str, words: str, column: int
) -> None:
    text = WORKFLOW.format(trigger="any", outputs="{}").replace("{id: S1,", f"{{id: S1, if: {json.dumps(condition)},")

    (mistake,) = wink.api("POST", "/workflows/check", text=text)["mistakes"]

    assert words in mistake["message"]
    assert (mistake["line"], mistake["column"]) == (6, column)
