"""Make a delivery that was sent before a new one: with another id of its event, else it would be a duplicate."""

import re
from secrets import choice

from engine.authentication.request import Inbound
from engine.definitions.connector import Connector
from engine.definitions.drafts import EventDraft
from engine.errors import Rejected

#: The parts of an id that tell two apart.
_WORD = re.compile(r"[A-Za-z0-9_-]{4,}")

#: So few digits in an id are changed without a danger to meet it again, only if its letters are changed too.
_FEW_DIGITS = 6

#: What a JSON text may end with: with so much of it, no two bodies have the same hash.
_BLANKS, _MANY = b" \t\n", 32


def freshen(connector: Connector, request: Inbound) -> Inbound:
    """Return the request with another event id, as far as the connector says where it has one; not signed yet.

    A part of the id that is the event's type or time is changed only where nothing else tells events apart.
    """
    draft = _draft(connector, request)
    if draft is None or draft.key is None:
        return request
    changed = [_respelled(request, word) for word in [draft.key, *reversed(_WORD.findall(draft.key))]]
    others = [(one, other) for one in changed if one != request and (other := _draft(connector, one))]
    fresh = [(one, other) for one, other in others if other.key not in {draft.key, None}]
    if fresh:
        alike = (one for one, other in fresh if (other.type, other.time) == (draft.type, draft.time))
        return next(alike, fresh[0][0])
    blanks = bytes(choice(_BLANKS) for _ in range(_MANY))
    return request._replace(body=request.body + blanks) if request.body.endswith((b"}", b"]", b"\n")) else request


def _draft(connector: Connector, request: Inbound) -> EventDraft | None:
    try:
        drafts = connector.events(request, connector.read(request))
    except Rejected:
        return None
    return drafts[0] if drafts else None


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
