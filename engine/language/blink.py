"""The words and signs of Blink's expressions, as Wink writes them: for the importer, and for the compiler's advice.

Source: https://docs.blinkops.com/docs/workflows/building-workflows/dynamic-variables/expression-language/workflow-engine-operators
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.language.source import QUOTED

_QUOTED: Final = re.compile(f"({QUOTED})", re.DOTALL)
_PIECE: Final = re.compile(rf"{QUOTED}|\?[.?]|[()\[\],?:]|[^'\"()\[\],?:]+|.", re.DOTALL)
_WORDS: Final[Mapping[str, str]] = {
    r"(?<![\w.])event\.payload\b": "event.data",
    r"(?<![\w.])metadata\.execution_id\b": "run.id",
    r"(?<![\w.])metadata\.start_time\b": "run.started_at",
    r"(?<![\w.])metadata\.automation_name\b": "workflow.title",
    r"&&": " and ",
    r"\|\|": " or ",
    r"!(?!=)": " not ",
    r"(?<![\w.])nil\b": "null",
    r"(?<![\w.])len(?=\s*\()": "length",
}


def from_blink(expression: str) -> str:
    """Return an expression with what Blink has other words and signs for; what Wink has no words for stays."""
    parts = _QUOTED.split(expression)
    mapped = "".join(part if at % 2 else _map_words(part) for at, part in enumerate(parts)).strip()
    return mapped if "{" in mapped else _map_choices(iter(_PIECE.findall(mapped)))


def _map_words(code: str) -> str:
    for pattern, word in _WORDS.items():
        code = re.sub(pattern, word, code)
    return re.sub(r"\s+", " ", code)


def _map_choices(pieces: Iterator[str]) -> str:
    """Write each ``c ? x : y`` up to the closing bracket as ``x if c else y``."""
    parts: list[list[str]] = [[]]
    closing = ""
    for piece in pieces:
        if piece in {")", "]"}:
            closing = piece
            break
        if piece == ",":
            parts.append([])
        else:
            parts[-1].append(piece + _map_choices(pieces) if piece in {"(", "["} else piece)
    return ",".join(map(_choice, parts)) + closing


def _choice(pieces: Sequence[str]) -> str:
    asked = pieces.index("?") if "?" in pieces else len(pieces)
    depth = 0
    for at in range(asked + 1, len(pieces)):
        depth += (pieces[at] == "?") - (pieces[at] == ":")
        if depth < 0:
            inner = pieces[asked + 1 : at]
            chosen = f"({_choice(inner)})" if "?" in inner else "".join(inner).strip()
            return f"{chosen} if {''.join(pieces[:asked]).strip()} else {_choice(pieces[at + 1 :]).strip()}"
    return "".join(pieces)
