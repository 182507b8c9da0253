"""What to say when YAML cannot be read at all: the parser's finding, where it is, and what to write."""

import re
from collections.abc import Mapping
from typing import Final

import yaml

from engine.errors import Mistake, Mistakes

MAX_BYTES: Final = 1 << 20

_STRANGE_BREAK: Final = re.compile("[\x85\u2028\u2029]")

#: Words of the parser, each with the cause that it nearly always has.
_CAUSES: Final[Mapping[str, str]] = {
    "mapping values are not allowed": "put quotes around a text that holds `: `, or check the indentation",
    "cannot start any token": "put quotes around a text that begins with @, % or `, and indent with spaces, not tabs",
    "did not find expected key": "check the indentation, and that quotes and brackets are closed",
    "did not find expected '-' indicator": "check the indentation of the list",
    "did not find expected node content": "a value or the closing bracket is missing",
    "did not find expected ',' or": "a comma or the closing bracket is missing",
    "could not find expected ':'": "a `:` is missing after a key, or the line is not indented enough",
    "unexpected end of stream": "a quote or a bracket is not closed",
    "unknown escape character": "write a backslash twice within double quotes, or use single quotes",
    "block sequence entries are not allowed": "put the list on the line below its key",
}

_BARE_HOLE: Final = 'within { } and [ ], put quotes around what holds `${{ }}`, as in `{message: "${{ event.id }}"}`'


def check_bytes(text: str | bytes) -> str:
    """Return the text of a file.

    Raises:
        Mistakes: it is longer than 1 MiB, no UTF-8, or holds line breaks that YAML 1.1 and 1.2 read differently.
    """
    try:
        encoded = text.encode() if isinstance(text, str) else text
        source = encoded.decode()
    except (UnicodeEncodeError, UnicodeDecodeError) as error:
        raise Mistakes([Mistake(1, 1, f"the file is not UTF-8: {error.reason} at offset {error.start}")]) from error
    if len(encoded) > MAX_BYTES:
        raise Mistakes([Mistake(1, 1, f"the file has {len(encoded):,} bytes: at most 1 MiB is read")])
    strange = _STRANGE_BREAK.search(source)
    if strange:
        advice = f"write \\u{ord(strange[0]):04x} within double quotes"
        raise Mistakes([_mistake_at(source, strange.start(), f"a line break that YAML 1.2 does not know: {advice}")])
    return source


def describe_error(error: yaml.YAMLError, source: str) -> Mistake:
    """Return the mistake that the parser stopped at."""
    if isinstance(error, yaml.reader.ReaderError):
        character = chr(error.character)
        message = f"{character!r} cannot stand in YAML: write it as an escape within double quotes"
        return _mistake_at(source, source.find(character), message)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or "the YAML cannot be read")
    cause = next((cause for words, cause in _CAUSES.items() if words in problem), "")
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if "".join(source.splitlines()[line - 1 : line])[: column + 1].endswith("${{"):
        return Mistake(line, column - 1, _BARE_HOLE)
    return Mistake(line, column, f"{problem}: {cause}" if cause else problem)


def _mistake_at(source: str, offset: int, message: str) -> Mistake:
    before = source[: max(offset, 0)]
    return Mistake(before.count("\n") + 1, len(before) - before.rfind("\n"), message)
