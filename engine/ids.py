"""Identifiers: a prefix that says what it names, and a UUIDv7 that sorts by time of birth."""

import secrets
from base64 import b32hexencode

from uuid_utils import uuid7

#: Length of an identifier after its prefix: 128 bits in base32.
ID_LENGTH = 26


def new_id(prefix: str) -> str:
    """Return ``prefix_`` and a fresh UUIDv7 in lower-case base32hex, which keeps the order of time."""
    return f"{prefix}_{b32hexencode(uuid7().bytes)[:ID_LENGTH].decode().lower()}"


def new_path() -> str:
    """Return 128 random bits in lower-case base32hex: a trigger's address that nobody can guess."""
    return b32hexencode(secrets.token_bytes(16))[:ID_LENGTH].decode().lower()
