"""What is wrong with connectors: Wink works without those that have mistakes, and says so."""

from collections.abc import Mapping

from engine.runtime import Engine


def mistakes_of(engine: Engine) -> Mapping[str, str]:
    """Return what is wrong with each connector that has mistakes, or only its actions, by name; all are read for it."""
    return dict(sorted({**engine.connectors.mistakes(), **engine.actions.mistakes()}.items()))
