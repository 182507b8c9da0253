"""The actions that call out, and what they need to: imported when one of them is asked for."""

from collections.abc import Callable, Iterable, Mapping

from engine.actions.action import Action
from engine.actions.caller import Caller
from engine.actions.client import HttpClient
from engine.actions.declared import declared_actions
from engine.actions.http import http_actions
from engine.actions.mail import mail_actions
from engine.actions.schemes import declared_connections
from engine.definitions.connector import Connector


def families(client: HttpClient, connectors: Mapping[str, Connector]) -> Callable[[str], Mapping[str, Action]]:
    """Return what makes the actions of one family: of Wink's own, or of a connector."""
    caller = Caller(client, declared_connections(connectors))

    def make(name: str) -> Mapping[str, Action]:
        match name:
            case "http":
                return _by_name(http_actions(caller))
            case "email":
                return _by_name(mail_actions(client.guard))
            case _:
                return declared_actions(caller, name, connectors[name])

    return make


def _by_name(actions: Iterable[Action]) -> Mapping[str, Action]:
    return {action.spec.name: action for action in actions}
