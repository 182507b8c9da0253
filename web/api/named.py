"""Names in filters, as the store knows them."""

from engine.errors import NotFound
from engine.runtime import Engine
from engine.store import triggers


def trigger_id(engine: Engine, name: str | None) -> str | None:
    """Return the id of a trigger by its id or name; the id of a deleted one stands for itself."""
    if name is None:
        return None
    try:
        return engine.store.read(triggers.find, name).id
    except NotFound:
        return name
