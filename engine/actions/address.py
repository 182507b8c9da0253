"""Addresses of declared actions: data fills gaps in them, and cannot become part of their structure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote

from engine import json_bytes
from engine.errors import ActionFailed, Invalid
from engine.language.expression import Expression, compile_expression
from engine.language.holes import split_holes
from engine.language.values import Unknown

#: Scheme and host stand in the manifest or in the connection, so that no input can choose where credentials are sent.
_WRITTEN_OUT = re.compile(r"https?://[^/?#]+[/?#]")


@dataclass(frozen=True, slots=True)
class Address:
    """A compiled URL with holes behind its host."""

    parts: tuple[str | Expression, ...]
    #: Whether it stands below a base URL that is given later.
    relative: bool

    def fill(self, scope: Mapping[str, object], now: datetime, base: str = "") -> str:
        """Return the URL with every hole's value percent-encoded, slashes and question marks too.

        Raises:
            ActionFailed: ``invalid``: a value is not there, is empty, or would climb to another folder.
        """
        url = "".join(part if isinstance(part, str) else _encoded(part, scope, now) for part in self.parts)
        if any(unquote(segment) in {".", ".."} for segment in re.split("[/?#]", url)):
            raise ActionFailed("invalid", "a value of the address is `.` or `..`, which names another folder")
        return base.rstrip("/") + url if self.relative else url


def compile_address(text: str) -> Address:
    """Compile a URL in which ``${{ }}`` may stand behind the host; one that begins with a slash has none of its own.

    Raises:
        Invalid: the host is neither written out nor left to the connection.
        ExpressionError: a hole cannot be read.
    """
    parts = split_holes(text)
    start = parts[0] if parts and isinstance(parts[0], str) else ""
    relative = start.startswith("/") and not start.startswith("//")
    if not (relative or _WRITTEN_OUT.match(start)):
        raise Invalid("the address must begin with its scheme, its host and a slash, written out, or with a slash")
    compiled = tuple(part if isinstance(part, str) else compile_expression(part.text) for part in parts)
    return Address(compiled, relative)


def _encoded(expression: Expression, scope: Mapping[str, object], now: datetime) -> str:
    value = expression.evaluate(scope, now)
    if isinstance(value, Unknown):
        raise ActionFailed("invalid", value.reason)
    text = json_bytes.dump(value).decode() if isinstance(value, int | float) else value
    if not (isinstance(text, str) and text):
        raise ActionFailed("invalid", f"`{expression.text}` is no text or number that an address can hold")
    return quote(text, safe="", errors="replace")
