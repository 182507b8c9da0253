"""Users: who may sign in, and as what. A change of either ends their sessions in the same transaction."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.errors import Conflict, NotFound
from engine.store import database, sessions
from engine.store.people_tables import users
from engine.words import Role

LAST_ADMIN = "this is the last administrator: make another one first"


class User(NamedTuple):
    """A user without what proves it."""

    id: str
    name: str
    role: Role
    must_change: bool
    created_at: datetime
    last_sign_in_at: datetime | None


_SHOWN = tuple(users.c[name] for name in User._fields)


def add(connection: Connection, user: User, password: str) -> None:
    """Keep a user; password: its hash.

    Raises:
        Conflict: the name is taken (409).
    """
    try:
        connection.execute(insert(users).values(**user._asdict(), password=password))
    except IntegrityError as error:
        raise Conflict(f"there is a user {user.name!r} already: choose another name") from error


def add_first(connection: Connection, user: User, password: str) -> bool:
    """Keep a user where there is none yet, and tell whether it was so."""
    if not none_yet(connection):
        return False
    made = database.insert(connection, users).values(**user._asdict(), password=password).on_conflict_do_nothing()
    return connection.scalar(made.returning(users.c.id)) is not None


def none_yet(connection: Connection) -> bool:
    """Tell whether there is no user at all."""
    return connection.scalar(select(users.c.id).limit(1)) is None


def find(connection: Connection, name: str) -> User:
    """Return the user with that name.

    Raises:
        NotFound: there is none (404).
    """
    row = connection.execute(select(*_SHOWN).where(users.c.name == name)).one_or_none()
    if row is None:
        raise NotFound(f"there is no user {name!r}")
    return User(*row)


def with_password(connection: Connection, name: str) -> tuple[User, str] | None:
    """Return the user with that name and its password's hash, if there is one."""
    row = connection.execute(select(*_SHOWN, users.c.password).where(users.c.name == name)).one_or_none()
    return None if row is None else (User(*row[:-1]), row.password)


def all_of(connection: Connection) -> list[User]:
    """Return every user, by name."""
    return [User(*row) for row in connection.execute(select(*_SHOWN).order_by(users.c.name))]


def page(connection: Connection, after: str, limit: int) -> list[User]:
    """Return users by name, those that come after a name."""
    further = select(*_SHOWN).where(users.c.name > after).order_by(users.c.name).limit(limit)
    return [User(*row) for row in connection.execute(further)]


def set_password(
    connection: Connection, user_id: str, password: str, *, must_change: bool, keep: bytes | None = None
) -> None:
    """Give a user a password, as its hash, and end its sessions.

    keep: the session that goes on, as the one that asks.
    """
    values = {"password": password, "must_change": must_change}
    # First the row, then the sessions: whoever signs in at the same time waits for the row, and sees the new password.
    connection.execute(update(users).where(users.c.id == user_id).values(values))
    sessions.end_all(connection, user_id, keep)


def renew_password(connection: Connection, user_id: str, old: str, new: str) -> None:
    """Keep the same password with today's parameters, unless it was changed meanwhile; old, new: its hashes."""
    connection.execute(update(users).where(users.c.id == user_id, users.c.password == old).values(password=new))


def set_role(connection: Connection, user_id: str, role: Role, *, keep: bytes | None = None) -> None:
    """Give a user a role, and end its sessions; keep: the one that goes on.

    Raises:
        Conflict: nobody would be left to give roles (409).
    """
    if role is not Role.ADMIN:
        _keep_an_admin(connection, user_id)
    connection.execute(update(users).where(users.c.id == user_id).values(role=role))
    sessions.end_all(connection, user_id, keep)


def remove(connection: Connection, user_id: str) -> None:
    """Delete a user with its sessions.

    Raises:
        Conflict: nobody would be left to make users (409).
    """
    _keep_an_admin(connection, user_id)
    connection.execute(delete(users).where(users.c.id == user_id))
    sessions.end_all(connection, user_id)


def _keep_an_admin(connection: Connection, user_id: str) -> None:
    """Lock the administrators: two of them who take each other's role at once must not both succeed."""
    admins = connection.scalars(select(users.c.id).where(users.c.role == Role.ADMIN).with_for_update()).all()
    if list(admins) == [user_id]:
        raise Conflict(LAST_ADMIN)
