"""Where the steps of a workflow stand: in its file, and in the journal of a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.definitions.workflow import Step, Workflow, every_body
from engine.language.values import Path


@dataclass(frozen=True, slots=True)
class Home:
    """A step, where it stands in its file, and its path in a run, without the turns of loops."""

    step: Step
    at: Path
    path: str


def homes(workflow: Workflow) -> Iterator[Home]:
    """Yield every step of a workflow, also those that only run when something fails."""
    yield from _below(workflow.steps, ("steps",), "")
    yield from _below(workflow.on_error, ("on_error",), "on_error/")


def _below(steps: Sequence[Step], at: Path, prefix: str) -> Iterator[Home]:
    for index, step in enumerate(steps):
        here, path = (*at, index), prefix + step.id
        yield Home(step, here, path)
        for keys, inner in every_body(step):
            yield from _below(inner, (*here, *keys), f"{path}/on_error/" if keys[0] == "on_error" else f"{path}/")


def without_turns(path: str) -> str:
    """Return the path of a step without the turns of loops: ``tell`` for ``tell[2]``."""
    return "/".join(part.partition("[")[0] for part in path.split("/"))
