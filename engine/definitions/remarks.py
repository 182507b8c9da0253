"""Remarks on a text that somebody wrote: every mistake and every doubt, each at its line and column."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from engine.errors import Mistake, WinkError
from engine.language.values import Path
from engine.language.yaml12 import Document, Mark

#: Remarks on one document; a file with more of them is something else altogether.
MOST_REMARKS = 1_000
#: Longer words are not compared with known ones: nobody mistypes a name by that much, and comparing takes time.
_LONGEST_WORD = 40
#: How alike a typo and the word are to be sure: `uses` is no typo of `steps`.
_ALIKE = 0.7


class TooMany(WinkError):
    """There are more remarks than anybody reads: these are the first."""


@dataclass(slots=True)
class Remarks:
    """What the checker has to say about one document."""

    text: str
    document: Document
    _lines: list[str] = field(init=False)
    _noted: set[Mistake] = field(default_factory=set)
    _count: int = 0

    def __post_init__(self) -> None:
        self._lines = self.text.splitlines()

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """Return all remarks in the order of the text."""
        return tuple(sorted(self._noted, key=lambda mistake: (mistake.line, mistake.column, mistake.message)))

    def note(self, mark: Mark, message: str, *, warning: bool = False) -> None:
        """Add a remark; the same one twice is told once.

        Raises:
            TooMany: there are :data:`MOST_REMARKS` already.
        """
        self._count += 1
        if self._count > MOST_REMARKS:
            raise TooMany
        self._noted.add(Mistake(mark.line, mark.column, message, warning))

    def mark_in(self, path: Path, text: str, offset: int) -> Mark:
        """Return where the text at the path has the character at the offset; of a block text, by the line it is in."""
        mark = self.document.mark(path)
        if path in self.document.text_marks:
            return self.document.mark_in(path, offset)
        begin, end = text.rfind("\n", 0, offset) + 1, text.find("\n", offset)
        line = text[begin : None if end < 0 else end].rstrip()
        number = mark.line + text.count("\n", 0, begin) + 1
        source = self._lines[number - 1].rstrip() if number <= len(self._lines) else ""
        return Mark(number, source.index(line) + 1 + offset - begin) if line and source.endswith(line) else mark


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document that a remark can be made about."""

    remarks: Remarks
    path: Path = ()

    def at(self, *keys: str | int) -> "Place":
        """Return the place below."""
        return Place(self.remarks, (*self.path, *keys))

    @property
    def mark(self) -> Mark:
        """Return where the value begins."""
        return self.remarks.document.mark(self.path)

    @property
    def value(self) -> object:
        """Return the value that stands here; the place must be one of the document."""
        value = self.remarks.document.value
        for key in self.path:
            value = value[key]  # type: ignore[index]  # the place is one of the document
        return value

    def wrong(self, message: str) -> None:
        """Note a mistake in the value."""
        self.remarks.note(self.mark, message)

    def wrong_key(self, message: str, *, warning: bool = False) -> None:
        """Note a mistake in the key, or a doubt about it."""
        self.remarks.note(self.remarks.document.key_mark(self.path), message, warning=warning)

    def wrong_in(self, text: str, offset: int, message: str, *, warning: bool = False) -> None:
        """Note something about one character of the text that stands here."""
        self.remarks.note(self.remarks.mark_in(self.path, text, offset), message, warning=warning)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean `x`?`` for the known word that is nearest, or nothing when none is near."""
    near = get_close_matches(word, known, n=1) if len(word) <= _LONGEST_WORD else []
    return f"; did you mean `{near[0]}`?" if near else ""


def meant(strangers: Iterable[str], known: Iterable[str]) -> set[str]:
    """Return the known words that unknown ones are sure to mean: nobody has to be told that they lack, too."""
    words = [word for word in strangers if len(word) <= _LONGEST_WORD]
    return {near for word in words for near in get_close_matches(word, known, n=1, cutoff=_ALIKE)}
