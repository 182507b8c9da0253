"""Actions that connectors declare: fill in a request, send it, and say what its response means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import jsonschema_rs

from engine.actions.action import Action, Call, build_action
from engine.actions.address import Address, compile_address
from engine.actions.answer import failure_of, output_of
from engine.actions.client import HttpClient
from engine.actions.compose import compose
from engine.actions.declaration import ActionDeclaration, Sends, read_action, read_connection
from engine.actions.exchange import SAFE_METHODS, Request, Response
from engine.actions.http import REDIRECTS
from engine.definitions.action import ActionSpec
from engine.definitions.connector import Connector
from engine.errors import ActionFailed, ExpressionError, Invalid, UnknownPath
from engine.language.expression import Expression, compile_expression
from engine.language.template import Template, compile_template
from engine.words import Effect

#: Where a field of the connection stands in what is sent.
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class _Declared:
    """A compiled action."""

    method: str
    address: Address
    headers: Mapping[str, Template]
    #: Yields ``query`` and ``json`` or ``form``.
    content: Mapping[str, Template]
    failed_when: Expression
    output: Template | None
    sends: Sends | None

    def request(self, call: Call) -> Request:
        """Return the request, filled in, with the connection's credentials."""
        scope = {"inputs": call.inputs}
        try:
            headers = {name: value.render(scope, call.now) for name, value in self.headers.items()}
            content = {name: value.render(scope, call.now) for name, value in self.content.items()}
        except UnknownPath as error:
            raise ActionFailed("invalid", error.detail) from error
        headers |= _credentials(self.sends, call.connection)
        url = self.address.fill(scope, call.now)
        return compose(self.method, {**content, "headers": headers, "url": url}, call.key)

    def failed(self, response: Mapping[str, object], now: datetime) -> bool:
        """Tell whether the response is a failure; an expression that cannot tell counts as one."""
        return self.failed_when.evaluate({"response": response}, now) is not False

    def result(self, response: Mapping[str, object], call: Call) -> object:
        """Return the step's output."""
        if self.output is None:
            return {name: response[name] for name in ("status", "headers", "body")}
        try:
            return self.output.render({"inputs": call.inputs, "response": response}, call.now)
        except UnknownPath as error:
            raise ActionFailed("failed", f"the response is not the one expected: {error.detail}") from error


def declared_actions(client: HttpClient, name: str, connector: Connector) -> tuple[Action, ...]:
    """Return the actions of a connector.

    Raises:
        Invalid: a declaration is wrong, with its place.
    """
    strangers = [action for action in connector.actions if not action.startswith(f"{name}.")]
    if strangers:
        raise Invalid(f"{', '.join(strangers)}: the name of an action of this connector starts with '{name}.'", name)
    sends = _read_sends(connector.connection, f"{name}.connection")
    return tuple(
        _build(client, action, read_action(written, f"{name}.actions.{action}"), sends)
        for action, written in connector.actions.items()
    )


def _read_sends(written: object | None, where: str) -> Sends | None:
    if written is None:
        return None
    connection = read_connection(written, where)
    strangers = set(_PLACE.findall(connection.sends.value)) - set(connection.fields_)
    if strangers:
        raise Invalid(f"{where}.sends: no field is named {', '.join(sorted(strangers))}", where)
    return connection.sends


def _build(client: HttpClient, name: str, declaration: ActionDeclaration, sends: Sends | None) -> Action:
    spec = ActionSpec(
        name=name,
        title=declaration.title,
        inputs=declaration.inputs,
        output={},
        effect=Effect(declaration.effect),
        takes_connection=sends is not None,
    )
    try:
        return build_action(spec, partial(_perform, client, _compile(declaration, sends)))
    except (ExpressionError, Invalid, jsonschema_rs.ValidationError) as error:
        raise Invalid(f"{name}: {error}", name) from error


def _compile(declaration: ActionDeclaration, sends: Sends | None) -> _Declared:
    request = declaration.request
    return _Declared(
        method=request.method,
        address=compile_address(request.url),
        headers={name: compile_template(value) for name, value in request.headers.items()},
        content={name: compile_template(value) for name, value in request.content().items()},
        failed_when=compile_expression(declaration.failed_when),
        output=None if declaration.output is None else compile_template(declaration.output),
        sends=sends,
    )


def _credentials(sends: Sends | None, connection: Mapping[str, str] | None) -> dict[str, object]:
    if sends is None:
        return {}
    if connection is None:
        raise ActionFailed("invalid", "the step needs `connection:`, the name of the credentials to call with")
    try:
        return {sends.header: _PLACE.sub(lambda place: connection[place[1]], sends.value)}
    except KeyError as error:
        raise ActionFailed("invalid", f"the connection has no value for {error}") from error


async def _perform(client: HttpClient, declared: _Declared, call: Call) -> object:
    request = declared.request(call)
    redirects = REDIRECTS if declared.method in SAFE_METHODS else 0
    response = await client.send(request, within=call.within, redirects=redirects)
    seen = _seen(response)
    if declared.failed(seen, call.now):
        raise failure_of(response, request.url, call.now)
    return declared.result(seen, call)


def _seen(response: Response) -> Mapping[str, object]:
    """Return what a manifest sees of a response: ``status headers body``, ``json`` for its body, and its ``text``."""
    answer = output_of(response)
    return {**answer, "json": answer["body"], "text": response.body.decode("utf-8", "replace")}
