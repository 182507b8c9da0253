"""The ``http.*`` actions: one request of the author's own making."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from engine.actions.action import Action, Call, build_action
from engine.actions.answer import failure_of, output_of
from engine.actions.caller import Caller
from engine.actions.compose import compose
from engine.clock import parse_duration
from engine.definitions.action import ActionSpec
from engine.errors import ActionFailed

#: How many redirects are followed.
REDIRECTS = 5

#: One JSON Schema per input.
Inputs = Mapping[str, Mapping[str, object]]

_SCALAR = ["string", "number", "boolean"]
_PAIRS = {
    "type": "object",
    "additionalProperties": {"type": [*_SCALAR, "null", "array"], "items": {"type": _SCALAR}},
}
_ADDRESS: Inputs = {
    "url": {"description": "An `http` or `https` address without a user in it.", "type": "string", "required": True},
    "headers": {"description": "Name to value.", "type": "object", "additionalProperties": {"type": _SCALAR}},
    "query": {"description": "Added to the URL's own; a list repeats its name, null leaves it out.", **_PAIRS},
}
_CONTENT: Inputs = {
    "json": {"description": "Any value, sent as JSON."},
    "form": {"description": "Sent as a form; lists and nulls as in `query`.", **_PAIRS},
    "body": {"description": "Text sent as it is, as `text/plain` unless a header says else.", "type": "string"},
}
_MANNERS: Inputs = {
    "timeout": {
        "description": "Shorter than the step's own, such as `5s`.",
        "type": "string",
        "x-kind": "duration",
    },
    "fail_on_status": {"description": "Whether 400 and above is a failure.", "type": "boolean", "default": True},
    "follow_redirects": {"description": "Whether to follow up to 5 redirects.", "type": "boolean", "default": True},
}
_METHOD: Inputs = {
    "method": {
        "description": "The method, in capitals.",
        "enum": ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"],
        "required": True,
    }
}
#: JSON Schema of what an HTTP action returns.
OUTPUT: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "status": {"type": "integer"},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "body": {},
    },
    "required": ["status", "headers", "body"],
}

#: Name of the action, and the inputs beside those that all of them take.
_ACTIONS: Mapping[str, Inputs] = {
    "http.request": {**_METHOD, **_CONTENT},
    "http.get": {},
    "http.post": _CONTENT,
    "http.put": _CONTENT,
    "http.patch": _CONTENT,
    "http.delete": _CONTENT,
}


def http_actions(caller: Caller) -> tuple[Action, ...]:
    """Return every ``http.*`` action."""
    return tuple(build_action(_spec(name), partial(_perform, caller, name)) for name in _ACTIONS)


def _spec(name: str) -> ActionSpec:
    title = "Send an HTTP request" if name == "http.request" else f"Send a {_verb(name)} request"
    inputs = {**_ADDRESS, **_ACTIONS[name], **_MANNERS}
    return ActionSpec(name=name, title=title, inputs=inputs, output=OUTPUT, takes_connection=True)


def _verb(name: str) -> str:
    return name.removeprefix("http.").upper()


async def _perform(caller: Caller, name: str, call: Call) -> Mapping[str, object]:
    method = str(call.inputs.get("method", _verb(name)))
    request = compose(method, call.inputs, call.key)
    redirects = REDIRECTS if call.inputs["follow_redirects"] else 0
    response = await caller.send(request, call, within=_within(call), redirects=redirects)
    if response.status >= 400 and call.inputs["fail_on_status"]:
        raise failure_of(response, request.url, call.now)
    return output_of(response)


def _within(call: Call) -> timedelta:
    if "timeout" not in call.inputs:
        return call.within
    try:
        return min(call.within, parse_duration(str(call.inputs["timeout"])))
    except ValueError as error:
        raise ActionFailed("invalid", f"timeout: {error}") from error
