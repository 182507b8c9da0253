"""Where in a workflow's text somebody writes: also when the text around is not finished, so that no loader reads it."""

import re
from dataclasses import dataclass, field

from engine.language.values import Path

#: Keys whose value is an expression without ``${{ }}`` around it.
_BARE = frozenset({"if", "left", "switch", "while"})

#: Characters before the cursor in which a word or a path begins; an expression has no more.
_LONGEST = 2_000

_DASH = re.compile(r"-(?: +|$)")
_KEY = re.compile(r"""(?P<quote>["']?)(?P<key>[^\s:"'#{\[][^:"'#]*)(?P=quote):(?: +|$)""")
_WORD = re.compile(r"[\w.*-]*$")
#: A path at the end of an expression, as far as it is written: ``event.data['x-id'].fi``.
_CHAIN = re.compile(r"[A-Za-z_](?:\w|\.|\[(?:'[^']*'|\"[^\"]*\"|\d*)\])*$")
#: What counts in a value on one line: filled-in parts and texts are stepped over, and what is not closed ends it.
_TOKEN = re.compile(r"""\$\{\{.*?\}\}|\$\{\{.*$|'[^']*'?|"(?:[^"\\]|\\.)*"?|[{}\[\],:]""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cursor:
    """What is being written at one place."""

    #: The mapping that the place is in; with the key, where a value is written.
    path: Path
    #: Whether a key is written here, and not a value.
    is_key: bool
    #: What is written of an expression so far; None outside of all expressions.
    expression: str | None
    #: What is written of the present word so far.
    word: str


@dataclass(slots=True)
class _Node:
    """A mapping or a list that is open where the text has been read to."""

    column: int
    path: Path
    #: The key that was read last, or the index of the item.
    at: str | int = ""

    @property
    def below(self) -> Path:
        return (*self.path, self.at)


@dataclass(slots=True)
class _Lines:
    """Reads the lines of a block from the top, and knows which mappings and lists are open."""

    nodes: list[_Node] = field(default_factory=lambda: [_Node(0, ())])
    #: The column of the key whose text goes on below it, as ``|`` and ``>`` say; None outside of such a text.
    text_of: int | None = None

    def read(self, line: str) -> tuple[int, str, bool]:
        """Read a line's dashes and its key; return the column of what comes then, that, and whether it is a value."""
        rest = line.lstrip(" ")
        column = len(line) - len(rest)
        if self.text_of is not None and (column > self.text_of or not rest):
            return column, rest, True
        self.text_of = None
        while found := _DASH.match(rest):
            self._item(column)
            column, rest = column + found.end(), rest[found.end() :]
        if found := _KEY.match(rest):
            self.enter(column)
            self.nodes[-1].at = found["key"].strip()
            self.text_of = column if rest[found.end() :].startswith(("|", ">")) else None
            return column + found.end(), rest[found.end() :], True
        return column, rest, False

    def enter(self, column: int) -> None:
        """Go to the mapping whose keys stand in that column."""
        while len(self.nodes) > 1 and (
            self.nodes[-1].column > column or (self.nodes[-1].column == column and isinstance(self.nodes[-1].at, int))
        ):
            self.nodes.pop()
        if self.nodes[-1].column < column:
            self.nodes.append(_Node(column, self.nodes[-1].below))

    def _item(self, column: int) -> None:
        while len(self.nodes) > 1 and self.nodes[-1].column > column:
            self.nodes.pop()
        top = self.nodes[-1]
        if isinstance(top.at, int):
            top.at += 1
        else:
            self.nodes.append(_Node(column, top.below, 0))


def find(text: str, line: int, column: int) -> Cursor | None:
    """Return what is being written, None where nothing is known of it; line and column count from 1."""
    *above, present = text.split("\n")[: max(line, 1)]
    lines, before = _Lines(), present[: max(column - 1, 0)]
    for row in above:
        if row.strip() and not (row.lstrip().startswith("#") and lines.text_of is None):
            lines.read(row)
    start, rest, is_value = lines.read(before)
    if before.endswith(":") and not rest:
        return None  # a value begins after a space
    if is_value or rest[:1] in {"{", "[", '"', "'", "$"}:
        return _value(lines.nodes[-1].below, rest)
    word = _word(rest)
    lines.enter(start)
    return Cursor(lines.nodes[-1].path, is_key=True, expression=None, word=word) if word == rest else None


def chain(expression: str) -> str | None:
    """Return the path that an expression ends in, as far as it is written; None within a text."""
    expression = expression[-_LONGEST:]
    outside = re.sub(r"'[^']*'|\"[^\"]*\"", "", expression)
    if "'" in outside or '"' in outside:
        return None
    found = _CHAIN.search(expression)
    return found[0] if found else ""


def _value(path: Path, text: str) -> Cursor:
    """Return the cursor at the end of a value, which may be a mapping or a list on one line."""
    nodes: list[_Node] = []
    begin = 0
    for token in _TOKEN.finditer(text):
        opens = not text[begin : token.start()].strip()
        if token[0] in {"{", "["} and opens:
            nodes.append(_Node(0, nodes[-1].below if nodes else path, "" if token[0] == "{" else 0))
        elif token[0] not in {",", "}", "]", ":"} or not nodes or not _goes_on(nodes, token[0]):
            continue
        elif token[0] == ":":
            nodes[-1].at = text[begin : token.start()].strip(" \"'")
        begin = token.end()
    rest = text[begin:]
    if nodes and nodes[-1].at == "":
        return Cursor(nodes[-1].path, is_key=True, expression=None, word=_word(rest))
    below = nodes[-1].below if nodes else path
    return Cursor(below, is_key=False, expression=_expression(rest, below), word=_word(rest))


def _goes_on(nodes: list[_Node], sign: str) -> bool:
    """Leave a mapping or list, or go to what comes next in it; tell whether the sign meant something there."""
    top = nodes[-1]
    if sign == ":":
        return top.at == ""
    if sign == ",":
        top.at = top.at + 1 if isinstance(top.at, int) else ""
    else:
        nodes.pop()
    return True


def _expression(text: str, path: Path) -> str | None:
    """Return what is written of the expression that the text ends in; None where it ends in none."""
    begin = text.rfind("${{")
    if begin >= 0:
        return None if "}}" in text[begin:] else text[begin + 3 :]
    return text.lstrip(" \"'") if path and path[-1] in _BARE else None


def _word(text: str) -> str:
    found = _WORD.search(text[-_LONGEST:])
    return found[0] if found else ""
