"""A WSGI application that is made while the server already takes deliveries.

What the API and the pages need takes longer to import than all that a delivery needs, and vendors do not wait for it:
who asks for a page before it is there waits instead.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future

from web.hooks import Application, Environ, Start


class Late:
    """Stands for an application until it is made, and calls it from then on."""

    def __init__(self) -> None:
        self._made: Future[Application] = Future()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer once the application is there."""
        return self._made.result()(environ, start)

    def make(self, create: Callable[[], Application]) -> bool:
        """Make the application; return whether that went well."""
        try:
            self._made.set_result(create())
        except Exception as error:  # noqa: BLE001 - whoever waits gets it, and so does the check
            self._made.set_exception(error)
        return self._made.exception() is None

    def check(self) -> None:
        """Raise what went wrong while the application was made."""
        if self._made.done():
            self._made.result()
