"""Sessions: who is signed in. Of the value in a cookie, its digest alone is kept; one that is over opens nothing."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from engine.store.people_tables import sessions, users
from engine.words import Role

#: A session that nobody used for so long is over.
IDLE = timedelta(hours=12)

#: The last use is noted this often at most: a write for every request would be too many.
NOTED = timedelta(minutes=1)


class Session(NamedTuple):
    """A session; the columns of ``sessions``."""

    id: bytes
    user_id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str
    agent: str


class Person(NamedTuple):
    """Who is signed in."""

    id: str
    name: str
    role: Role
    #: Somebody else knows the password: nothing can be done before it is changed.
    must_change: bool
    #: The session's id.
    session: bytes
    last_used_at: datetime


_PERSON = (
    users.c.id,
    users.c.name,
    users.c.role,
    users.c.must_change,
    sessions.c.id.label("session"),
    sessions.c.last_used_at,
)


def begin(connection: Connection, session: Session, password: str) -> bool:
    """Begin a session, and tell whether it is so: not when the user is gone or has another password than that hash.

    The user's row is locked, so that no session begins with a password while it is being changed.
    """
    present = select(users.c.password).where(users.c.id == session.user_id).with_for_update()
    if connection.scalar(present) != password:
        return False
    now = session.created_at
    connection.execute(delete(sessions).where(or_(sessions.c.expires_at <= now, sessions.c.last_used_at <= now - IDLE)))
    connection.execute(insert(sessions).values(session._asdict()))
    connection.execute(update(users).where(users.c.id == session.user_id).values(last_sign_in_at=now))
    return True


def find(connection: Connection, session_id: bytes, now: datetime) -> Person | None:
    """Return whose session it is, unless it is over."""
    found = select(*_PERSON).join(users, users.c.id == sessions.c.user_id)
    row = connection.execute(found.where(sessions.c.id == session_id, *_open_at(now))).one_or_none()
    return None if row is None else Person(*row)


def of_user(connection: Connection, user_id: str, now: datetime, limit: int) -> list[Session]:
    """Return the sessions of a user that are not over, the last used first."""
    own = select(sessions).where(sessions.c.user_id == user_id, *_open_at(now))
    return [Session(*row) for row in connection.execute(own.order_by(sessions.c.last_used_at.desc()).limit(limit))]


def _open_at(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (sessions.c.expires_at > now, sessions.c.last_used_at > now - IDLE)


def use(connection: Connection, session_id: bytes, now: datetime) -> None:
    """Note that a session was used, unless that was noted a short time ago."""
    stale = sessions.c.last_used_at <= now - NOTED
    connection.execute(update(sessions).where(sessions.c.id == session_id, stale).values(last_used_at=now))


def end(connection: Connection, session_id: bytes) -> None:
    """End one session."""
    connection.execute(delete(sessions).where(sessions.c.id == session_id))


def end_all(connection: Connection, user_id: str, keep: bytes | None = None) -> None:
    """End every session of a user; keep: the one that goes on."""
    ended = delete(sessions).where(sessions.c.user_id == user_id)
    connection.execute(ended if keep is None else ended.where(sessions.c.id != keep))
