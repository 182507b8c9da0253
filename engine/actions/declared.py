"""Actions that connectors declare: fill in a request, send it, and say what its response means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import jsonschema_rs

from engine.actions.action import Action, Call, build_action
from engine.actions.address import Address, compile_address
from engine.actions.answer import failure_of, output_of
from engine.actions.caller import Caller
from engine.actions.compose import compose
from engine.actions.declaration import ActionDeclaration, ExampleDeclaration, read_action, read_connection
from engine.actions.exchange import SAFE_METHODS, Request
from engine.actions.http import FAILURES, OUTPUT, REDIRECTS
from engine.actions.response import Response
from engine.definitions.action import ActionSpec
from engine.definitions.connector import Connector
from engine.definitions.dialect import Failure
from engine.definitions.example import Example, HttpAnswer
from engine.errors import ActionFailed, ExpressionError, Invalid, UnknownPath
from engine.language.expression import Expression, compile_expression
from engine.language.template import Template, compile_template
from engine.language.yaml_text import dump
from engine.words import Effect

#: As requests fail, and what a manifest judges.
_FAILURES = {**FAILURES, Failure.FAILED: "The service says so, or the response is not the one expected."}


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
    #: The JSON body as the manifest writes it.
    json: object

    def request(self, call: Call) -> Request:
        """Return the request, filled in; it gets the connection's credentials when it is sent."""
        scope = {"inputs": call.inputs}
        try:
            headers = {name: value.render(scope, call.now) for name, value in self.headers.items()}
            content = {name: value.render(scope, call.now) for name, value in self.content.items()}
        except UnknownPath as error:
            raise ActionFailed("invalid", error.detail) from error
        if "json" in content:
            content["json"] = _given(self.json, content["json"])
        url = self.address.fill(scope, call.now, call.connection.base_url if call.connection else "")
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


def declared_actions(caller: Caller, name: str, connector: Connector) -> Mapping[str, Action]:
    """Return the actions of a connector, by name.

    Raises:
        Invalid: a declaration is wrong, with its place.
    """
    strangers = [action for action in connector.actions if not action.startswith(f"{name}.")]
    if strangers:
        raise Invalid(f"{', '.join(strangers)}: the name of an action of this connector starts with '{name}.'", name)
    if connector.connection is not None:
        read_connection(connector.connection, f"{name}.connection")
    owner = None if connector.connection is None else name
    return {
        action: _build(caller, action, read_action(written, f"{name}.actions.{action}"), owner)
        for action, written in connector.actions.items()
    }


def _build(caller: Caller, name: str, declaration: ActionDeclaration, owner: str | None) -> Action:
    """Return an action; owner: the connector whose connections it needs, None where it needs none."""
    spec = ActionSpec(
        name=name,
        title=declaration.title,
        inputs=declaration.inputs,
        output=OUTPUT if declaration.output is None else {},
        effect=Effect(declaration.effect),
        takes_connection=owner is not None,
        needs_connection=owner is not None,
        connection_kind=owner,
        doc=declaration.doc,
        failures=_FAILURES,
        source=declaration.source,
        example=None if declaration.example is None else _example(name, declaration.example, owner),
    )
    try:
        return build_action(spec, partial(_perform, caller, _compile(declaration, owner), owner))
    except (ExpressionError, Invalid, jsonschema_rs.ValidationError) as error:
        raise Invalid(f"{name}: {error}", name) from error


def _example(name: str, written: ExampleDeclaration, owner: str | None) -> Example:
    """Return the use of an action as a step, with a connection that is called as its connector."""
    connection = {} if owner is None else {"connection": owner}
    step = {"id": name.partition(".")[2], "uses": name, **connection, "with": written.with_}
    return Example(dump([step]), answers=(HttpAnswer(written.answer.json_, written.answer.status),))


def _compile(declaration: ActionDeclaration, owner: str | None) -> _Declared:
    request = declaration.request
    address = compile_address(request.url)
    if address.relative and owner is None:
        raise Invalid("the address has no host, and the connector declares no connection that could name one")
    return _Declared(
        method=request.method,
        address=address,
        headers={name: compile_template(value) for name, value in request.headers.items()},
        content={name: compile_template(value) for name, value in request.content().items()},
        failed_when=compile_expression(declaration.failed_when),
        output=None if declaration.output is None else compile_template(declaration.output),
        json=request.json_,
    )


def _given(written: object, filled: object) -> object:
    """Return a body without the members that the manifest fills in with what was not given; data keeps its nulls."""
    if not (isinstance(written, Mapping) and isinstance(filled, Mapping)):
        return filled
    return {
        name: _given(written.get(name), value)
        for name, value in filled.items()
        if value is not None or written.get(name) is None
    }


async def _perform(caller: Caller, declared: _Declared, owner: str | None, call: Call) -> object:
    _check_connection(owner, call)
    request = declared.request(call)
    redirects = REDIRECTS if declared.method in SAFE_METHODS else 0
    response = await caller.send(request, call, within=call.within, redirects=redirects)
    seen = _seen(response)
    if declared.failed(seen, call.now):
        raise failure_of(response, request.url, call.now)
    return declared.result(seen, call)


def _check_connection(owner: str | None, call: Call) -> None:
    if owner is None:
        return
    if call.connection is None:
        raise ActionFailed("invalid", "the step needs `connection:`, the name of the credentials to call with")
    if call.connection.connector != owner:
        raise ActionFailed("invalid", f"the connection {call.connection.name!r} is not one for the connector {owner!r}")


def _seen(response: Response) -> Mapping[str, object]:
    """Return what a manifest sees of a response: ``status headers body``, ``json`` for its body, and its ``text``."""
    answer = output_of(response)
    return {**answer, "json": answer["body"], "text": response.body.decode("utf-8", "replace")}
