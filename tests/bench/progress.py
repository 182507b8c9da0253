"""How far the benchmark has come, as a bar on the terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

#: Each measurement of a system takes the bar a part of what is left of the system's share.
_PART = 0.15


class Course:
    """A bar with an equal share for each system, which says what is being measured."""

    def __init__(self, console: Console, systems: int) -> None:
        columns = BarColumn(), TextColumn("{task.percentage:3.0f}%"), TimeElapsedColumn()
        self._progress = Progress(*columns, TextColumn("{task.description}", markup=False), console=console)
        self._task = self._progress.add_task("", total=systems)
        self._begun = -1
        self._within = 0.0

    @property
    def completed(self) -> float:
        """Return how many systems are done, with a part for the one that is under way."""
        return self._begun + self._within

    def begin(self, name: str) -> None:
        """Go on to the next system."""
        self._begun, self._within = self._begun + 1, 0.0
        self._show(f"{name}, looking for it")

    def say(self, text: str) -> None:
        """Tell what is measured next of this system."""
        self._within += (1 - self._within) * _PART
        self._show(text)

    def _show(self, text: str) -> None:
        self._progress.update(self._task, completed=self.completed, description=text)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()
