"""The vendor's own API for its endpoints, as far as ``sender.yaml`` says that it has one."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from engine.clock import rfc3339
from engine.definitions.sender import Api
from engine.emulation.attempt import Attempt
from engine.emulation.endpoint import Endpoint
from engine.emulation.sender import Sender
from engine.errors import Conflict, Invalid, NotFound

#: A status, and a value to be sent as JSON.
Answer = tuple[HTTPStatus, object]

_MISSING: Answer = (HTTPStatus.NOT_FOUND, {"error": "there is no such thing"})


def answer(sender: Sender, method: str, path: str, body: bytes = b"") -> Answer:
    """Answer a request to the vendor's API. An endpoint's secret is in the answer that makes it, and in no other.

    body: a JSON object.
    """
    api = sender.spec.api
    if api is None:
        return _MISSING
    try:
        return _answer(sender, api, (method, path), _read(body))
    except Invalid as error:
        return HTTPStatus.UNPROCESSABLE_ENTITY, {"error": str(error)}
    except (NotFound, Conflict) as error:
        return HTTPStatus.NOT_FOUND, {"error": str(error)}


def _answer(sender: Sender, api: Api, asked: tuple[str, str], given: Mapping[str, object]) -> Answer:
    method, path = asked
    if asked == ("GET", api.catalogue):
        return HTTPStatus.OK, [_short(sender, name) for name in sender.types()]
    if asked == ("GET", api.endpoints):
        return HTTPStatus.OK, [_row(sender, endpoint) for endpoint in sender.endpoints.values()]
    if asked == ("POST", api.endpoints):
        return _create(sender, given)
    if path.startswith(f"{api.endpoints}/"):
        wanted, _, part = path.removeprefix(f"{api.endpoints}/").partition("/")
        return _at_endpoint(sender, sender.find(wanted), (method, part), given)
    return _MISSING


def _create(sender: Sender, given: Mapping[str, object]) -> Answer:
    created = sender.create(
        _text(given, "url"),
        events=_texts(given, "events"),
        description=_text(given, "description"),
        creator=_text(given, "createdBy"),
    )
    return HTTPStatus.CREATED, _row(sender, created.endpoint) | {"secret": next(iter(created.secrets.values()), None)}


def _at_endpoint(sender: Sender, endpoint: Endpoint, asked: tuple[str, str], given: Mapping[str, object]) -> Answer:
    if asked == ("GET", ""):
        return HTTPStatus.OK, _row(sender, endpoint)
    if asked == ("GET", "deliveries"):
        return HTTPStatus.OK, [_attempt(sender, line) for line in sender.listed(endpoint)]
    if asked == ("PATCH", ""):
        return _edit(sender, endpoint, given)
    if asked == ("DELETE", ""):
        sender.delete(endpoint)
        return HTTPStatus.NO_CONTENT, None
    return _MISSING


def _edit(sender: Sender, endpoint: Endpoint, given: Mapping[str, object]) -> Answer:
    on = given.get("isActive", endpoint.active)
    if not isinstance(on, bool):
        raise Invalid("isActive: write true or false", "isActive")
    sender.edit(
        endpoint,
        url=_text(given, "url"),
        description=_text(given, "description") if "description" in given else None,
        events=_texts(given, "events") if "events" in given else None,
    )
    if "isActive" in given:
        sender.turn(endpoint, on=on)
    return HTTPStatus.OK, _row(sender, endpoint)


def _row(sender: Sender, endpoint: Endpoint) -> dict[str, object]:
    words = sender.spec.health
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "events": sorted(_short(sender, name) for name in endpoint.events),
        "createdBy": endpoint.creator,
        "isActive": endpoint.active,
        "health": getattr(words, endpoint.health),
        "lastDeliveryAt": rfc3339(endpoint.last_attempt_at) if endpoint.last_attempt_at else None,
    }


def _attempt(sender: Sender, line: Attempt) -> dict[str, object]:
    return {
        "eventType": _short(sender, line.event_type),
        "eventId": line.event_id,
        "status": line.status,
        "attempts": line.attempts,
        "httpStatus": line.code,
        "error": line.error or None,
        "createdAt": rfc3339(line.happened_at),
        "attemptedAt": rfc3339(line.attempted_at) if line.attempted_at else None,
        "nextAttemptAt": rfc3339(line.next_at) if line.next_at else None,
    }


def _short(sender: Sender, event_type: str) -> str:
    """Return the vendor's own word for a type of event."""
    return event_type.removeprefix(f"{sender.connector.name}.")


def _read(body: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise Invalid("the body is no JSON") from error
    if not isinstance(value, dict):
        raise Invalid("the body is no JSON object")
    return value


def _text(given: Mapping[str, object], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise Invalid(f"{name}: write a text", name)
    return value


def _texts(given: Mapping[str, object], name: str) -> list[str]:
    value = given.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Invalid(f"{name}: write a list of texts", name)
    return value
