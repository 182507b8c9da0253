"""Who may come in: a token for everything under ``/api/``, checked before anything else happens."""

from ipaddress import ip_address

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from engine.path.access import Access
from web.api.problems import problem

PREFIX = "/api/"

#: The description of the API holds nothing secret.
OPEN = frozenset({"/api/v1/openapi.json"})

#: Content types of bodies: JSON, and workflows as they are written.
JSON = "application/json"
YAML = frozenset({"text/yaml", "application/yaml", "application/x-yaml", "text/x-yaml", "text/plain"})

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def close(app: Flask, access: Access) -> None:
    """Let nobody in without a token, whatever is built behind the door later."""

    @app.before_request
    def admit() -> Response | None:
        if "\0" in request.path:
            raise NotFound
        if not request.path.startswith(PREFIX) or request.path in OPEN or holds_token(access):
            return _readable()
        given = "is not valid" if request.authorization else "is missing"
        detail = f"the token {given}: send `Authorization: Bearer wink_pat_...`"
        return unauthorized(detail)


def unauthorized(detail: str) -> Response:
    """Return the answer to whoever has no token of ours."""
    return problem(401, detail, {"WWW-Authenticate": 'Bearer realm="wink"'})


def holds_token(access: Access) -> bool:
    """Tell whether the present request carries a token of ours."""
    given = request.authorization
    return given is not None and given.type == "bearer" and given.token is not None and access.admits(given.token)


def comes_from_here() -> bool:
    """Tell whether the present request comes from this machine itself, and not from a proxy on it."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _readable() -> Response | None:
    """Refuse a body of a type that nothing here reads."""
    if not request.content_length or request.mimetype == JSON or request.mimetype in YAML:
        return None
    return problem(415, f"{request.mimetype or 'a body without a type'} is not read here: send {JSON}")
