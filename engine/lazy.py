"""Import, and make, what is not always needed when it is asked for: the one place of Wink that imports late.

The database, the compilers and the server take about a second to import, and ``wink --help`` needs none of them.
"""

import gc
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeVar

Made = TypeVar("Made")


def load(place: str) -> Any:  # noqa: ANN401 - whatever stands there
    """Return what ``module:name`` names."""
    module, _, name = place.partition(":")
    gc.disable()  # modules stay: looking again and again for what of them may go is a tenth of the time
    try:
        return getattr(import_module(module), name)
    finally:
        gc.enable()


@dataclass(frozen=True, slots=True)
class Lazy(Mapping[str, Made]):
    """A mapping whose names are known, and each of whose values is made once, when it is asked for."""

    names: Collection[str]
    #: Returns the value of a name; what it raises, asking for the value raises, each time.
    make: Callable[[str], Made]
    _made: dict[str, Made] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, name: str) -> Made:
        if name not in self._made:
            if name not in self.names:
                raise KeyError(name)
            self._made[name] = self.make(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)
