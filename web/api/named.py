"""Names in filters, as the store knows them."""

from engine.runtime import Engine
from engine.store import triggers

#: What the id of a trigger begins with, and no name can.
_ID = "trg_"


def trigger_id(engine: Engine, name: str | None) -> str | None:
    """Return the id of a trigger by its id or name; an id stands for itself, as that of a deleted one does.

    Raises:
        NotFound: there is no trigger of that name: an empty list would hide a typing error (404).
    """
    if name is None or name.startswith(_ID):
        return name
    return engine.store.read(triggers.find, name).id
