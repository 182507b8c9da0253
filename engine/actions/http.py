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
from engine.definitions.dialect import Failure
from engine.definitions.example import Example, HttpAnswer
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
    "url": {
        "description": "An `http` or `https` address without a user in it; or a path below the connection's base URL.",
        "type": "string",
        "required": True,
    },
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
        "status": {"type": "integer", "description": "The number."},
        "headers": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "Names in lower case; a name that came several times has its values joined by a comma.",
        },
        "body": {
            "description": "Parsed when its type is JSON; text when its type is textual; else `{base64: ..}`; "
            "null when empty."
        },
    },
    "required": ["status", "headers", "body"],
}

#: How a request fails, and when.
FAILURES: Mapping[Failure, str] = {
    Failure.TIMEOUT: "The answer was not complete in time.",
    Failure.CONNECTION: "No address, no connection, a wrong certificate, or an answer that is no HTTP.",
    Failure.HTTP_429: "The status; `Retry-After` is honoured.",
    Failure.HTTP_4XX: "The status.",
    Failure.HTTP_5XX: "The status; `Retry-After` of 503 is honoured.",
    Failure.REFUSED: "The address is not public or not the connection's, or a redirect leads from https to http.",
    Failure.FAILED: f"The response is larger than `WINK_MAX_OUTPUT`, or redirects more than {REDIRECTS} times.",
}

_EXAMPLES: Mapping[str, Example] = {
    "http.request": Example(
        """\
- id: look
  uses: http.request
  with: {method: OPTIONS, url: "https://tickets.example.com/api/issues"}
""",
        answers=(HttpAnswer({"methods": ["GET", "POST"]}),),
    ),
    "http.get": Example(
        """\
- id: issues
  uses: http.get
  with:
    url: https://tickets.example.com/api/issues
    query: {state: open, label: [security, shop]}
""",
        answers=(HttpAnswer([{"key": "SEC-1", "title": "SQL Injection"}]),),
    ),
    "http.post": Example(
        """\
- id: ticket
  uses: http.post
  with:
    url: https://tickets.example.com/api/issues
    json: {title: "${{ event.data.title }}", severity: "${{ event.data.severity }}"}
  retry: {attempts: 4, wait: 2s, factor: 3, when: [timeout, connection, http_429, http_5xx]}
""",
        data={"title": "SQL Injection", "severity": "critical"},
        answers=(HttpAnswer({"key": "SEC-1"}, 201),),
    ),
    "http.put": Example(
        """\
- id: label
  uses: http.put
  with:
    url: https://tickets.example.com/api/issues/${{ url_encode(event.data.key) }}/label
    body: security
""",
        data={"key": "SEC-1"},
        answers=(HttpAnswer(status=204),),
    ),
    "http.patch": Example(
        """\
- id: close
  uses: http.patch
  with:
    url: https://tickets.example.com/api/issues/${{ url_encode(event.data.key) }}
    json: {state: closed}
""",
        data={"key": "SEC-1"},
        answers=(HttpAnswer({"key": "SEC-1", "state": "closed"}),),
    ),
    "http.delete": Example(
        """\
- id: gone
  uses: http.delete
  with:
    url: https://tickets.example.com/api/issues/${{ url_encode(event.data.key) }}
    fail_on_status: false
""",
        data={"key": "SEC-1"},
        answers=(HttpAnswer({"error": "there is no such issue"}, 404),),
    ),
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
    return ActionSpec(
        name=name,
        title=title,
        inputs=inputs,
        output=OUTPUT,
        takes_connection=True,
        failures=FAILURES,
        example=_EXAMPLES[name],
    )


def _verb(name: str) -> str:
    return name.removeprefix("http.").upper()


async def _perform(caller: Caller, name: str, call: Call) -> Mapping[str, object]:
    method = str(call.inputs.get("method", _verb(name)))
    request = compose(method, {**call.inputs, "url": _address(call)}, call.key)
    redirects = REDIRECTS if call.inputs["follow_redirects"] else 0
    response = await caller.send(request, call, within=_within(call), redirects=redirects)
    if response.status >= 400 and call.inputs["fail_on_status"]:
        raise failure_of(response, request.url, call.now)
    return output_of(response)


def _address(call: Call) -> str:
    """Return the address; a path alone is below the base URL of the step's connection."""
    url = str(call.inputs["url"])
    return call.connection.base_url.rstrip("/") + url if call.connection and url.startswith("/") else url


def _within(call: Call) -> timedelta:
    if "timeout" not in call.inputs:
        return call.within
    try:
        return min(call.within, parse_duration(str(call.inputs["timeout"])))
    except ValueError as error:
        raise ActionFailed("invalid", f"timeout: {error}") from error
