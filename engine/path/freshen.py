"""Make a delivery that was sent before a new one: with another id of its event, else it would be a duplicate."""

import re
from secrets import choice

from engine.authentication.request import Inbound
from engine.definitions.connector import Connector
from engine.errors import Rejected

#: The parts of an id that tell two apart.
_WORD = re.compile(r"[A-Za-z0-9_-]{4,}")

#: So few digits in an id are changed without a danger to meet it again, only if its letters are changed too.
_FEW_DIGITS = 6

#: What a JSON text may end with: with so much of it, no two bodies have the same hash.
_BLANKS, _MANY = b" \t\n", 32


def freshen(connector: Connector, request: Inbound) -> Inbound:
    """Return the request with another event id, as far as the connector says where it has one; not signed yet."""
    key = _key(connector, request)
    if key is None:
        return request
    for word in [key, *reversed(_WORD.findall(key))]:
        changed = _respelled(request, word)
        if changed != request and _key(connector, changed) not in {key, None}:
            return changed
    blanks = bytes(choice(_BLANKS) for _ in range(_MANY))
    return request._replace(body=request.body + blanks) if request.body.endswith((b"}", b"]", b"\n")) else request


def _key(connector: Connector, request: Inbound) -> str | None:
    try:
        drafts = connector.events(request, connector.read(request))
    except Rejected:
        return None
    return drafts[0].key if drafts else None


def _respelled(request: Inbound, word: str) -> Inbound:
    other = "".join(map(_letter if sum(map(str.isdigit, word)) < _FEW_DIGITS else _digit, word))
    headers = {
        name: tuple(other if value == word else value for value in values) for name, values in request.headers.items()
    }
    return request._replace(headers=headers, body=request.body.replace(word.encode(), other.encode()))


def _letter(old: str) -> str:
    return choice("abcdef") if old in "abcdef" else _digit(old)


def _digit(old: str) -> str:
    """Return another digit for a digit; no number begins with nought."""
    return choice("123456789") if old.isascii() and old.isdigit() else old
