"""The tables of who may do what: users, their sessions, and API tokens, beside those of ``tables.py``."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, String, Table, Text

from engine.store.columns import Moment, Word
from engine.store.metadata import metadata
from engine.words import Role

tokens = Table(
    "tokens",
    metadata,
    Column("id", String, primary_key=True, comment="tok_.."),
    Column("name", String, nullable=False),
    Column("role", Word(Role), nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True, comment="SHA-256 of the token"),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
)

users = Table(
    "users",
    metadata,
    Column("id", String, primary_key=True, comment="usr_.."),
    Column("name", String, nullable=False, unique=True, comment="in lower case: what is typed at the sign-in"),
    Column("password", Text, nullable=False, comment="argon2id, with its salt and parameters"),
    Column("role", Word(Role), nullable=False),
    Column("must_change", Boolean, nullable=False, comment="somebody else knows the password: it opens one page"),
    Column("created_at", Moment, nullable=False),
    Column("last_sign_in_at", Moment),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", LargeBinary, primary_key=True, comment="SHA-256 of the value in the cookie"),
    Column("user_id", String, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False, comment="noted now and then"),
    Column("expires_at", Moment, nullable=False, comment="then it ends, however much it is used"),
    Column("address", String, nullable=False, comment="who signed in, behind the trusted proxies"),
    Column("agent", String, nullable=False, comment="what the browser calls itself, in printable characters"),
    Index("sessions_by_user", "user_id"),
)
