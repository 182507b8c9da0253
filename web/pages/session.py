"""``/login``, ``/logout`` and ``/password``: signing in and out, and one's own password."""

from math import ceil

from flask import Blueprint, Response, request

from engine.errors import Invalid, TooMany
from engine.path.sign_in import sign_out, sign_out_everywhere
from web.pages.door import SIGN_IN, inside, page
from web.pages.forms import Errors, field, go, missing, sentence
from web.people import the_people

_WRONG = "The name or the password is wrong."
_NOT_TWICE = "This is not what you wrote above."


session = Blueprint("session", __name__)


@session.get("/login")
def show_sign_in() -> Response:
    """Ask for name and password."""
    target = request.args.get("next", "")
    return go(inside(target)) if the_people().present() else _sign_in_page("", target, {})


@session.post("/login")
def sign_in() -> Response:
    """Begin a session; what is wrong does not depend on whether there is such a user."""
    people, name, password, target = the_people(), field("name"), field("password"), field("next")
    if empty := missing({"name": name, "password": password}):
        return _sign_in_page(name, target, empty, 422)
    try:
        value = people.door.sign_in(name, password, people.visitor())
    except TooMany as error:
        return _later(_sign_in_page(name, target, {"password": sentence(error)}, 429), error)
    if value is None:
        return _sign_in_page(name, target, {"password": _WRONG}, 422)
    if before := people.present():  # its cookie is replaced, and nobody could end it any more
        sign_out(people.engine, before)
    return people.admit(go(inside(target)), value)


@session.get("/password")
def show_password() -> Response:
    """Ask for a new password."""
    return _password_page(request.args.get("next", ""), {})


@session.post("/password")
def change_password() -> Response:
    """Take a new password; every other session of the person ends."""
    people, target = the_people(), field("next")
    present, password, again = field("present"), field("password"), field("again")
    if empty := missing({"present": present, "password": password, "again": again}):
        return _password_page(target, empty, 422)
    if password != again:
        return _password_page(target, {"again": _NOT_TWICE}, 422)
    try:
        people.door.change_password(people.signed_in(), present, password, people.visitor())
    except TooMany as error:
        return _later(_password_page(target, {"present": sentence(error)}, 429), error)
    except Invalid as error:
        return _password_page(target, {error.field: sentence(error)}, 422)
    return go(inside(target))


@session.post("/logout")
def leave() -> Response:
    """End the session."""
    people = the_people()
    sign_out(people.engine, people.signed_in())
    return people.forget(go(SIGN_IN))


@session.post("/logout/everywhere")
def leave_everywhere() -> Response:
    """End every session of the person."""
    people = the_people()
    sign_out_everywhere(people.engine, people.signed_in().id)
    return people.forget(go(SIGN_IN))


def _sign_in_page(name: str, target: str, errors: Errors, status: int = 200) -> Response:
    return page("login.html", status, name=name, target=target, errors=errors)


def _password_page(target: str, errors: Errors, status: int = 200) -> Response:
    return page("password.html", status, here="Settings", target=target, errors=errors)


def _later(response: Response, error: TooMany) -> Response:
    response.headers["Retry-After"] = str(ceil(error.retry_after.total_seconds()))
    return response
