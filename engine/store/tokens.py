"""API tokens: only their digests are kept."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select, update

from engine.errors import NotFound
from engine.store.people_tables import tokens
from engine.words import Role

#: A token's last use is noted this often at most: a write for every request would be too many.
NOTED = timedelta(minutes=10)


class Token(NamedTuple):
    """A token without what proves it."""

    id: str
    name: str
    role: Role
    created_at: datetime
    last_used_at: datetime | None


_SHOWN = tuple(tokens.c[name] for name in Token._fields)


def add(connection: Connection, token: Token, digest: bytes) -> None:
    """Keep a token; digest: SHA-256 of it."""
    connection.execute(insert(tokens).values(**token._asdict(), digest=digest))


def find(connection: Connection, digest: bytes) -> Token | None:
    """Return the token with that digest, if there is one."""
    row = connection.execute(select(*_SHOWN).where(tokens.c.digest == digest)).mappings().one_or_none()
    return None if row is None else Token(**row)


def all_of(connection: Connection) -> list[Token]:
    """Return every token, newest first."""
    return [Token(**row) for row in connection.execute(select(*_SHOWN).order_by(tokens.c.id.desc())).mappings()]


def page(connection: Connection, before: str | None, limit: int) -> list[Token]:
    """Return tokens, newest first, those that are older than the one with that id."""
    older = select(*_SHOWN).order_by(tokens.c.id.desc()).limit(limit)
    found = older if before is None else older.where(tokens.c.id < before)
    return [Token(**row) for row in connection.execute(found).mappings()]


def use(connection: Connection, token_id: str, now: datetime) -> None:
    """Note that a token was used, unless that was noted a short time ago."""
    stale = or_(tokens.c.last_used_at.is_(None), tokens.c.last_used_at <= now - NOTED)
    connection.execute(update(tokens).where(tokens.c.id == token_id, stale).values(last_used_at=now))


def remove(connection: Connection, token_id: str) -> None:
    """Delete a token: it admits nobody from now on.

    Raises:
        NotFound: there is none with that id (404).
    """
    if not connection.execute(delete(tokens).where(tokens.c.id == token_id)).rowcount:
        raise NotFound(f"there is no token {token_id!r}")
