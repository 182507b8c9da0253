"""Run nothing: for a process that only looks, or writes down, while nobody serves the data folder."""

from collections.abc import Sequence

from engine.runtime import Engine, Pending


class Resting:
    """An executor that leaves everything on disk to the next one that works."""

    @property
    def broker_answers(self) -> None:
        """There is no broker here."""

    def start(self, engine: Engine) -> None:
        """Begin to do nothing."""

    def stop(self) -> None:
        """End."""

    def accept(self, events: Sequence[Pending]) -> None:
        """Leave events to whoever serves next: they are on disk."""

    def notify(self, run_id: str) -> None:
        """Leave a run to whoever serves next."""
