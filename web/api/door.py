"""Who may come in: a token or a session for everything under ``/api/``, checked before anything else happens."""

from typing import cast

from flask import Flask, Response, g, request
from werkzeug.exceptions import NotFound

from engine.path.access import Access, Holder
from engine.words import Role
from web.api.problems import problem
from web.origin import REFUSAL, SAFE, is_ours
from web.people import People
from web.proxies import is_from_here
from web.roles import NEEDS, OPEN, refusal

PREFIX = "/api/"

#: Content types of bodies: JSON, and workflows as they are written.
JSON = "application/json"
YAML = frozenset({"text/yaml", "application/yaml", "application/x-yaml", "text/x-yaml", "text/plain"})


def close(app: Flask, access: Access, people: People) -> None:
    """Let nobody in without a token or a session, nor beyond its role, whatever is built behind the door later."""

    @app.before_request
    def admit() -> Response | None:
        if "\0" in request.path:
            raise NotFound
        if not request.path.startswith(PREFIX):
            return None
        # An address that is not there is closed too: what there is, is nobody's business without a token.
        needed = NEEDS[request.endpoint] if request.endpoint else Role.VIEWER
        if needed is OPEN:
            return _readable()
        caller = _by_token(access) if request.authorization else _by_session(people)
        if isinstance(caller, Response):
            return caller
        g.caller = caller
        return _readable() if caller.role.covers(needed) else problem(403, refusal(caller.role, needed))


def unauthorized(detail: str) -> Response:
    """Return the answer to whoever has no token of ours."""
    return problem(401, detail, {"WWW-Authenticate": 'Bearer realm="wink"'})


def caller() -> Holder:
    """Return who sends the present request."""
    return cast("Holder", g.caller)


def holder_of_token(access: Access) -> Holder | None:
    """Return who holds the token of the present request; None without one of ours."""
    given = request.authorization
    return None if given is None or given.type != "bearer" or given.token is None else access.holder_of(given.token)


def comes_from_here() -> bool:
    """Tell whether the present request comes from this machine itself, and not from a proxy on it."""
    return is_from_here(request.remote_addr or "", request.headers.keys())


def _by_token(access: Access) -> Holder | Response:
    refused = "the token is not valid: send `Authorization: Bearer wink_pat_...`"
    return holder_of_token(access) or unauthorized(refused)


def _by_session(people: People) -> Holder | Response:
    """Take a page's request as its person's own, where it comes from a page of ours."""
    person = people.present()
    if person is None:
        return unauthorized("the token is missing: send `Authorization: Bearer wink_pat_...`")
    if request.method not in SAFE and not is_ours(request, people.engine.settings.public_url):
        return problem(403, REFUSAL)
    if person.must_change:
        return problem(403, "your password has to be changed first: open /password")
    return Holder(person.name, person.role, is_user=True)


def _readable() -> Response | None:
    """Refuse a body of a type that nothing here reads, and a query that says two things at once."""
    for name, values in request.args.lists():
        if len(values) > 1:
            return problem(422, f"{name} is given {len(values)} times: give it once", field=name)
    if not request.content_length or request.mimetype == JSON or request.mimetype in YAML:
        return None
    return problem(415, f"{request.mimetype or 'a body without a type'} is not read here: send {JSON}")
