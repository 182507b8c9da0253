"""Remarks on a text that somebody wrote: every mistake and every doubt, each at its line and column."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from engine.errors import Mistake
from engine.language.values import Path
from engine.language.yaml12 import Document, Mark

#: Longer words are not compared with known ones: nobody mistypes a name by that much, and comparing takes time.
_LONGEST_WORD = 40


@dataclass(slots=True)
class Remarks:
    """What the checker has to say about one document."""

    text: str
    document: Document
    _noted: set[Mistake] = field(default_factory=set)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """Return all remarks in the order of the text."""
        return tuple(sorted(self._noted, key=lambda mistake: (mistake.line, mistake.column, mistake.message)))

    def note(self, mark: Mark, message: str, *, warning: bool = False) -> None:
        """Add a remark; the same one twice counts once."""
        self._noted.add(Mistake(mark.line, mark.column, message, warning))

    def mark_in(self, path: Path, text: str, offset: int) -> Mark:
        """Return where the text at the path has the character at the offset; a block text is looked for by its line."""
        if path in self.document.text_marks:
            return self.document.mark_in(path, offset)
        mark = self.document.mark(path)
        begin = text.rfind("\n", 0, offset) + 1
        line = text[begin:].partition("\n")[0]
        for number, source in enumerate(self.text.splitlines()[mark.line :], mark.line + 1):
            if source.strip() == line.strip() and line.strip():
                return Mark(number, source.index(line.strip()) + 1 + offset - begin)
        return mark


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
            value = value[key]  # type: ignore[index]
        return value

    def wrong(self, message: str) -> None:
        """Note a mistake in the value."""
        self.remarks.note(self.mark, message)

    def wrong_key(self, message: str) -> None:
        """Note a mistake in the key."""
        self.remarks.note(self.remarks.document.key_mark(self.path), message)

    def doubtful(self, message: str) -> None:
        """Note a warning about the value."""
        self.remarks.note(self.mark, message, warning=True)

    def wrong_in(self, text: str, offset: int, message: str, *, warning: bool = False) -> None:
        """Note something about one character of the text that stands here."""
        self.remarks.note(self.remarks.mark_in(self.path, text, offset), message, warning=warning)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean `x`?`` for the known word that is nearest, or nothing when none is near."""
    near = get_close_matches(word, known, n=1) if len(word) <= _LONGEST_WORD else []
    return f"; did you mean `{near[0]}`?" if near else ""
