"""Every action there is, by its name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from engine.actions.action import Action
from engine.actions.caller import Caller
from engine.actions.client import HttpClient
from engine.actions.code import code_action
from engine.actions.core import core_actions
from engine.actions.declared import declared_actions
from engine.actions.http import http_actions
from engine.actions.mail import mail_actions
from engine.actions.sandbox import Sandbox
from engine.actions.schemes import declared_connections
from engine.actions.waiting import waiting_actions
from engine.definitions.action import ActionSpec
from engine.definitions.connector import Connector
from engine.lazy import Lazy


def build_actions(client: HttpClient, connectors: Mapping[str, Connector]) -> "Actions":
    """Return the actions of Wink itself and of the connectors, whose own are read when one of them is asked for."""
    caller = Caller(client, declared_connections(connectors))
    core = (*core_actions(), code_action(Sandbox()), *waiting_actions())
    own = (*core, *http_actions(caller), *mail_actions(client.guard))
    declared = Lazy(connectors, lambda name: declared_actions(caller, name, connectors[name]))
    return Actions({action.spec.name: action for action in own}, declared)


def specs_of(actions: Mapping[str, Action]) -> Mapping[str, ActionSpec]:
    """Return what is known of each action before it runs."""
    return Lazy(actions, lambda name: actions[name].spec)


@dataclass(frozen=True, slots=True)
class Actions(Mapping[str, Action]):
    """Every action by name; a connector's action cannot take the place of Wink's own.

    Where one action of a connector is declared wrongly, none of that connector's is there.
    """

    own: Mapping[str, Action]
    #: By connector.
    declared: Lazy[Mapping[str, Action]]

    def __getitem__(self, name: str) -> Action:
        return self.own[name] if name in self.own else self.declared[name.partition(".")[0]][name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(chain(*self.declared.values(), self.own)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def mistakes(self) -> Mapping[str, str]:
        """Return what is wrong with the declared actions that are not there, by connector; all are read for it."""
        return self.declared.mistakes()
