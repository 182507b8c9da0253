"""Who may see a page: whoever is signed in, as far as the role goes. Everybody else is shown the way to the sign-in."""

from urllib.parse import quote, urlsplit

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import Forbidden

from engine.words import Role
from web.api.door import PREFIX
from web.origin import REFUSAL, SAFE, is_ours
from web.pages.forms import go
from web.people import People
from web.roles import BEFORE_CHANGE, NEEDS, OPEN, refusal

SIGN_IN = "/login"
CHANGE = "/password"

#: Where one goes who did not come from anywhere.
HOME = "/"

#: Nothing comes from elsewhere, nothing is sent elsewhere, nobody puts a page of ours into one of theirs.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

#: How a page's script asks for a part of it, and is told to go elsewhere as a whole.
_ASKED_IN_PART, _GO = "HX-Request", "HX-Redirect"


def close(app: Flask, people: People) -> None:
    """Let nobody see a page who is not signed in, whatever is built behind the door later."""

    @app.before_request
    def admit() -> Response | None:
        if request.path.startswith(PREFIX) or request.endpoint is None:
            return None
        needed = NEEDS[request.endpoint]
        if request.method not in SAFE and not is_ours(request, people.engine.settings.public_url):
            raise Forbidden(REFUSAL)
        return None if needed is OPEN else _admit(people, needed)

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.context_processor
    def standing() -> dict[str, object]:
        person = people.present()
        return {"person": person, "may_edit": person is not None and person.role.covers(Role.EDITOR), "here": ""}


def inside(target: str) -> str:
    """Return the target where it is a page of ours, else the first page: no link may lead from our sign-in elsewhere.

    target: path and query. Browsers take a backslash for a slash, and leave out line breaks and tabs.
    """
    plain = target.isprintable() and "\\" not in target and target.startswith("/") and not target.startswith("//")
    return target if plain and urlsplit(target).path not in {SIGN_IN, "/logout"} else HOME


def _admit(people: People, needed: Role) -> Response | None:
    person = people.present()
    if person is None:
        return _send_to(f"{SIGN_IN}?next={quote(_target(), safe='/')}" if request.method in SAFE else SIGN_IN)
    if person.must_change and request.endpoint not in BEFORE_CHANGE:
        return _send_to(f"{CHANGE}?next={quote(_target(), safe='/')}" if request.method in SAFE else CHANGE)
    if not person.role.covers(needed):
        raise Forbidden(refusal(person.role, needed))
    return None


def in_part() -> bool:
    """Tell whether a page's script asks for a part of it."""
    return _ASKED_IN_PART in request.headers


def _target() -> str:
    """Return the address of the present request without its host."""
    return request.full_path.rstrip("?")


def _send_to(target: str) -> Response:
    if in_part():
        return Response(status=204, headers={_GO: target})
    return go(target)


def page(template: str, status: int = 200, **values: object) -> Response:
    """Return a page."""
    return Response(render_template(template, **values), status, content_type="text/html; charset=utf-8")
