"""The actions that steps can use, known without a database."""

from collections.abc import Mapping

from engine.actions.client import HttpClient
from engine.actions.guard import Guard
from engine.actions.registry import build_actions, specs_of
from engine.app import CONNECTORS
from engine.definitions.action import ActionSpec
from engine.definitions.catalog import read_connectors


def known_actions() -> Mapping[str, ActionSpec]:
    """Return what is known of every action: Wink's own, and those of the connectors."""
    return specs_of(build_actions(lambda: HttpClient(Guard()), read_connectors(CONNECTORS)))
