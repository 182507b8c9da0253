"""What a workflow may know of an action before it runs: its name, its inputs and what a crash means to it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definitions.dialect import Failure
from engine.definitions.example import Example
from engine.language.values import Path
from engine.words import Effect

#: When any action fails as ``invalid``.
INVALID = "An input is missing or wrong: repeating it would not help."

#: Reads a text further than its JSON Schema does; raises ``ValueError``, or :class:`engine.errors.ExpressionError` at
#: the character that is wrong.
Reader = Callable[[Any], object]

#: Judges all inputs of a step as they are written, holes and wrong values included: yields what is wrong, each with its
#: place among them.
Judge = Callable[[Mapping[str, object]], Iterable[tuple[Path, str]]]


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action that a step can use, described for the checker, the editor and the pages."""

    #: As a step writes it: ``http.post``, ``slack.post_message``.
    name: str
    #: A few words for people.
    title: str
    #: JSON Schema of each input; one that must be given also says ``required: true``, and a text that is read further
    #: says ``x-kind: duration``, ``wait`` (a duration for which the step waits) or ``time``, so that one written out is
    #: judged before anything runs. What is never a template says ``x-kind: condition``, ``x-kind: name`` or
    #: ``x-kind: code``.
    inputs: Mapping[str, Mapping[str, object]]
    #: JSON Schema of the output, ``{}`` when it can be anything.
    output: Mapping[str, object]
    #: What a crash in the middle of the action means, unless the step says otherwise.
    effect: Effect = Effect.IDEMPOTENT
    #: A pure action changes nothing outside: it needs no commit of its own.
    pure: bool = False
    #: Whether its step waits for what comes from outside the run.
    awaits: bool = False
    #: Whether the step may name the credentials to call with.
    takes_connection: bool = False
    #: Whether it must: without them nothing is sent.
    needs_connection: bool = False
    #: Of what kind they must be then: a connector's name, or a scheme.
    connection_kind: str | None = None
    #: What the title does not say, in a sentence or two.
    doc: str = ""
    #: How it fails, but for :data:`INVALID`, and when.
    failures: Mapping[Failure, str] = field(default_factory=dict)
    #: Where a person finds what the service itself says about it.
    source: str | None = None
    #: A use of it, which the reference shows and the tests run. One that ships has one.
    example: Example | None = None
    #: How its inputs are read where a workflow is written. What was published once is not read so again.
    readers: Mapping[str, Reader] = field(default_factory=dict)
    #: What else is looked for there.
    judge: Judge | None = None
