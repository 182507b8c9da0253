"""What the benchmark needs to know of a system."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.bench.children import Launch
from tests.bench.request import Target


@dataclass(frozen=True, slots=True)
class Place:
    """Where a system runs: its folder, its port, and the URL that its work ends with."""

    folder: Path
    port: int
    sink: str


class System(Protocol):
    """A system under measurement."""

    @property
    def name(self) -> str:
        """Return what the tables call it, with its version."""

    @property
    def health(self) -> str:
        """Return the path that answers as soon as it is up."""

    @property
    def services(self) -> Sequence[str]:
        """Return the names of the processes that work for it and that are there already, such as a database's."""

    def launch(self, place: Place) -> Sequence[Launch]:
        """Write what it needs into its folder, and return how it is started, also after a crash.

        The first process is the one that answers; those after it are workers.
        """

    def open(self, place: Place) -> Target:
        """Set up the running system, once, and return what does the whole work."""

    def receivers(self, place: Place) -> Mapping[str, Target]:
        """Set up and return, by name, what receives and does no more."""


@dataclass(frozen=True, slots=True)
class Given:
    """When handing over began, in microseconds since 1970, and the processor seconds that it took beside the system."""

    began: int
    cpu_seconds: float = 0.0


class Runner(Protocol):
    """A system that is given runs of five journalled steps."""

    @property
    def name(self) -> str:
        """Return what the tables call it."""

    @property
    def services(self) -> Sequence[str]:
        """Return names of processes, as those of a :class:`System`."""

    @property
    def database(self) -> str:
        """Return the address of the PostgreSQL whose table ``runs`` says which have finished, and when."""

    def launch(self, place: Place) -> Sequence[Launch]:
        """Return how it is started."""

    def is_up(self, place: Place) -> bool:
        """Tell whether it can be set up."""

    def open_runs(self, place: Place) -> Callable[[int], Given]:
        """Set up the running system, once, and return what hands over so many runs as fast as they are taken."""
