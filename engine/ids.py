"""Identifiers: a prefix that says what it names, and a UUIDv7 that sorts by time of birth."""

import secrets
from base64 import b32hexencode
from datetime import datetime

from uuid_utils import uuid7

#: Length of an identifier after its prefix: 128 bits in base32.
ID_LENGTH = 26


def new_id(prefix: str) -> str:
    """Return ``prefix_`` and a fresh UUIDv7 in lower-case base32hex, which keeps the order of time."""
    return f"{prefix}_{b32hexencode(uuid7().bytes)[:ID_LENGTH].decode().lower()}"


def earliest_id(prefix: str, moment: datetime) -> str:
    """Return the lowest identifier that can be born at the moment: a bound for lists by time."""
    milliseconds = min(max(int(moment.timestamp() * 1000), 0), 2**48 - 1)
    return f"{prefix}_{b32hexencode((milliseconds << 80).to_bytes(16, 'big'))[:ID_LENGTH].decode().lower()}"


def new_path() -> str:
    """Return 128 random bits in lower-case base32hex: a trigger's address that nobody can guess."""
    return b32hexencode(secrets.token_bytes(16))[:ID_LENGTH].decode().lower()
