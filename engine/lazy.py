"""Import, and make, what is not always needed when it is asked for: the one place of Wink that imports late.

The database, the compilers and the server take about a second to import, and ``wink --help`` needs none of them.
"""

import gc
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeVar

from engine.errors import Invalid

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
    """A mapping whose names are known, and each of whose values is made once, when it is asked for.

    Whoever looks through it makes them all. One with mistakes is not there, so that it keeps nobody from the others.
    """

    #: What may be there.
    names: Collection[str]
    #: Returns the value of a name, or None where there is none; raises ``Invalid`` where it has mistakes.
    make: Callable[[str], Made | None]
    _made: dict[str, Made | None] = field(default_factory=dict, init=False, repr=False)
    _mistakes: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, name: str) -> Made:
        if name not in self._made:
            if name not in self.names:
                raise KeyError(name)
            self._made[name] = self._make(name)
        made = self._made[name]
        if made is None:
            raise KeyError(name)
        return made

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.names if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def mistake_in(self, name: str) -> str | None:
        """Return what is wrong with one that was asked for."""
        return self._mistakes.get(name)

    def mistakes(self) -> Mapping[str, str]:
        """Return what is wrong with those that are not there for their mistakes, by name; all are made for it."""
        list(self)
        return self._mistakes

    def _make(self, name: str) -> Made | None:
        try:
            return self.make(name)
        except Invalid as error:
            self._mistakes[name] = error.detail
            return None
