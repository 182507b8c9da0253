"""The right side of a condition's row as people write it in a field, and as the language takes it.

What a field means depends on the operator and on the kind of what stands on the left: in a field of texts ``5`` is a
text. What cannot be written so is one hole, ``${{ ... }}``, with the value as the language writes it.
"""

import json
import re
from math import isfinite
from typing import Final

from engine.language.operators import Right
from engine.language.rows import literal_text
from engine.language.values import Kind

_HOLE: Final = re.compile(r"\s*\$\{\{.*\}\}\s*", re.DOTALL)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?")
_WORDS: Final = {"true": True, "false": False, "null": None}
#: One item of a list, in double quotes or without, and the comma after it.
_ITEM: Final = re.compile(r'\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")\s*|(?P<bare>[^,]*))(?:,|\Z)')
#: What a field of a page does not give back as it was.
_LOST: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

_TRIMMED: Final = frozenset({Right.KIND, Right.TIME, Right.LENGTH})
_NUMBERS: Final = frozenset({Right.NUMBER, Right.COUNT})
_TEXT_KINDS: Final = frozenset({Kind.TEXT, Kind.TIME})


def read_value(typed: str, right: Right, kind: Kind | None) -> object:
    """Return what was typed as a value, or as it is where it is none: the operator says then what it takes.

    kind: of what the value is compared with: the left side, or its items; None where nobody knows.
    """
    if right in _TRIMMED or _HOLE.fullmatch(typed):
        return typed.strip()
    if right in _NUMBERS or (right is Right.VALUE and kind is Kind.NUMBER):
        number = _number(typed)
        return typed if number is None else number
    if right is Right.NETWORKS:
        return _networks(typed)
    if right is Right.LIST:
        return _items(typed, kind) if typed.strip() else typed
    return typed if right is Right.TEXT or kind in _TEXT_KINDS else _literal(typed)


def write_value(value: object, right: Right, kind: Kind | None) -> str:
    """Return the text that :func:`read_value` reads as the value, and takes for no mistake."""
    text = None if mismatch(value, right, kind) else _plain(value, right)
    if text is not None and not _LOST.search(text) and _same(read_value(text, right, kind), value):
        return text
    return str(value) if is_hole(value) else f"${{{{ {literal_text(value)} }}}}"


def mismatch(value: object, right: Right, kind: Kind | None) -> str | None:
    """Say what is wrong with a value that its operator takes, and that can never equal what is compared with it."""
    if right is not Right.VALUE or is_hole(value) or value is None:
        return None
    if kind is Kind.NUMBER and (isinstance(value, bool) or not isinstance(value, int | float)):
        return "here are numbers: write one, as in 7 or 9.5"
    if kind is Kind.BOOLEAN and not isinstance(value, bool):
        return "here is true or false: write one of them"
    return None


def is_hole(value: object) -> bool:
    """Say whether a value is one expression, and not what it is written as."""
    return isinstance(value, str) and _HOLE.fullmatch(value) is not None


def _plain(value: object, right: Right) -> str | None:
    """Return the plainest text for a value, None where there is none."""
    if isinstance(value, list):
        trailing = "," if right is Right.NETWORKS and len(value) == 1 else ""
        return None if any(isinstance(item, list) for item in value) else ", ".join(map(_item, value)) + trailing
    if isinstance(value, str):
        return value if right is not Right.VALUE or _literal(value) == value else json.dumps(value, ensure_ascii=False)
    return _word(value)


def _item(value: object) -> str:
    if not isinstance(value, str):
        return _word(value)
    bare = value and value == value.strip() and "," not in value and not value.startswith('"')
    return value if bare and _literal(value) == value else json.dumps(value, ensure_ascii=False)


def _word(value: object) -> str:
    """Return a number, true, false or null as it is typed."""
    return next((word for word, meant in _WORDS.items() if meant is value), repr(value))


def _same(read: object, value: object) -> bool:
    """Say whether two values are one, and of one type within too: 1 is no 1.0, and true no 1."""
    return repr(read) == repr(value)


def _number(typed: str) -> float | None:
    text = typed.strip()
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text) if set(text) & set(".eE") else int(text)
    return number if isfinite(number) else None


def _literal(typed: str) -> object:
    """Return a number, true, false, null or a text in double quotes as what it says, and any other text as it is."""
    text = typed.strip()
    number = _number(text)
    if number is not None:
        return number
    return _unquoted(typed) if text not in _WORDS else _WORDS[text]


def _unquoted(typed: str) -> str:
    """Return the text within double quotes, or what was typed where there are none."""
    try:
        value = json.loads(typed) if typed.strip().startswith('"') else typed
    except ValueError:
        return typed
    return value if isinstance(value, str) else typed


def _networks(typed: str) -> object:
    """Return one network, or a list where there are commas."""
    return _items(typed, Kind.TEXT) if "," in typed else typed.strip()


def _items(typed: str, kind: Kind | None) -> list[object]:
    found: list[object] = []
    for match in _ITEM.finditer(typed):
        bare = (match["bare"] or "").strip()
        if match["quoted"]:
            found.append(_unquoted(match["quoted"]))
        elif bare:
            found.append(bare if kind in _TEXT_KINDS else _literal(bare))
    return found
