"""``core.code``: Python of the author's own, where the expressions of the language are not enough."""

from collections.abc import Mapping
from typing import cast

from engine.actions.action import Action, Call, build_action
from engine.actions.sandbox import CodeRunner
from engine.definitions.action import ActionSpec


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
            "properties": {"result": {}, "printed": {"type": "string"}},
            "required": ["result", "printed"],
            "additionalProperties": False,
        },
        readers={"code": runner.read},
    )
