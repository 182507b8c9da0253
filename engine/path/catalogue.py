"""What is wrong with connectors: Wink works without those that have mistakes, and says so."""

from collections.abc import Mapping

from engine.runtime import Engine


def mistakes_of(engine: Engine) -> Mapping[str, str]:
    """Return what is wrong with each connector that has mistakes, or only its actions, by name; all are read for it."""
    return _by_name(engine.connectors.mistakes(), engine.actions.mistakes())


def mistakes_so_far(engine: Engine) -> Mapping[str, str]:
    """Return the same of the connectors that something has asked for by now; none is read for it."""
    return _by_name(engine.connectors.mistakes_so_far(), engine.actions.mistakes_so_far())


def _by_name(connectors: Mapping[str, str], actions: Mapping[str, str]) -> Mapping[str, str]:
    return dict(sorted({**connectors, **actions}.items()))
