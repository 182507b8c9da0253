"""A connection to PostgreSQL that does not wait for ever: a server that hangs keeps its connections, and says nothing.

PostgreSQL's own timeouts do not help there, nor do TCP's, since the server's kernel goes on to answer.
"""

from collections.abc import Generator
from selectors import EVENT_READ, DefaultSelector
from typing import Any, TypeVar

from psycopg import Connection, OperationalError, errors
from sqlalchemy.exc import DisconnectionError

Value = TypeVar("Value")

#: Seconds for one answer; PostgreSQL breaks a statement off before, so that this is for a server that does nothing.
PATIENCE = 20.0


class Patient(Connection[Any]):
    """Psycopg's connection, which closes itself when an answer takes too long."""

    #: Whether it waits as long as it takes.
    waits_on = False

    def check(self) -> None:
        """See whether the connection has ended, without asking the server: it says nothing unasked but that.

        Raises:
            DisconnectionError: it has, and the pool makes another.
        """
        if self.closed or self._is_spoken_to():
            raise DisconnectionError("the connection has ended")

    def _is_spoken_to(self) -> bool:
        with DefaultSelector() as selector:
            selector.register(self, EVENT_READ)
            return bool(selector.select(0))

    def wait(self, gen: Generator[Any, Any, Value], interval: float = 0.1, timeout: float | None = None) -> Value:
        """Wait for what the server answers.

        Raises:
            OperationalError: it does not; the connection is closed.
        """
        if timeout is not None or self.waits_on:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, PATIENCE)
        except errors._WaitTimeout as error:  # noqa: SLF001 - what `timeout` raises has no other name
            self.close()
            raise OperationalError(f"the server has not answered for {PATIENCE:.0f} seconds") from error
