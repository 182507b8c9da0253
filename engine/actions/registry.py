"""Every action there is, by its name: those of one family, whose names begin alike, are made when one is asked for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from engine.actions.action import Action
from engine.actions.code import code_action
from engine.actions.core import core_actions
from engine.actions.guard import Guard
from engine.actions.sandbox import Sandbox
from engine.actions.waiting import waiting_actions
from engine.definitions.action import ActionSpec
from engine.definitions.connector import Connector
from engine.errors import Invalid
from engine.lazy import Lazy, load, once

#: The families of Wink's own actions: the first touches nothing outside.
CORE, *_ = OWN = ("core", "http", "email")

_Make = Callable[[str], Mapping[str, Action]]


class Client(Protocol):
    """What requests are sent by, as far as it is known here: :class:`engine.actions.client.HttpClient`."""

    @property
    def guard(self) -> Guard:
        """Decides where it may connect to."""
        ...


def build_actions(connect: Callable[[], Client], connectors: Mapping[str, Connector]) -> "Actions":
    """Return the actions of Wink itself and of the connectors.

    connect: makes the client, when the first action that calls out is asked for. What these need takes memory that a
    Wink without them never has.
    """

    @once
    def outward() -> _Make:
        make: _Make = load("engine.actions.outward:families")(connect(), connectors)
        return make

    def calling(family: str) -> Mapping[str, Action]:
        return outward()(family)

    def own(family: str) -> Mapping[str, Action]:
        return _core() if family == CORE else calling(family)

    def declared(connector: str) -> Mapping[str, Action]:
        if connector not in OWN:
            return calling(connector)
        if connectors[connector].actions:
            raise Invalid(f"`{connector}.` begins actions of Wink's own: call the connector and its folder differently")
        return {}

    return Actions(Lazy(OWN, own), Lazy(connectors, declared))


def _core() -> Mapping[str, Action]:
    actions = (*core_actions(), code_action(Sandbox()), *waiting_actions())
    return {action.spec.name: action for action in actions}


def specs_of(actions: Mapping[str, Action]) -> Mapping[str, ActionSpec]:
    """Return what is known of each action before it runs."""
    return Lazy(actions, lambda name: actions[name].spec)


@dataclass(frozen=True, slots=True)
class Actions(Mapping[str, Action]):
    """Every action by name; a connector's action cannot take the place of Wink's own.

    Where one action of a connector is declared wrongly, none of that connector's is there.
    """

    #: By family.
    own: Lazy[Mapping[str, Action]]
    #: By connector.
    declared: Lazy[Mapping[str, Action]]

    def __getitem__(self, name: str) -> Action:
        family = name.partition(".")[0]
        return (self.own if family in self.own.names else self.declared)[family][name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(chain(*self.declared.values(), *self.own.values())))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def mistakes_so_far(self) -> Mapping[str, str]:
        """Return what is wrong with the declared actions that were asked for and are not there, by connector."""
        return self.declared.mistakes_so_far()

    def mistakes(self) -> Mapping[str, str]:
        """Return what is wrong with the declared actions that are not there, by connector; all are read for it."""
        return self.declared.mistakes()
