"""What differs between two texts, line by line, for people to read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Lines around a change that are shown with it.
CONTEXT = 3
#: Lines of both texts together that are compared: the time that it takes grows with their square.
MOST_COMPARED = 8_000


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a difference; numbers count from 1, None where the text has no such line."""

    #: ``old``, ``new``, ``same``, or ``gap`` for lines that are left out.
    kind: str
    old: int | None
    new: int | None
    text: str


def diff(old: str, new: str) -> Sequence[DiffLine] | None:
    """Return what differs, empty when nothing does, None when the texts are too long to be compared."""
    before, after = old.splitlines(), new.splitlines()
    if len(before) + len(after) > MOST_COMPARED:
        return None
    groups = SequenceMatcher(None, before, after).get_grouped_opcodes(CONTEXT)
    lines: list[DiffLine] = []
    for group in groups:
        if lines or group[0][1] > 0:
            lines.append(DiffLine("gap", None, None, ""))
        for code in group:
            lines.extend(_lines(code, before, after))
    return lines


def _lines(code: tuple[str, int, int, int, int], before: Sequence[str], after: Sequence[str]) -> Iterator[DiffLine]:
    tag, old, old_end, new, new_end = code
    if tag == "equal":
        for index in range(old_end - old):
            yield DiffLine("same", old + index + 1, new + index + 1, before[old + index])
        return
    for index in range(old, old_end):
        yield DiffLine("old", index + 1, None, before[index])
    for index in range(new, new_end):
        yield DiffLine("new", None, index + 1, after[index])
