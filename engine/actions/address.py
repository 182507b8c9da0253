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

#: Scheme and host stand in the manifest, so that no input can choose where credentials are sent.
_WRITTEN_OUT = re.compile(r"https?://[^/?#]+[/?#]")


@dataclass(frozen=True, slots=True)
class Address:
    """A compiled URL with holes behind its host."""

    parts: tuple[str | Expression, ...]

    def fill(self, scope: Mapping[str, object], now: datetime) -> str:
        """Return the URL with every hole's value percent-encoded, slashes and question marks too.

        Raises:
            ActionFailed: ``invalid``: a value is not there, is empty, or would climb to another folder.
        """
        url = "".join(part if isinstance(part, str) else _encoded(part, scope, now) for part in self.parts)
        if any(unquote(segment) in {".", ".."} for segment in re.split("[/?#]", url)):
            raise ActionFailed("invalid", "a value of the address is `.` or `..`, which names another folder")
        return url


def compile_address(text: str) -> Address:
    """Compile a URL in which ``${{ }}`` may stand behind the host.

    Raises:
        Invalid: the host is not written out.
        ExpressionError: a hole cannot be read.
    """
    parts = split_holes(text)
    if not (parts and isinstance(parts[0], str) and _WRITTEN_OUT.match(parts[0])):
        raise Invalid("the address must begin with its scheme, its host and a slash, written out")
    return Address(tuple(part if isinstance(part, str) else compile_expression(part.text) for part in parts))


def _encoded(expression: Expression, scope: Mapping[str, object], now: datetime) -> str:
    value = expression.evaluate(scope, now)
    if isinstance(value, Unknown):
        raise ActionFailed("invalid", value.reason)
    text = json_bytes.dump(value).decode() if isinstance(value, int | float) else value
    if not (isinstance(text, str) and text):
        raise ActionFailed("invalid", f"`{expression.text}` is no text or number that an address can hold")
    return quote(text, safe="", errors="replace")
