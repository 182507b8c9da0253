"""A WSGI application that is made when somebody asks for it.

What the API and the pages need takes longer to import, and more memory, than all that a delivery needs: vendors do not
wait for it, and a Wink that only receives and runs never has it.
"""

from collections.abc import Callable, Iterable
from threading import Lock

from web.hooks import Application, Environ, Start


class Late:
    """Stands for an application until somebody calls it, makes it then, and calls it from then on."""

    def __init__(self, create: Callable[[], Application]) -> None:
        self._create = create
        self._made: Application | None = None
        self._lock = Lock()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer once the application is there; what goes wrong as it is made is raised, and tried anew next time.

        Whoever calls logs it: :class:`web.rsgi.Front` does.
        """
        return (self._made or self._make())(environ, start)

    def _make(self) -> Application:
        with self._lock:
            if self._made is None:
                self._made = self._create()
            return self._made
