"""Import, and make, what is not always needed when it is asked for: the one place of Wink that imports late.

The database, the compilers and the server take about a second to import, and ``wink --help`` needs none of them.
"""

import gc
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from threading import RLock
from typing import Any, TypeVar

from engine.errors import Invalid

Made = TypeVar("Made")


def load(place: str, *, without: Collection[str] = ()) -> Any:  # noqa: ANN401 - whatever stands there
    """Return what ``module:name`` names.

    without: libraries that others import where they are installed, and can do without: they find none.
    """
    module, _, name = place.partition(":")
    gc.disable()  # modules stay: looking again and again for what of them may go is a tenth of the time
    try:
        with _hidden(without):
            return getattr(import_module(module), name)
    finally:
        gc.enable()


@contextmanager
def _hidden(libraries: Collection[str]) -> Iterator[None]:
    """Let nobody import these until the block ends.

    Source: https://docs.python.org/3/reference/import.html#the-module-cache (None stands for what cannot be imported)
    """
    hidden: dict[str, Any] = {name: None for name in libraries if name not in sys.modules}
    sys.modules.update(hidden)
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Return what gives one and the same thing, made when it is first asked for, however many ask at once."""
    made: list[Made] = []
    making = RLock()

    def give() -> Made:
        with making:
            if not made:
                made.append(make())
            return made[0]

    return give


@dataclass(frozen=True, slots=True)
class Lazy(Mapping[str, Made]):
    """A mapping whose names are known, and each of whose values is made once, when it is asked for.

    Whoever looks through it makes them all. One with mistakes is not there, so that it keeps nobody from the others.
    Where several ask at once, one makes it and the others wait.
    """

    #: What may be there.
    names: Collection[str]
    #: Returns the value of a name, or None where there is none; raises ``Invalid`` where it has mistakes.
    make: Callable[[str], Made | None]
    _made: dict[str, Made | None] = field(default_factory=dict, init=False, repr=False)
    _mistakes: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    #: Making one may ask for another. Two mappings wait for each other only where the makers of each ask the other one.
    _making: RLock = field(default_factory=RLock, init=False, repr=False, compare=False)

    def __getitem__(self, name: str) -> Made:
        if name not in self._made:
            if name not in self.names:
                raise KeyError(name)
            with self._making:
                if name not in self._made:
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

    def mistakes_so_far(self) -> Mapping[str, str]:
        """Return what is wrong with those that were asked for and are not there for their mistakes, by name."""
        return self._mistakes

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
