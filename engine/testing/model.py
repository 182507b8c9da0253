"""A test of a workflow as it is played: what its reader makes of a file without mistakes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.definitions.remarks import Place
from engine.errors import ActionFailed, WinkError

#: What time it is where a test says nothing: always the same, so that a test is.
DEFAULT_NOW = datetime(2026, 1, 1, tzinfo=UTC)


class CannotPlay(WinkError):
    """A test cannot be played to its end."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that a test makes up."""

    type: str
    data: object
    id: str | None = None
    key: str | None = None
    source: str | None = None
    time: datetime | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What starts the workflow: an event, a person with inputs, the clock, or the silence of a trigger."""

    event: Happening | None
    #: The name of the trigger that receives the event, or is silent; None where the workflow has none.
    trigger: str | None
    inputs: Mapping[str, object] | None
    scheduled_for: datetime | None
    now: datetime
    #: Whether it is the trigger's silence.
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What one attempt of an action comes to: an output, or the failure."""

    output: object
    failure: ActionFailed | None = None


@dataclass(frozen=True, slots=True)
class Mock:
    """What stands in for an action."""

    answers: tuple[Answer, ...]
    #: Whether each attempt gets the next answer; else all get the only one.
    in_turn: bool


@dataclass(frozen=True, slots=True)
class WorkflowTest:
    """One test."""

    name: str
    #: Where it stands in its file.
    place: Place
    given: Given
    #: By the path of a step, or the name of an action.
    mocks: Mapping[str, Mock]
    #: What must come of it, as it is written, by the keys of ``expect``.
    expected: Mapping[str, object]
