"""``core.code``: Python of the author's own, where the expressions of the language are not enough."""

from collections.abc import Mapping
from typing import cast

from engine.actions.action import Action, Call, build_action
from engine.actions.sandbox import LARGEST_RESULT, LIMIT, MEMORY, MOST_PRINTED, CodeRunner
from engine.actions.signature import judge_inputs
from engine.definitions.action import ActionSpec
from engine.definitions.dialect import Failure
from engine.definitions.example import Example

_EXAMPLE = Example(
    """\
- id: hosts
  uses: core.code
  with:
    inputs: {findings: "${{ event.data.findings }}"}
    code: |
      def main(findings):
          worst = {}
          for finding in findings:
              worst[finding['host']] = max(finding['score'], worst.get(finding['host'], 0))
          print(len(worst), 'hosts')
          return sorted(worst.items())
""",
    data={"findings": [{"host": "shop", "score": 7}, {"host": "mail", "score": 4}, {"host": "shop", "score": 9}]},
)


def code_action(runner: CodeRunner) -> Action:
    """Return ``core.code``, which runs its code there."""

    async def perform(call: Call) -> Mapping[str, object]:
        inputs = cast("Mapping[str, object]", call.inputs["inputs"])
        return await runner.run(str(call.inputs["code"]), inputs, within=call.within)

    return build_action(_spec(runner), perform)


def _spec(runner: CodeRunner) -> ActionSpec:
    return ActionSpec(
        name="core.code",
        title="Run Python in a sandbox",
        inputs={
            "code": {
                "description": "Python that defines a function `main`; what it returns is the result.",
                "type": "string",
                "x-kind": "code",
                "required": True,
            },
            "inputs": {"description": "What `main` is given, by name.", "type": "object", "default": {}},
        },
        output={
            "type": "object",
            "properties": {
                "result": {
                    "description": "What `main` returned, of JSON's types and at most "
                    f"{LARGEST_RESULT:,} characters of JSON."
                },
                "printed": {
                    "type": "string",
                    "description": f"The first {MOST_PRINTED:,} characters of what the code printed.",
                },
            },
            "required": ["result", "printed"],
            "additionalProperties": False,
        },
        readers={"code": runner.read},
        judge=judge_inputs,
        doc="It reaches no network, no files and no secrets, and has "
        f"{LIMIT.total_seconds():g} seconds and {MEMORY // 2**20} MiB.",
        failures={
            Failure.FAILED: "The code fails, with its line, or takes too much; `error.output` is what it printed.",
            Failure.TIMEOUT: "It was not done when the time for the step was over.",
        },
        example=_EXAMPLE,
    )
