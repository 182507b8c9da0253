"""Patterns that cannot hang: RE2 runs in linear time, whoever wrote the pattern and the text."""

import re
from functools import lru_cache
from typing import Final, Protocol

from engine.lazy import load

_MAX_PATTERN: Final = 1_000
_WILDCARDS: Final = {"*": ".*", "?": "."}


class Pattern(Protocol):
    """A compiled pattern."""

    #: How many instructions RE2 made of it: each may look at each byte of a text.
    programsize: int

    def search(self, text: bytes) -> object | None:
        """Return where the pattern is found, or None."""
        ...


@lru_cache(maxsize=128)
def compile_pattern(pattern: str) -> Pattern:
    """Compile a regular expression in RE2's syntax, which has no backreferences and no lookaround.

    Raises:
        ValueError: RE2 does not take it.
    """
    if len(pattern) > _MAX_PATTERN:
        raise ValueError(f"a pattern has at most {_MAX_PATTERN:,} characters")
    compiled: Pattern = load("engine.language.linear:compile_linear")(pattern)
    return compiled


@lru_cache(maxsize=128)
def compile_glob(pattern: str) -> Pattern:
    """Compile a glob, in which ``*`` stands for any characters and ``?`` for one.

    Raises:
        ValueError: the glob is too long.
    """
    parts = (_WILDCARDS.get(part[0]) or re.escape(part) for part in re.findall(r"\*+|\?|[^*?]+", pattern))
    return compile_pattern(rf"(?s)\A{''.join(parts)}\z")


def pattern_found(pattern: str, text: str) -> bool:
    """Say whether the regular expression is found anywhere in the text.

    Raises:
        ValueError: RE2 does not take the pattern.
    """
    return compile_pattern(pattern).search(text.encode()) is not None
