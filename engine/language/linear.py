"""RE2 itself: imported when the first pattern is compiled."""

from typing import Final

import re2

#: Bytes that one compiled pattern may take.
_MAX_MEMORY: Final = 1 << 19


def compile_linear(pattern: str) -> object:
    """Return what RE2 makes of a pattern.

    Raises:
        ValueError: it does not take it.
    """
    options = re2.Options()
    options.log_errors, options.never_capture, options.max_mem = False, True, _MAX_MEMORY
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        raise ValueError(f"the pattern {pattern!r} cannot be read: {error.args[0].decode(errors='replace')}") from error
