"""Which branches of a workflow its tests take."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.definitions.workflow import Case, Step, StepKind, Workflow
from engine.language.values import Path
from engine.path.run import ELSE
from engine.store.rows import Entry
from engine.testing.home import homes
from engine.testing.play import Played
from engine.words import Answer, Outcome


@dataclass(frozen=True, slots=True)
class Branch:
    """One way that a run can take."""

    #: Where the workflow's file says so; empty for the whole of it.
    at: Path
    #: What never happens when no test takes it, in words.
    never: str


#: The journal of one run, by the path of the step.
Journal = Mapping[str, Entry]


def branches(workflow: Workflow) -> Iterator[Branch]:
    """Yield every branch of a workflow."""
    if workflow.condition is not None:
        yield _asked(Answer.YES)
        yield _asked(Answer.NO)
    for home in homes(workflow):
        if not home.step.disabled:
            yield from (Branch((*home.at, *keys), never) for keys, never in _ways(home.step, home.path))


def taken(workflow: Workflow, played: Played) -> Iterator[Branch]:
    """Yield the branches that one test takes; the same one can come more than once."""
    if workflow.condition is not None and played.answer is not None:
        yield _asked(played.answer)
    journal = {entry.path: entry for entry in played.entries}
    yield from _in_steps(workflow.steps, ("steps",), "", [""], journal)
    yield from _in_steps(workflow.on_error, ("on_error",), "on_error/", ["on_error/"], journal)


def _asked(answer: Answer) -> Branch:
    return Branch(("on", "if"), f"`on.if` is never {answer}")


def _ways(step: Step, path: str) -> Iterator[tuple[Path, str]]:
    """Yield the branches of one step: the keys below it, and the words."""
    yield (), _runs(path)
    if step.condition is not None:
        yield ("if",), _skips(path)
    if step.for_each is not None:
        yield ("for_each",), _turns(path, "no item")
        yield ("for_each",), _turns(path, "an item")
    if step.while_true is not None:
        yield ("while",), _turns(path, "no turn")
        yield ("while",), _turns(path, "a turn")
    for case in step.cases:
        yield _chosen(step, path, case)
    if step.kind is StepKind.SWITCH:
        yield _chosen(step, path, None)
    if step.on_error is not None:
        yield ("on_error",), _fails(path)


def _runs(path: str) -> str:
    return f"`{path}` never runs"


def _skips(path: str) -> str:
    return f"the `if` of `{path}` is never no"


def _turns(path: str, what: str) -> str:
    return f"`{path}` never has {what}"


def _fails(path: str) -> str:
    return f"`{path}` never fails, so its `on_error` never counts"


def _chosen(step: Step, path: str, case: Case | None) -> tuple[Path, str]:
    if case is not None:
        return ("cases", case.key), f"the `switch` of `{path}` never chooses `{case.key}`"
    never = "comes to its `else`" if step.otherwise else "has a value without a case"
    return ("else",) if step.otherwise else ("switch",), f"the `switch` of `{path}` never {never}"


def _in_steps(
    steps: Sequence[Step], at: Path, path: str, prefixes: Sequence[str], journal: Journal
) -> Iterator[Branch]:
    """Yield what was taken in a list of steps.

    path: what stands before the ids, without turns; prefixes: the same for each time that the list was walked.
    """
    for index, step in enumerate(steps):
        paths = [prefix + step.id for prefix in prefixes if prefix + step.id in journal]
        here = (*at, index)
        for inside, never in _in_step(step, path + step.id, paths, journal):
            yield Branch((*here, *inside), never)
        yield from _below(step, here, path + step.id, paths, journal)


def _in_step(step: Step, name: str, paths: Sequence[str], journal: Journal) -> Iterator[tuple[Path, str]]:
    for path in paths:
        entry = journal[path]
        if step.on_error is not None and entry.outcome is Outcome.FAILED:
            yield ("on_error",), _fails(name)
        if _was_no(step, entry):
            yield ("if",), _skips(name)
        elif _began(entry):
            yield (), _runs(name)
            yield from _in_body(step, name, path, journal)


def _in_body(step: Step, name: str, path: str, journal: Journal) -> Iterator[tuple[Path, str]]:
    turns = len(_bodies(step, path, journal))
    if step.for_each is not None:
        yield ("for_each",), _turns(name, "an item" if turns else "no item")
    if step.while_true is not None:
        yield ("while",), _turns(name, "a turn" if turns else "no turn")
    for body in _bodies(step, path, journal):
        if step.kind is StepKind.SWITCH and body in journal:
            yield _chosen(step, name, _case(step, journal[body]))


def _below(step: Step, here: Path, name: str, paths: Sequence[str], journal: Journal) -> Iterator[Branch]:
    """Yield what was taken in the steps of a step."""
    none = [path for path in paths if _was_no(step, journal[path])]
    ran = [body for path in paths if path not in none for body in _bodies(step, path, journal)]
    if step.kind is StepKind.SWITCH:
        chosen = [(body, _case(step, journal[body])) for body in ran if body in journal]
        for case in step.cases:
            inside = [f"{body}/" for body, found in chosen if found is case]
            yield from _in_steps(case.steps, (*here, "cases", case.key), f"{name}/", inside, journal)
        none += [body for body, found in chosen if found is None]
    key = "parallel" if step.kind is StepKind.PARALLEL else "steps"
    yield from _in_steps(step.steps, (*here, key), f"{name}/", [f"{body}/" for body in ran], journal)
    yield from _in_steps(step.otherwise, (*here, "else"), f"{name}/", [f"{path}/" for path in none], journal)
    if step.on_error is not None:
        failed = [f"{path}/on_error/" for path in paths]
        yield from _in_steps(step.on_error.steps, (*here, "on_error", "steps"), f"{name}/on_error/", failed, journal)


def _was_no(step: Step, entry: Entry) -> bool:
    """Tell whether a step's ``if`` said no."""
    return (
        step.condition is not None and (entry.outcome is Outcome.SKIPPED or entry.input == ELSE) and not _chose(entry)
    )


def _chose(entry: Entry) -> bool:
    """Tell whether it is a ``switch`` that skipped itself: it says why."""
    return isinstance(entry.input, Mapping) and "why" in entry.input


def _began(entry: Entry) -> bool:
    """Tell whether a step did more than fail at its own ``if``, ``switch`` or ``for_each``."""
    # A step of others fails itself as `invalid` where its own expression does; what fails in it has another path.
    own = entry.error is not None and entry.error["step"] == entry.path and entry.error["kind"] == "invalid"
    return not (own and entry.uses is None) and (entry.outcome is not Outcome.SKIPPED or _chose(entry))


def _bodies(step: Step, path: str, journal: Journal) -> list[str]:
    """Return the paths of the bodies of a step that ran: its own, or one for each turn."""
    given = journal[path].input
    if step.for_each is not None or step.while_true is not None:
        known = given if isinstance(given, Mapping) else {}
        turns = known["turns"] if step.while_true is not None and "turns" in known else len(known.get("items", ()))
        return [f"{path}[{turn}]" for turn in range(turns)]
    return [path]


def _case(step: Step, entry: Entry) -> Case | None:
    given = entry.input
    if not isinstance(given, Mapping) or "case" not in given:
        return None
    return next((case for case in step.cases if case.fits(given["case"])), None)


def untaken(workflow: Workflow, plays: Iterable[Played]) -> tuple[int, list[Branch]]:
    """Return how many branches a workflow has, and those that no test takes, in the order of the file."""
    every = list(branches(workflow))
    found = {branch for played in plays for branch in taken(workflow, played)}
    return len(every), [branch for branch in every if branch not in found]
