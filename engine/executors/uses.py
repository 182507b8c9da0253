"""Write down when connections are used, once in a while."""

from dataclasses import dataclass, field
from datetime import datetime

from engine.runtime import Engine
from engine.store import connections


@dataclass(frozen=True, slots=True)
class Uses:
    """What one process has written down; all of it on the loop's own thread."""

    engine: Engine
    #: When the use of each connection was last written down.
    _noted: dict[str, datetime] = field(init=False, default_factory=dict)

    def note(self, name: str) -> None:
        """Write down that a connection is used now, if that was not done lately; nothing waits for it."""
        now = self.engine.clock.now()
        if now - self._noted.get(name, now - connections.NOTED) >= connections.NOTED:
            self._noted[name] = now
            self.engine.store.send(connections.use, name, now)
