"""Numbers over time as columns that a template draws: where each part of a column begins and ends. Pure: no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

#: The drawing's units: a column's room and its width, and the height that the tallest column fills.
ROOM, COLUMN, HEIGHT = 15.0, 11.0, 100.0

#: What can be seen of a number that is not nought.
LEAST = 1.5


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of thing that is counted: its name, its tone, and a number for each hour."""

    name: str
    tone: str
    numbers: Sequence[int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.numbers)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a column."""

    tone: str
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of series on top of each other, oldest hour first, and the numbers that it is drawn from."""

    title: str
    starts: Sequence[datetime]
    series: Sequence[Series]
    parts: Sequence[Part]
    #: The tallest column's number.
    top: int
    width: float = 0

    @property
    def rows(self) -> list[tuple[datetime, list[int]]]:
        """The numbers of each hour, newest first."""
        return [(start, [each.numbers[index] for each in self.series]) for index, start in enumerate(self.starts)][::-1]


def chart(title: str, starts: Sequence[datetime], numbers: Mapping[tuple[str, str], Sequence[int]]) -> Chart:
    """Return a picture; numbers: by name and tone, from the ground up."""
    series = [Series(name, tone, values) for (name, tone), values in numbers.items()]
    top = max((sum(column) for column in zip(*(each.numbers for each in series), strict=True)), default=0)
    parts = [part for index in range(len(starts)) for part in _column(series, index, top)]
    return Chart(title, starts, series, parts, top, len(starts) * ROOM)


def _column(series: Sequence[Series], index: int, top: int) -> list[Part]:
    parts, ground = [], HEIGHT
    for each in series:
        if number := each.numbers[index]:
            height = max(number / top * HEIGHT, LEAST)
            ground = max(ground - height, 0)
            parts.append(Part(each.tone, index * ROOM + (ROOM - COLUMN) / 2, round(ground, 2), round(height, 2)))
    return parts
