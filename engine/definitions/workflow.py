"""A workflow as it runs: what the checker makes of a file without mistakes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from engine.definitions.schedule import Schedule
from engine.language.condition import Condition
from engine.language.expression import Expression
from engine.language.template import Template
from engine.language.values import kind_of
from engine.words import Effect, WhenBusy


class StepKind(StrEnum):
    """What a step is: the use of an action, a group of steps, groups side by side, or one of several lists of steps."""

    USES = "uses"
    GROUP = "group"
    PARALLEL = "parallel"
    SWITCH = "switch"


class Then(StrEnum):
    """What becomes of a step whose error was seen to: it counts as done, or it still fails."""

    CONTINUE = "continue"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Retry:
    """How often, and after how long, a step is tried again."""

    #: Tries in all, the first one included.
    attempts: int
    #: Pause before the second try; each further one is ``factor`` times longer, up to ``max_wait``.
    wait: timedelta
    factor: float
    max_wait: timedelta
    #: Kinds of failure that are worth another try, as in :class:`engine.errors.ActionFailed`.
    when: frozenset[str]


@dataclass(frozen=True, slots=True)
class OnError:
    """What happens when a step has failed for good."""

    steps: tuple["Step", ...]
    then: Then


@dataclass(frozen=True, slots=True)
class Case:
    """The steps of a ``switch`` that run for one value."""

    #: Text, a number, true, false or null.
    value: object
    #: The key as it is written, without quotes.
    key: str
    steps: tuple["Step", ...]

    def fits(self, value: object) -> bool:
        """Tell whether the case is for a value; as in expressions, ``1`` is ``1.0``, and neither ``'1'`` nor true."""
        return kind_of(value) is kind_of(self.value) and value == self.value


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a workflow."""

    #: As written, or made from the action's name or the position; unique in its list of steps.
    id: str
    name: str | None
    kind: StepKind
    #: The action of a step that uses one, else None.
    uses: str | None
    #: The action's inputs (``with:``), a template that yields a mapping.
    inputs: Template
    #: Name of the credentials to call with.
    connection: str | None
    #: The steps of a group; of a ``parallel``, the groups that run side by side.
    steps: tuple["Step", ...]
    #: What chooses one of the cases.
    switch: Expression | None
    cases: tuple[Case, ...]
    #: The steps that run instead when ``if`` is false, or when no case fits (``else:``).
    otherwise: tuple["Step", ...]
    condition: Condition | None
    #: A template that yields a list; the step runs once for each item.
    for_each: Template | None
    #: Name of the current item in scope (``as:``).
    item: str
    #: How many turns of ``for_each`` may run together.
    at_once: int
    #: A group is repeated as long as this is true, ``max_turns`` times at most (``while:`` and ``max:``).
    while_true: Condition | None
    max_turns: int
    retry: Retry | None
    timeout: timedelta | None
    on_error: OnError | None
    disabled: bool
    keep_output: bool
    #: None when the action decides.
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take."""

    timeout: timedelta | None = None
    #: Gives the value of which one run runs at a time; None: any number runs.
    runs_per: Template | None = None
    when_busy: WhenBusy = WhenBusy.QUEUE


@dataclass(frozen=True, slots=True)
class Workflow:
    """One version of a workflow."""

    #: The file's stem, or the name in the API's address: a slug, for good.
    identity: str
    #: The file's ``name``, for people.
    title: str
    description: str
    #: SHA-256 of the text, in lower-case hex.
    version: str
    text: str
    #: Names of the triggers that start it.
    triggers: tuple[str, ...]
    #: Names of the triggers whose silence starts it.
    silences: tuple[str, ...]
    #: Names of the triggers for whose events its steps wait.
    awaits: frozenset[str]
    #: Globs of event types; empty means all of them.
    events: tuple[str, ...]
    condition: Condition | None
    schedule: Schedule | None
    #: Whether a person may start it on demand.
    manual: bool
    #: JSON Schema of each input of a run on demand; one that must be given also says ``required: true``.
    inputs: Mapping[str, Mapping[str, object]]
    #: A template that yields a mapping.
    vars: Template
    limits: Limits
    steps: tuple[Step, ...]
    on_error: tuple[Step, ...]
    outputs: Template | None


def bodies(step: Step) -> Iterator[tuple[tuple[str, ...], tuple[Step, ...]]]:
    """Yield the lists of steps that a step is made of, each with the keys that lead to it."""
    if step.steps:
        yield ("parallel" if step.kind is StepKind.PARALLEL else "steps",), step.steps
    for case in step.cases:
        yield ("cases", case.key), case.steps


def every_body(step: Step) -> Iterator[tuple[tuple[str, ...], tuple[Step, ...]]]:
    """Yield the lists of steps in a step, also those that run instead of it, and when it fails."""
    yield from bodies(step)
    if step.otherwise:
        yield ("else",), step.otherwise
    if step.on_error is not None:
        yield ("on_error", "steps"), step.on_error.steps
