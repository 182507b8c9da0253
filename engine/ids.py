"""Identifiers: a prefix that says what it names, and a UUIDv7 that sorts by time of birth."""

import secrets
from datetime import datetime

from uuid_utils import uuid7

#: Length of an identifier after its prefix: 128 bits, five to a character.
ID_LENGTH = 26

_DIGITS = "0123456789abcdefghijklmnopqrstuv"
#: Two characters at once: the standard library's base32 takes ten times as long, and every delivery needs several.
_PAIRS = tuple(first + second for first in _DIGITS for second in _DIGITS)
_SHIFTS = tuple(range(120, -1, -10))


def new_id(prefix: str) -> str:
    """Return ``prefix_`` and a fresh UUIDv7 in lower-case base32hex, which keeps the order of time."""
    return f"{prefix}_{_base32(uuid7().int)}"


def earliest_id(prefix: str, moment: datetime) -> str:
    """Return the lowest identifier that can be born at the moment: a bound for lists by time."""
    milliseconds = min(max(int(moment.timestamp() * 1000), 0), 2**48 - 1)
    return f"{prefix}_{_base32(milliseconds << 80)}"


def new_path() -> str:
    """Return 128 random bits in lower-case base32hex: a trigger's address that nobody can guess."""
    return _base32(secrets.randbits(128))


def _base32(number: int) -> str:
    """Return 128 bits in 26 characters, as RFC 4648 writes them, in lower case and without padding."""
    number <<= 2
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
