"""Access tokens for OAuth 2 client credentials, kept in memory until shortly before they end.

Source: https://www.rfc-editor.org/rfc/rfc6749#section-4.4
"""

import asyncio
import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote_plus, urlencode

from engine.actions.action import Call
from engine.actions.answer import failure_of, output_of
from engine.actions.client import HttpClient
from engine.actions.exchange import Request
from engine.actions.response import Response
from engine.actions.schemes import IN_BODY
from engine.actions.url import read_url
from engine.errors import ActionFailed
from engine.redact import forms
from engine.store.connections import OpenConnection

#: How long a token counts that does not say how long it does.
UNTOLD = timedelta(minutes=5)

#: How long before its end a token counts no more, at most: it has to last for the call.
MARGIN = timedelta(minutes=1)

#: Error codes of RFC 6749 section 5.2 and of its extensions; other text of a token endpoint could be an echo.
_CODE = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    #: The connection that it was given for: one that was set anew gets a new one.
    connection: OpenConnection
    ends_at: datetime


class Tokens:
    """The tokens of one event loop's connections."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._kept: dict[str, _Token] = {}
        #: One call asks for a token, and those beside it wait for that one.
        self._asking: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, connection: OpenConnection, call: Call, *, refused: str | None = None) -> str:
        """Return a token for the connection, one that is kept or a new one, and add it to ``call.hidden``.

        refused: a token that the service did not take, in place of which another is wanted.

        Raises:
            ActionFailed: the token endpoint gave none, with the kind that its answer has.
        """
        async with self._asking[connection.name]:
            kept = self._kept.get(connection.name)
            usable = kept is not None and kept.connection == connection and call.now < kept.ends_at
            if kept is None or not usable or kept.text == refused:
                kept = self._kept[connection.name] = await self._ask(connection, call)
        call.hidden.update(forms(kept.text))
        return kept.text

    async def _ask(self, connection: OpenConnection, call: Call) -> _Token:
        request = _request(connection.values)
        call.hidden.add(request.headers.get("authorization", "").removeprefix("Basic "))
        response = await self._client.send(request, within=call.within)
        answer = _fields(response)
        text = answer.get("access_token")
        if response.status != 200:
            raise _refusal(request, response, answer, call.now)
        if not (isinstance(text, str) and text and text.isascii() and text.isprintable()):
            raise ActionFailed("failed", f"{request.url.host_str} answered without an access token")
        if str(answer.get("token_type", "bearer")).lower() != "bearer":
            raise ActionFailed("failed", f"{request.url.host_str} gave a token that is no bearer token")
        return _Token(text, connection, call.now + _lasts(answer.get("expires_in")))


def _request(values: Mapping[str, str]) -> Request:
    client, secret = values["client_id"], values["client_secret"]
    form = {"grant_type": "client_credentials"}
    form |= {name: values[name] for name in ("scope", "audience") if values.get(name)}
    headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
    if values.get("client_auth") == IN_BODY:
        form |= {"client_id": client, "client_secret": secret}
    else:  # both are encoded as in a form first: RFC 6749 section 2.3.1
        pair = f"{quote_plus(client)}:{quote_plus(secret)}"
        headers["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    return Request("POST", read_url(values["token_url"]), headers, urlencode(form).encode())


def _refusal(request: Request, response: Response, answer: Mapping[str, object], now: datetime) -> ActionFailed:
    code = str(answer.get("error", ""))
    why = f" ({code})" if _CODE.fullmatch(code) else ""
    failure = failure_of(response, request.url, now)
    words = f"{request.url.host_str} gave no access token: it answered {response.status}{why}"
    return ActionFailed(failure.kind, words, retry_after=failure.retry_after)


def _fields(response: Response) -> Mapping[str, object]:
    body = output_of(response)["body"]
    return body if isinstance(body, Mapping) else {}


def _lasts(seconds: object) -> timedelta:
    """Return how long a token is used: some answers write the number as text."""
    text = str(seconds)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return UNTOLD
    length = timedelta(seconds=int(text))
    return length - min(MARGIN, length / 10)
