"""Send requests with the credentials of connections, and to nobody but whom they are for."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

from engine import json_bytes
from engine.actions.action import Call
from engine.actions.answer import is_json
from engine.actions.client import HttpClient
from engine.actions.declaration import PLACE, ConnectionDeclaration, Sends, places
from engine.actions.exchange import Request, is_below
from engine.actions.oauth import Tokens
from engine.actions.response import Response
from engine.actions.schemes import ACCESS_TOKEN, Declared, declaration_of
from engine.actions.url import read_url
from engine.errors import ActionFailed
from engine.redact import REDACTED, SHORTEST, forms
from engine.store.connections import OpenConnection
from engine.words import ConnectionScheme

#: Shorter parts of an address are words; its keys are longer.
_KEY = 16


class Caller:
    """Sends requests from one event loop, each with the credentials of its call's connection where it has one."""

    def __init__(self, client: HttpClient, declared: Declared) -> None:
        self._client = client
        self._declared = declared
        self._tokens = Tokens(client)

    async def send(self, request: Request, call: Call, *, within: timedelta, redirects: int = 0) -> Response:
        """Send the request, with the connection's credentials, and return the last response, whatever its status.

        Every form of the credentials is added to ``call.hidden`` before anything is sent.

        Raises:
            ActionFailed: as :meth:`HttpClient.send`; ``refused``: the address is not the connection's; ``invalid``: a
                value of it is not there or cannot be sent; what the token endpoint answers, where there is one.
        """
        connection = call.connection
        if connection is None:
            return await self._client.send(request, within=within, redirects=redirects)
        if connection.scheme is ConnectionScheme.SMTP:
            raise ActionFailed(
                "invalid", f"the connection {connection.name!r} is for a mail server: `email.send` takes it"
            )
        declaration = declaration_of(connection.scheme, connection.connector, self._declared)
        request = _kept_to(connection, request)
        call.hidden.update(hidden_of(connection, declaration))
        if declaration.sends.json_ is not None or declaration.sends.url:
            redirects = 0  # the body goes along to wherever a redirect leads, and an address is for one place
        try:
            async with asyncio.timeout(within.total_seconds()):
                return _without_bytes(await self._send(request, call, declaration.sends, redirects), call.hidden)
        except TimeoutError:
            raise ActionFailed("timeout", f"{request.url.host_str} did not answer in time") from None

    async def _send(self, request: Request, call: Call, sends: Sends, redirects: int) -> Response:
        connection = call.connection
        if connection is None or connection.scheme is not ConnectionScheme.OAUTH2_CLIENT_CREDENTIALS:
            ready = _with_credentials(request, sends, connection.values if connection else {})
            return await self._client.send(ready, within=call.within, redirects=redirects)
        token = await self._tokens.get(connection, call)
        response = await self._with_token(request, call, sends, redirects, token)
        if response.status == 401:  # it can be taken back before its time
            token = await self._tokens.get(connection, call, refused=token)
            response = await self._with_token(request, call, sends, redirects, token)
        return response

    async def _with_token(self, request: Request, call: Call, sends: Sends, redirects: int, token: str) -> Response:
        ready = _with_credentials(request, sends, {ACCESS_TOKEN: token})
        return await self._client.send(ready, within=call.within, redirects=redirects)


def hidden_of(connection: OpenConnection, declaration: ConnectionDeclaration) -> set[str]:
    """Return what must be kept out of everything that is recorded: the secrets in every form that a service echoes."""
    secret = secrets_of(connection.values, declaration)
    if declaration.sends.basic:
        secret.append(b64encode(filled(declaration.sends.value, connection.values).encode()).decode())
    if declaration.sends.url:
        secret.extend(part for value in [*secret] for part in _keys_in(value))
    return {form for value in secret for form in forms(value)}


def secrets_of(values: Mapping[str, str], declaration: ConnectionDeclaration) -> list[str]:
    """Return which values are secrets.

    Where none is long enough to be looked for, as with a key in place of the user name, all that is sent counts.
    """
    secret = [values[name] for name, field in declaration.fields_.items() if field.secret and name in values]
    if any(len(value) >= SHORTEST for value in secret):
        return secret
    return [values[name] for name in sorted(places(declaration.sends) - {"header"}) if name in values]


def _keys_in(url: str) -> Iterator[str]:
    """Return what may be a key in an address that is a secret as a whole: it can be echoed without the rest."""
    for part in re.split("[/?&=]", url.partition("://")[2])[1:]:
        if len(part) >= _KEY:
            yield part
            yield unquote(part)


def _kept_to(connection: OpenConnection, request: Request) -> Request:
    """Return the request as one whose headers go nowhere but to the connection's address, redirects included."""
    base = read_url(connection.base_url)
    if not is_below(request.url, base):
        words = f"the connection {connection.name!r} is for {connection.base_url} alone, and this is another address"
        raise ActionFailed("refused", words)
    return replace(request, base=base)


def _with_credentials(request: Request, sends: Sends, values: Mapping[str, str]) -> Request:
    """Return the request with the credentials, which replace what an author wrote in their place."""
    text = filled(sends.value, values)
    if sends.url:
        return replace(request, url=read_url(text))
    if sends.json_ is not None:
        return replace(request, body=_with_member(request.body, sends.json_, text))
    name = "authorization" if sends.header is None else filled(sends.header, values).lower()
    value = f"Basic {b64encode(text.encode()).decode()}" if sends.basic else text
    if not (value.isascii() and value.isprintable()):
        raise ActionFailed("invalid", "the connection holds a character that no header can carry: set it anew")
    return replace(request, headers={**request.headers, name: value})


def _with_member(body: bytes | None, name: str, value: str) -> bytes:
    try:
        found = json_bytes.parse(body or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ActionFailed("invalid", "this connection's credentials go into a JSON object, and the body is none")
    return json_bytes.dump({**found, name: value})


def _without_bytes(response: Response, hidden: Collection[str]) -> Response:
    """Return the response without the credentials in a body that is no JSON: in base64 nobody would find them later."""
    if is_json(response):
        return response
    body = response.body
    for value in sorted((value.encode() for value in hidden if len(value) >= SHORTEST), key=len, reverse=True):
        body = body.replace(value, REDACTED.encode())
    return replace(response, body=body)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Fill in a text with a connection's values, once: a value in braces is no place.

    Raises:
        ActionFailed: ``invalid``: a value is not there.
    """
    wanted = set(PLACE.findall(text)) - set(values)
    if wanted:
        raise ActionFailed("invalid", f"the connection has no value for {', '.join(sorted(wanted))}")
    return PLACE.sub(lambda place: values[place[1]], text)
