"""``/settings``: oneself; and, for administrators, who else may come in: people and programs."""

from dataclasses import dataclass

from flask import Blueprint, Response

from engine.errors import Conflict, Invalid
from engine.path import users as keeping
from engine.path.access import new_token
from engine.path.sign_in import sign_out_everywhere
from engine.store import sessions, tokens, users
from engine.store.sessions import Session
from engine.words import Role
from web.context import the_engine
from web.pages.door import page
from web.pages.forms import Errors, cursor, field, go, missing, sentence
from web.people import the_people

#: How many users or tokens stand on one page.
AT_ONCE = 50

#: What each role may do: value, word, and help.
ROLES = [
    (Role.VIEWER, "Viewer", "Reads everything but secrets, users and tokens."),
    (Role.EDITOR, "Editor", "Also changes triggers, workflows, events and runs, and tests connections."),
    (Role.ADMIN, "Admin", "Also makes users, tokens and connections."),
]

_CHOOSE = "Choose a role."

_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
#: The first that is named; Android names Linux as well, and an iPhone macOS.
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)

settings = Blueprint("settings", __name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A session as its owner sees it."""

    session: Session
    browser: str
    is_this: bool


@settings.get("/settings")
def show_self() -> Response:
    """Show who one is, and where one is signed in."""
    engine, person = the_engine(), the_people().signed_in()
    found = engine.store.read(sessions.of_user, person.id, engine.clock.now(), AT_ONCE)
    shown = [Shown(each, browser_of(each.agent), each.id == person.session) for each in found]
    return page("settings/self.html", here="Settings", sessions=shown)


@settings.get("/settings/users")
def show_users() -> Response:
    """List the users, and ask for one more."""
    return _users_page("", Role.VIEWER, {})


@settings.post("/settings/users")
def add_user() -> Response:
    """Make a user, and show the password that was made for it."""
    name, role = field("name").strip().lower(), _role()
    errors = {**missing({"name": name}), **({} if role else {"role": _CHOOSE})}
    if errors or role is None:
        return _users_page(name, role, errors, 422)
    try:
        user, password = keeping.create(the_engine(), name, role)
    except (Invalid, Conflict) as error:
        return _users_page(name, role, {"name": sentence(error)}, 422)
    return _user_page(user.name, password=password, made="user")


@settings.get("/settings/users/<name>")
def show_user(name: str) -> Response:
    """Show a user, and what can be changed."""
    return _user_page(name)


@settings.post("/settings/users/<name>/role")
def change_role(name: str) -> Response:
    """Give a user another role, and sign it out."""
    role = _role()
    if role is None:
        return _user_page(name, 422, errors={"role": _CHOOSE})
    person = the_people().signed_in()
    try:
        keeping.change_role(the_engine(), name, role, keep=person.session)
    except Conflict as error:
        return _user_page(name, 409, errors={"role": sentence(error)})
    return go("/settings" if person.name == name else f"/settings/users/{name}")


@settings.post("/settings/users/<name>/password")
def reset_password(name: str) -> Response:
    """Give a user a new password, and show it."""
    _, password = keeping.reset_password(the_engine(), name)
    return _user_page(name, password=password, made="password")


@settings.post("/settings/users/<name>/sign-out")
def sign_out(name: str) -> Response:
    """Sign a user out everywhere."""
    engine = the_engine()
    sign_out_everywhere(engine, engine.store.read(users.find, name).id)
    return go(f"/settings/users/{name}")


@settings.post("/settings/users/<name>/delete")
def delete_user(name: str) -> Response:
    """Delete a user."""
    try:
        keeping.delete(the_engine(), name)
    except Conflict as error:
        return _user_page(name, 409, errors={"delete": sentence(error)})
    return go("/settings/users")


@settings.get("/settings/tokens")
def show_tokens() -> Response:
    """List the API tokens, and ask for one more."""
    return _tokens_page("", Role.VIEWER, {})


@settings.post("/settings/tokens")
def add_token() -> Response:
    """Make an API token, and show it this once."""
    name, role = field("name").strip(), _role()
    errors = {**missing({"name": name}), **({} if role else {"role": _CHOOSE})}
    if errors or role is None:
        return _tokens_page(name, role, errors, 422)
    try:
        _, text = new_token(the_engine(), name, role)
    except Invalid as error:
        return _tokens_page(name, role, {"name": sentence(error)}, 422)
    return _tokens_page("", Role.VIEWER, {}, text=text)


@settings.post("/settings/tokens/<token_id>/delete")
def delete_token(token_id: str) -> Response:
    """Delete an API token: it admits nobody from now on."""
    the_engine().store.write(tokens.remove, token_id)
    return go("/settings/tokens")


def browser_of(agent: str) -> str:
    """Return what a browser is called, and what it runs on, as far as its own words tell."""
    browser, system = (next((name for mark, name in names if mark in agent), "") for names in (_BROWSERS, _SYSTEMS))
    return f"{browser} on {system}" if browser and system else browser or agent[:40]


def _role() -> Role | None:
    return Role(field("role")) if field("role") in set(Role) else None


def _user_page(name: str, status: int = 200, **values: object) -> Response:
    engine = the_engine()
    user = engine.store.read(users.find, name)
    open_now = engine.store.read(sessions.of_user, user.id, engine.clock.now(), AT_ONCE)
    about = {
        "user": user,
        "roles": ROLES,
        "open_now": len(open_now),
        "last": open_now[0].last_used_at if open_now else None,
    }
    return page("settings/user.html", status, here="Settings", **about, **values)


def _users_page(name: str, role: Role | None, errors: Errors, status: int = 200) -> Response:
    found = the_engine().store.read(users.page, cursor("after"), AT_ONCE + 1)
    values = {"name": name, "role": role, "errors": errors, "roles": ROLES}
    return page(
        "settings/users.html", status, here="Settings", found=found[:AT_ONCE], more=len(found) > AT_ONCE, **values
    )


def _tokens_page(name: str, role: Role | None, errors: Errors, status: int = 200, text: str = "") -> Response:
    found = the_engine().store.read(tokens.page, cursor("before") or None, AT_ONCE + 1)
    values = {"name": name, "role": role, "errors": errors, "roles": ROLES, "text": text}
    return page(
        "settings/tokens.html", status, here="Settings", found=found[:AT_ONCE], more=len(found) > AT_ONCE, **values
    )
