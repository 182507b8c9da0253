"""Where the holes of a template's text are."""

import re
from dataclasses import dataclass
from typing import Final

from engine.errors import ExpressionError
from engine.language.blink import from_blink
from engine.language.source import MAX_LENGTH, QUOTED

_OPENING: Final = re.compile(r"\$?\$\{\{")
_IN_HOLE: Final = re.compile(rf"{QUOTED}|[{{}}]", re.DOTALL)
#: An expression of full length, with some space around it.
_LONGEST_HOLE: Final = MAX_LENGTH + 100
#: Blink's holes, by the names that they begin with; other text in double braces is somebody else's and stays.
_BLINK: Final = re.compile(
    r"(?<!\$)\{\{\s{0,9}((?:[!(]\s{0,9}){0,9}(?:len\s{0,9}\(\s{0,9})?"
    r"(?:event|steps|inputs|vars|variables|workflow|metadata)\b[^{}]{0,200}?)\s{0,9}\}\}"
)


@dataclass(frozen=True, slots=True)
class Hole:
    """The expression in a ``${{ }}``."""

    text: str
    #: Offset of the expression within the template's text.
    column: int


def split_holes(text: str) -> list[str | Hole]:
    """Split a text into what stands in it as it is and its holes; ``$${{`` stands for a literal ``${{``.

    Raises:
        ExpressionError: a hole has no end, or is written as Blink does.
    """
    _refuse_blink(text)
    parts: list[str | Hole] = []
    at = 0
    while opening := _OPENING.search(text, at):
        end = _end_of(text, opening)
        part = "${{" if _is_literal(opening) else _hole(text, opening.end(), end)
        parts += [text[at : opening.start()], part]
        at = end if _is_literal(opening) else end + len("}}")
    return [part for part in (*parts, text[at:]) if part]


def _refuse_blink(text: str) -> None:
    found = _BLINK.search(text)
    if found:
        written = re.sub(r"^variables\b", "vars", from_blink(found[1]))
        raise ExpressionError(f"`{found[0]}` is Blink's: write ${{{{ {written} }}}}", found.start())


def _end_of(text: str, opening: re.Match[str]) -> int:
    """Return where the hole's ``}}`` is: not within a quoted text, nor within a mapping's own braces."""
    if _is_literal(opening):
        return opening.end()
    depth = 0
    for found in _IN_HOLE.finditer(text, opening.end(), opening.end() + _LONGEST_HOLE):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}" and depth:
            depth -= 1
        elif found[0] == "}" and text.startswith("}}", found.start()):
            return found.start()
    raise ExpressionError(f"the hole that begins here has no `}}}}` within {MAX_LENGTH:,} characters", opening.start())


def _is_literal(opening: re.Match[str]) -> bool:
    return opening[0].startswith("$$")


def _hole(text: str, start: int, end: int) -> Hole:
    inner = text[start:end]
    return Hole(inner.strip(), start + len(inner) - len(inner.lstrip()))
