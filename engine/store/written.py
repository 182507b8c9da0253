"""What a write becomes: a future that takes no lock of its own, as every delivery makes one."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Event
from typing import Any, TypeVar

import structlog

Result = TypeVar("Result")

log = structlog.get_logger()


class Written(Future[Result]):
    """Ends once, when the writer says so, with a result or an error; nobody can cancel it.

    The standard library's own takes its lock five times in its life. Here a list suffices, whose single steps no other
    thread can come between: a callback is put in before it is asked whether all has ended, and ends are told after.
    """

    def __init__(self) -> None:  # without the base's, which makes the lock
        self._callbacks: list[Callable[[Written[Result]], object]] = []
        self._has_ended = False
        self._outcome: Any = None
        self._error: BaseException | None = None

    def set_result(self, result: Result) -> None:
        """End with a result."""
        self._outcome = result
        self._end()

    def set_exception(self, exception: BaseException | None) -> None:
        """End with an error."""
        self._error = exception
        self._end()

    def cancel(self) -> bool:
        """Change nothing: what was handed in is written."""
        return False

    def cancelled(self) -> bool:
        """Tell that it was not."""
        return False

    def running(self) -> bool:
        """Tell whether it has not ended."""
        return not self._has_ended

    def done(self) -> bool:
        """Tell whether it has ended."""
        return self._has_ended

    def __repr__(self) -> str:
        state = "running" if not self._has_ended else "failed" if self._error else "written"
        return f"<{type(self).__name__} {state}>"

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the end, and return the result or raise the error; timeout: seconds.

        Raises:
            TimeoutError: it did not end in time.
        """
        error = self.exception(timeout)
        if error is None:
            return self._outcome  # type: ignore[no-any-return]  # what set_result was given
        try:
            raise error
        finally:
            del error, self  # the error holds this frame: together they would be a cycle

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for the end, and return the error if there is one; timeout: seconds.

        Raises:
            TimeoutError: it did not end in time.
        """
        if not self._has_ended:
            ended = Event()
            self.add_done_callback(lambda _: ended.set())
            if not ended.wait(timeout):
                raise TimeoutError
        return self._error

    def add_done_callback(self, fn: Callable[["Written[Result]"], object]) -> None:
        """Call a function with this when it ends, or now if it has ended."""
        self._callbacks.append(fn)
        if self._has_ended:
            self._tell()

    def _end(self) -> None:
        self._has_ended = True
        self._tell()

    def _tell(self) -> None:
        while self._callbacks:
            try:
                told = self._callbacks.pop(0)
            except IndexError:  # another thread has told the last one
                return
            try:
                told(self)
            except Exception as error:  # whoever is told must not keep the others from it
                log.error("store.callback_failed", exc_info=error)
