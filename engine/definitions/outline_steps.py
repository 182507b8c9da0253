"""The steps of a workflow as people read them: what each is called, what it does when, and in which lines it stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from engine.definitions import dialect
from engine.definitions.checker import Outline
from engine.definitions.workflow import Case, Step, StepKind, Then
from engine.language.values import Path
from engine.words import Effect


@dataclass(frozen=True, slots=True)
class Item:
    """A step in words."""

    title: str
    uses: str
    condition: str
    #: What else is to be known of it, a few words each.
    notes: tuple[str, ...]
    kind: StepKind
    #: The expression that chooses one of the cases, and the one that repeats a group.
    switch: str
    repeats: str
    is_loop: bool
    disabled: bool
    #: First and last line of the text that is about it.
    lines: tuple[int, int]
    #: The steps in it, by their key: ``steps``, ``else`` and ``on_error``; of a ``parallel``, its branches as steps.
    branches: Mapping[str, Sequence["Item"]]
    #: The cases of a ``switch``, each as it is written, with its steps.
    cases: Sequence[tuple[str, Sequence["Item"]]]


def items_of(outline: Outline, steps: Sequence[Step], *path: str | int) -> Sequence[Item]:
    """Return the steps of the list at the path."""
    return _items(steps, path, _extents(outline))


def _items(steps: Sequence[Step], path: Path, extents: Mapping[Path, tuple[int, int]]) -> Sequence[Item]:
    return tuple(_item(step, (*path, index), extents) for index, step in enumerate(steps))


def _item(step: Step, path: Path, extents: Mapping[Path, tuple[int, int]]) -> Item:
    handled = step.on_error.steps if step.on_error else ()
    body = dialect.PARALLEL if step.kind is StepKind.PARALLEL else dialect.STEPS_OF_GROUP
    cases = (*path, dialect.CASES_OF_SWITCH.name)
    return Item(
        title=step.name or step.id,
        uses=step.uses or "",
        condition=step.condition.text if step.condition else "",
        notes=tuple(_notes(step)),
        kind=step.kind,
        switch=step.switch.text if step.switch else "",
        repeats=step.while_true.text if step.while_true else "",
        is_loop=step.for_each is not None,
        disabled=step.disabled,
        lines=extents.get(path, (0, 0)),
        branches={
            "steps": _items(step.steps, (*path, body.name), extents),
            "else": _items(step.otherwise, (*path, dialect.ELSE.name), extents),
            "on_error": _items(handled, (*path, dialect.ON_ERROR.name, dialect.ERROR_STEPS.name), extents),
        },
        cases=tuple((_written(case), _items(case.steps, (*cases, case.key), extents)) for case in step.cases),
    )


def _written(case: Case) -> str:
    """Return a case as it is written: a text in quotes, unless it is one word that means nothing else."""
    is_plain = case.key.isidentifier() and case.key not in {"true", "false", "null"}
    return f"'{case.key}'" if isinstance(case.value, str) and not is_plain else case.key


def _notes(step: Step) -> Iterator[str]:
    if step.disabled:
        yield "disabled"
    if step.for_each is not None:
        yield f"for each {step.item}" + (f", {step.at_once} at once" if step.at_once > 1 else "")
    if step.while_true is not None:
        yield "at most 1 turn" if step.max_turns == 1 else f"at most {step.max_turns} turns"
    if step.kind is StepKind.PARALLEL:
        yield "side by side"
    if step.retry is not None:
        yield f"up to {step.retry.attempts} attempts"
    if step.timeout is not None:
        yield f"at most {_length(step.timeout)}"
    if step.on_error is not None and step.on_error.then is Then.CONTINUE:
        yield "goes on after an error"
    if step.effect is Effect.ONCE:
        yield "never repeated unasked"
    if not step.keep_output:
        yield "output not kept"


def _length(length: timedelta) -> str:
    seconds = length.total_seconds()
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _extents(outline: Outline) -> Mapping[Path, tuple[int, int]]:
    """Return the first and last line of every value of the file: it ends where the next one beside it begins."""
    document = outline.document
    ends: dict[Path, int] = {}
    open_paths: list[Path] = []
    for path in sorted(
        document.marks, key=lambda one: (document.marks[one].line, document.marks[one].column, len(one))
    ):
        line = document.key_mark(path).line
        while open_paths and path[: len(open_paths[-1])] != open_paths[-1]:
            done = open_paths.pop()
            ends[done] = max(line - 1, document.marks[done].line)
        open_paths.append(path)
    last = outline.workflow.text.count("\n") + 1
    return {path: (mark.line, ends.get(path, last)) for path, mark in document.marks.items()}
