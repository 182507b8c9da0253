"""What the benchmark needs to know of a system."""

from collections.abc import Mapping
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

    def launch(self, place: Place) -> Launch:
        """Write what it needs into its folder, and return how it is started, also after a crash."""

    def open(self, place: Place) -> Target:
        """Set up the running system, once, and return what does the whole work."""

    def receivers(self, place: Place) -> Mapping[str, Target]:
        """Set up and return, by name, what receives and does no more."""
