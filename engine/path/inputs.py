"""What a run on demand, or of a sub-workflow, is given."""

from collections.abc import Iterator, Mapping

from engine.definitions.schema import mismatches, object_schema
from engine.definitions.workflow import Workflow
from engine.errors import InvalidInputs, nearest


def default_inputs(workflow: Workflow) -> dict[str, object]:
    """Return the inputs that nobody has to give."""
    return {name: schema["default"] for name, schema in workflow.inputs.items() if "default" in schema}


def checked_inputs(workflow: Workflow, inputs: Mapping[str, object]) -> Mapping[str, object]:
    """Return the inputs with the defaults of those that are not given.

    Raises:
        InvalidInputs: an input is missing, unknown or of another type (422).
    """
    filled = {**default_inputs(workflow), **inputs}
    wrong = dict(wrong_inputs(workflow, filled))
    if wrong:
        raise InvalidInputs(wrong)
    return filled


def wrong_inputs(workflow: Workflow, filled: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield each input that does not fit, with what is wrong."""
    for name in filled:
        if name not in workflow.inputs:
            yield name, f"the workflow has no such input{nearest(name, workflow.inputs)}"
    for name, schema in workflow.inputs.items():
        if name in filled:
            for one in mismatches(object_schema({"input": schema}), {"input": filled[name]}):
                place = one["path"].removeprefix("/input")
                yield name, f"{place}: {one['message']}" if place else one["message"]
        elif schema.get("required") is True:
            yield name, "it must be given"
