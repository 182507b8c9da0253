"""Every action there is, by its name."""

from collections.abc import Mapping

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
from engine.definitions.connector import Connector


def build_actions(client: HttpClient, connectors: Mapping[str, Connector]) -> Mapping[str, Action]:
    """Return the actions of Wink itself and of the connectors.

    Raises:
        Invalid: a connector declares an action wrongly.
    """
    caller = Caller(client, declared_connections(connectors))
    declared = [action for name, one in connectors.items() for action in declared_actions(caller, name, one)]
    core = (*core_actions(), code_action(Sandbox()), *waiting_actions())
    own = (*core, *http_actions(caller), *mail_actions(client.guard))
    return {action.spec.name: action for action in (*declared, *own)}
