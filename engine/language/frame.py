"""One evaluation under way: what it sees, what it may still spend, and what it has noted."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from engine.language.explanation import Explanation
from engine.language.values import Scope

MAX_STEPS: Final = 10_000
#: Characters of text that one evaluation may make, and values that its result may hold.
MAX_TEXT: Final = 1 << 20
#: Parts that an explanation keeps; a loop over a long list is not told to its end.
MAX_PARTS: Final = 100
#: Characters of a text, and items of a list or mapping, that are read in one step.
_CHARACTERS_AT_ONCE: Final = 256
_ITEMS_AT_ONCE: Final = 32


class Exhausted(Exception):
    """The evaluation asks for more than an expression may have."""


class Frame:
    """What the compiled closures share during one evaluation."""

    __slots__ = ("left", "locals", "now", "parts", "room", "scope", "text")

    def __init__(self, scope: Scope, now: datetime, slots: int) -> None:
        self.scope = scope
        self.now = now
        #: The present value of each loop variable, by slot.
        self.locals: list[object] = [None] * slots
        self.left = MAX_STEPS
        self.text = MAX_TEXT
        #: Explanations of the parts evaluated so far on the present level, when traced.
        self.parts: list[Explanation] = []
        self.room = MAX_PARTS

    def spend(self, steps: int) -> None:
        """Take steps from what is left.

        Raises:
            Exhausted: nothing is left.
        """
        self.left -= steps
        if self.left < 0:
            raise Exhausted(f"the expression takes more than {MAX_STEPS:,} steps")

    def read(self, value: object) -> None:
        """Take the steps that reading a whole text, list or mapping costs.

        Raises:
            Exhausted: nothing is left.
        """
        if isinstance(value, str):
            self.spend(len(value) // _CHARACTERS_AT_ONCE)
        elif isinstance(value, list | dict | tuple):
            self.spend(len(value) // _ITEMS_AT_ONCE)

    def make(self, size: int) -> None:
        """Take room for text or values that are about to be made.

        Raises:
            Exhausted: nothing is left.
        """
        self.text -= size
        if self.text < 0:
            raise Exhausted("the expression makes more than 1 MiB")

    def expect(self, size: int) -> None:
        """Make sure that there is room before something of that size is made; ``make`` takes it afterwards.

        Raises:
            Exhausted: there is none.
        """
        if size > self.text:
            self.make(size)


#: A compiled part of an expression.
Node = Callable[[Frame], object]
