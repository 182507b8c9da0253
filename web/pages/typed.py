"""What people type into forms: whether it can be kept, and what of it somebody else changed in the meantime."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine import json_bytes

#: The hidden field of a form that says what it showed at first.
BEFORE = "before"

Values = Mapping[str, str]


def said_of(text: str, longest: int) -> str | None:
    """Return why a text cannot be kept, as a sentence; None where it can."""
    if "\0" in text:
        return "This holds a NUL character, which cannot be kept: take it out."
    if len(text) > longest:
        return f"This is {len(text)} characters long; at most {longest} can be kept."
    return None


@dataclass(frozen=True, slots=True)
class Edit:
    """A form that somebody filled in, against what it showed at first and what is there now."""

    before: Values
    typed: Values
    now: Values

    @property
    def changes(self) -> Values:
        """What the person changed: the rest stays as it is now, whoever set it."""
        return {name: text for name, text in self.typed.items() if text != self.before.get(name)}

    @property
    def clashes(self) -> Values:
        """What the person and somebody else changed to different things: what is there now."""
        return {
            name: self.now[name]
            for name, text in self.changes.items()
            if self.now[name] != self.before.get(name) and self.now[name] != text
        }


def edit(form: Mapping[str, str], now: Values) -> Edit:
    """Read the fields of a form; one that was not sent stays as it is."""
    try:
        before = json_bytes.parse(form.get(BEFORE, "").encode())
    except ValueError:
        before = None
    known = before if isinstance(before, dict) else dict(now)
    return Edit(known, {name: _lines(form.get(name, known.get(name, now[name]))) for name in now}, now)


def written(values: Values) -> str:
    """Return values for the hidden field."""
    return json_bytes.dump(dict(values)).decode()


def _lines(text: object) -> str:
    """Return text with line breaks as we write them: browsers send two characters for each."""
    return str(text).replace("\r\n", "\n")
