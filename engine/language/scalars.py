"""What an unquoted YAML scalar means.

The JSON schema of YAML 1.2, with the core schema's spellings of null, true and false. Whatever is none of these is
text: ``on``, ``12:30``, ``0755``, ``1_000``, ``2026-11-21``.

Source: https://yaml.org/spec/1.2.2/#chapter-10-recommended-schemas
"""

import math
import re
from typing import Final

_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
#: More digits than any number of use has; Python refuses to read 4,300 of them.
_MOST_DIGITS: Final = 300


def read_scalar(text: str) -> bool | int | float | str | None:
    """Return the value of an unquoted scalar.

    Raises:
        ValueError: it is a number that cannot be kept.
    """
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"the number has more than {_MOST_DIGITS} digits: quote it if it is text")
    value = int(text) if _WHOLE.fullmatch(text) else float(text)
    if not math.isfinite(value):
        raise ValueError("the number is too large: quote it if it is text")
    return value
