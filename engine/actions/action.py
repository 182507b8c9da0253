"""What an action is to the path: a description, and a function from a call to an output."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.definitions.action import ActionSpec
from engine.lazy import load
from engine.store.connections import OpenConnection
from engine.words import Outcome


@dataclass(slots=True)
class Call:
    """One attempt of an action; not frozen, because a run makes many, and frozen they cost three times as much."""

    #: The step's ``with:``, filled in.
    inputs: Mapping[str, object]
    #: The same for every attempt of the same visit of a step; sent as ``Idempotency-Key``.
    key: str
    now: datetime
    #: When the attempt has to be over.
    deadline: datetime
    #: The step's connection, secrets included; None without one.
    connection: OpenConnection | None = None
    #: Every form of the credentials that the attempt used: it is kept out of what is recorded.
    hidden: set[str] = field(default_factory=set, repr=False)

    @property
    def within(self) -> timedelta:
        """How long the attempt may take."""
        return self.deadline - self.now


@dataclass(frozen=True, slots=True)
class Pause:
    """The step waits, until this moment at most; nothing holds a thread meanwhile. None: there is no such moment."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class End:
    """The run ends here."""

    outcome: Outcome
    message: str


#: What an action does. A pure one returns its output; any other is awaited on an event loop, which it must not hold up.
Perform = Callable[[Call], Any]
Overdue = Callable[[Mapping[str, object]], object]
_Check = Callable[[Mapping[str, object]], None]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a step can use.

    run: leads to the output, ready for JSON, or to a :class:`Pause`, an :class:`End` or what
    :mod:`engine.actions.waiting` has; raises ``ActionFailed``. overdue: returns the output of a step that waited in
    vain, for its inputs; None where that is a failure.
    """

    spec: ActionSpec
    run: Perform
    overdue: Overdue | None = None


def build_action(spec: ActionSpec, perform: Perform, overdue: Overdue | None = None) -> Action:
    """Return an action whose inputs are checked against its description, and completed, before anything happens."""
    check: _Check = load("engine.actions.inputs:check_of")(spec.inputs)
    defaults = {name: one["default"] for name, one in spec.inputs.items() if "default" in one}

    def run(call: Call) -> Any:  # noqa: ANN401 - what the action's own function returns, or awaits
        inputs = {**defaults, **call.inputs}
        check(inputs)
        return perform(Call(inputs, call.key, call.now, call.deadline, call.connection, call.hidden))

    return Action(spec, run, overdue)
