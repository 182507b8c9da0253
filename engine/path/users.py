"""Make users, give them roles and passwords, delete them."""

import re

import structlog

from engine import passwords
from engine.errors import Invalid
from engine.ids import new_id
from engine.runtime import Engine
from engine.store import users
from engine.store.users import User
from engine.words import Role

#: The first administrator.
FIRST = "admin"

#: Longest name, in characters.
LONGEST_NAME = 80

#: Also addresses of mail, and nothing that looks like another name.
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]*")

log = structlog.get_logger()


def is_name(text: str) -> bool:
    """Tell whether a user can have that name."""
    return len(text) <= LONGEST_NAME and _NAME.fullmatch(text) is not None


def make_first(engine: Engine) -> str | None:
    """Make the first administrator where there is no user yet.

    Return the password that was made for it, to be shown this once and changed at the first sign-in; None when there
    are users, or the operator has set the password.
    """
    if not engine.store.read(users.none_yet):
        return None
    given = engine.settings.admin_password
    password = given.get_secret_value() if given else passwords.make()
    user = _new(engine, FIRST, Role.ADMIN, must_change=given is None)
    if not engine.store.write(users.add_first, user, passwords.seal(password)):
        return None
    log.info("user.created", user=user.name, role=user.role)
    return None if given else password


def create(
    engine: Engine, name: str, role: Role, *, password: str | None = None, must_change: bool = True
) -> tuple[User, str | None]:
    """Make a user; without a password one is made, and returned to be shown this once.

    must_change: the password opens nothing but the page that changes it.

    Raises:
        Invalid: the name or the password cannot be taken (422).
        Conflict: the name is taken (409).
    """
    if not is_name(name):
        words = f"lower-case letters, digits and . _ @ + -, at most {LONGEST_NAME}, a letter or digit first"
        raise Invalid(f"a user's name is made of {words}", "name")
    user = _new(engine, name, role, must_change=must_change)
    made, sealed = _issue(name, password)
    engine.store.write(users.add, user, sealed)
    log.info("user.created", user=name, role=role)
    return user, made


def change_role(engine: Engine, name: str, role: Role, *, keep: bytes | None = None) -> User:
    """Give a user a role, and end its sessions; keep: the one that asks.

    Raises:
        Conflict: nobody would be left to give roles (409).
        NotFound: there is no such user (404).
    """
    user = engine.store.read(users.find, name)
    if user.role is role:
        return user
    engine.store.write(users.set_role, user.id, role, keep=keep)
    log.info("user.role_changed", user=name, role=role)
    return user._replace(role=role)


def reset_password(engine: Engine, name: str, password: str | None = None) -> tuple[User, str | None]:
    """Give a user a password that it must change, and end its sessions; as :func:`create` returns it.

    Raises:
        Invalid: the password cannot be taken (422).
        NotFound: there is no such user (404).
    """
    user = engine.store.read(users.find, name)
    made, sealed = _issue(name, password)
    engine.store.write(users.set_password, user.id, sealed, must_change=True)
    log.info("user.password_reset", user=name)
    return user._replace(must_change=True), made


def delete(engine: Engine, name: str) -> None:
    """Delete a user, who is signed out at once.

    Raises:
        Conflict: nobody would be left to make users (409).
        NotFound: there is no such user (404).
    """
    user = engine.store.read(users.find, name)
    engine.store.write(users.remove, user.id)
    log.info("user.deleted", user=name)


def _new(engine: Engine, name: str, role: Role, *, must_change: bool) -> User:
    return User(new_id("usr"), name, role, must_change, created_at=engine.clock.now(), last_sign_in_at=None)


def _issue(name: str, given: str | None) -> tuple[str | None, str]:
    """Return the password that was made, if none was given, and the hash that is kept."""
    if given is None:
        made = passwords.make()
        return made, passwords.seal(made)
    passwords.check(given, name)
    return None, passwords.seal(given)
