"""Keep secrets out of what is stored, logged and shown."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from html import escape
from string import punctuation
from urllib.parse import quote, quote_plus, unquote_plus

from engine import json_bytes

#: Shorter values are not looked for: they stand in too much that is no secret.
SHORTEST = 4

#: What stands where a secret was.
REDACTED = "[redacted]"

#: Header names (lower case) whose values are credentials whoever the vendor is.
SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "blink-api-key"}
)
#: The words before a credential that say what it is; anything else that stands first may be the credential itself.
_HTTP_SCHEMES = frozenset({"basic", "bearer", "digest", "token"})
_SECRET_NAME = re.compile(r"(?i)(^|[-_.])(api[-_]?key|apikey|token|secret|password|passwd|auth|credential)s?($|[-_.])")

_PERCENT = re.compile("%[0-9A-F]{2}")


def redact_headers(headers: Mapping[str, tuple[str, ...]], secret: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    """Return the headers with credentials replaced; the word of HTTP before one, such as ``Bearer``, stays.

    headers: names in lower case; secret: further names, in lower case, that the trigger's proof reads a key from.
    """
    hidden = frozenset(secret)
    return {
        name: tuple(map(_hidden, values)) if name in hidden or _names_a_secret(name) else values
        for name, values in headers.items()
    }


def redact_query(query: str, secret: Iterable[str] = ()) -> str:
    """Return the query string with the values of keys, tokens and the named parameters replaced.

    The rest stays as it was sent, since it may be signed; but for bytes that no query may hold, which are escaped.
    """
    hidden = {"key", *secret}
    parts = [quote(part, safe=punctuation) for part in query.split("&")]
    return "&".join(_hidden_field(part) if _holds_a_secret(part, hidden) else part for part in parts)


def _hidden(value: str) -> str:
    word, space, _ = value.partition(" ")
    return f"{word} {REDACTED}" if space and word.lower() in _HTTP_SCHEMES else REDACTED


def _holds_a_secret(part: str, hidden: AbstractSet[str]) -> bool:
    name = unquote_plus(part.partition("=")[0], "latin-1")
    return name in hidden or _names_a_secret(name)


def _hidden_field(part: str) -> str:
    return f"{part.partition('=')[0]}={REDACTED}"


def redact_text(text: str, secrets: Iterable[str]) -> str:
    """Return the text without any of the given secret values, longest first; those under 4 characters stay."""
    for value in _searched(secrets):
        text = text.replace(value, REDACTED)
    return text


def forms(value: str) -> Iterator[str]:
    """Return how a secret can be written: as it is, in addresses, forms, HTML and JSON, and in base64."""
    yield value
    for written in (quote(value, safe=""), quote_plus(value)):
        yield written
        yield _PERCENT.sub(lambda code: code[0].lower(), written)
    in_html = escape(value, quote=False)
    for double, single in (('"', "'"), ("&quot;", "'"), ("&quot;", "&#x27;"), ("&quot;", "&#39;"), ("&#34;", "&#39;")):
        yield in_html.replace('"', double).replace("'", single)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    if len(value) >= SHORTEST:
        yield b64encode(value.encode()).decode().rstrip("=")
        yield urlsafe_b64encode(value.encode()).decode().rstrip("=")


def redact_value(value: object, secrets: Iterable[str]) -> object:
    """Return a value that is ready for JSON without any of the secrets in its texts, keys and numbers.

    Most hold none: that is found out in one pass over the value as JSON, where each character stands for itself.
    """
    wanted = _searched(secrets)
    if not wanted:
        return value
    written = json_bytes.dump(value)
    found = [secret for secret in wanted if any(form in written for form in _as_json(secret))]
    return _without(value, found) if found else value


def _as_json(secret: str) -> tuple[bytes, bytes]:
    """Return the two ways in which :func:`engine.json_bytes.dump` writes a text: the slower one takes ASCII alone."""
    return json_bytes.dump(secret)[1:-1], json.dumps(secret)[1:-1].encode()


def _searched(secrets: Iterable[str]) -> list[str]:
    """Return what is looked for: a longer value first, which may hold a shorter one."""
    return sorted({value for value in secrets if len(value) >= SHORTEST}, key=len, reverse=True)


def _without(value: object, secrets: list[str]) -> object:
    if isinstance(value, str):
        return redact_text(value, secrets)
    if isinstance(value, Mapping):
        return {redact_text(str(name), secrets): _without(each, secrets) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without(each, secrets) for each in value]
    if isinstance(value, int | float) and redact_text(str(value), secrets) != str(value):
        return REDACTED
    return value


@lru_cache(maxsize=4096)
def _names_a_secret(name: str) -> bool:
    """Return whether a header or parameter of that name holds a credential; senders use the same few names."""
    return name in SECRET_HEADERS or _SECRET_NAME.search(name) is not None
