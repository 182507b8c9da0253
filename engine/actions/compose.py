"""Compose an HTTP request from what authors write: ``url headers query`` and one of ``json form body``."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from pyreqwest.http import Url

from engine import json_bytes
from engine.actions.exchange import SAFE_METHODS, Request
from engine.actions.url import read_url
from engine.errors import ActionFailed

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
#: Headers that frame the message or belong to the connection: an author's own could smuggle a second request.
_NOT_THE_AUTHORS = frozenset(
    {"connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection"}
    | {"te", "trailer", "transfer-encoding", "upgrade"}
)


def compose(method: str, parts: Mapping[str, object], key: str) -> Request:
    """Return the request; it carries the key wherever a repetition would change something, unless the author set one.

    Raises:
        ActionFailed: ``invalid``: a URL or header that cannot be sent, two bodies, text that is no Unicode.
    """
    try:
        body, headers = _content(parts)
        headers |= dict(_headers(parts))
        if method not in SAFE_METHODS:
            headers.setdefault("idempotency-key", key)
        return Request(method, _url(parts), headers, body)
    except ValueError as error:
        raise ActionFailed("invalid", "the request holds half of a surrogate pair, which is no text") from error


def can_be_set(header: str) -> bool:
    """Tell whether a request of ours can carry a header of that name."""
    return _TOKEN.fullmatch(header) is not None and header.lower() not in _NOT_THE_AUTHORS


def _url(parts: Mapping[str, object]) -> Url:
    url = read_url(str(parts["url"]))
    query = list(_pairs(parts, "query"))
    return url.extend_query(query) if query else url


def _content(parts: Mapping[str, object]) -> tuple[bytes | None, dict[str, str]]:
    given = [name for name in ("json", "form", "body") if name in parts]
    if len(given) > 1:
        raise ActionFailed("invalid", f"a request has one body: {' or '.join(given)}")
    match given:
        case ["json"]:
            return json_bytes.dump(parts["json"]), {"content-type": "application/json"}
        case ["form"]:
            form = urlencode(list(_pairs(parts, "form"))).encode()
            return form, {"content-type": "application/x-www-form-urlencoded"}
        case ["body"]:
            return _text(parts["body"], "body").encode(), {"content-type": "text/plain; charset=utf-8"}
        case _:
            return None, {}


def _headers(parts: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in _mapping(parts, "headers").items():
        text = _text(value, f"header {name}")
        if not can_be_set(name):
            raise ActionFailed("invalid", f"{name!r} is no header that a step can set")
        if _CONTROL.search(text):
            raise ActionFailed("invalid", f"header {name} holds a line break or another control character")
        yield name.lower(), text


def _pairs(parts: Mapping[str, object], name: str) -> Iterator[tuple[str, str]]:
    for key, value in _mapping(parts, name).items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield key, _text(one, f"{name}.{key}")


def _mapping(parts: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = parts.get(name, {})
    if not isinstance(value, Mapping):
        raise ActionFailed("invalid", f"{name} must be a mapping")
    return value


def _text(value: object, where: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return json_bytes.dump(value).decode()
    raise ActionFailed("invalid", f"{where} must be text, a number or a boolean")
