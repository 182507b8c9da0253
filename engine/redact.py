"""Keep secrets out of what is stored, logged and shown."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, quote

#: What stands where a secret was.
REDACTED = "[redacted]"

#: Header names (lower case) whose values are credentials whoever the vendor is.
SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "blink-api-key"}
)
_SECRET_NAME = re.compile(r"(?i)(^|[-_.])(api[-_]?key|apikey|token|secret|password|passwd|auth|credential)s?($|[-_.])")


def redact_headers(headers: Mapping[str, tuple[str, ...]], secret: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    """Return the headers with credentials replaced.

    headers: names in lower case; secret: further names, in lower case, that the trigger's proof reads a key from.
    """
    hidden = frozenset(secret)
    return {
        name: (REDACTED,) * len(values) if name in hidden or _names_a_secret(name) else values
        for name, values in headers.items()
    }


def redact_query(query: str, secret: Iterable[str] = ()) -> str:
    """Return the query string with the values of keys, tokens and the named parameters replaced."""
    hidden = {"key", *secret}
    return "&".join(
        f"{quote(name)}={REDACTED if name in hidden or _names_a_secret(name) else quote(value)}"
        for name, value in parse_qsl(query, keep_blank_values=True)
    )


def redact_text(text: str, secrets: Iterable[str]) -> str:
    """Return the text without any of the given secret values, longest first; values under 4 characters stay."""
    for value in sorted({value for value in secrets if len(value) >= 4}, key=len, reverse=True):
        text = text.replace(value, REDACTED)
    return text


@lru_cache(maxsize=4096)
def _names_a_secret(name: str) -> bool:
    """Return whether a header or parameter of that name holds a credential; senders use the same few names."""
    return name in SECRET_HEADERS or _SECRET_NAME.search(name) is not None
