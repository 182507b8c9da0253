"""Passwords: what one must be like, and how it is kept.

Source: https://www.rfc-editor.org/rfc/rfc9106 (argon2id, the second recommended set of parameters: 64 MiB, 3 passes),
https://pages.nist.gov/800-63-4/sp800-63b.html (length counts, not which characters there are).
"""

import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import Invalid, TooMany

SHORTEST = 12
#: No person types more; whoever sends more wants to keep us busy.
LONGEST = 1000

#: Different characters that a password needs at least: `aaaaaaaaaaaa` is long, and everybody's first guess.
VARIETY = 5

#: Each computation takes 64 MiB and some 50 ms: more at once would take memory and threads from receiving.
AT_ONCE = 4
PATIENCE = timedelta(seconds=5)

#: Without those that look like another one. 20 of them are 98 random bits.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_GROUPS, _IN_GROUP = 4, 5

_HASHER = PasswordHasher()
_PLACES = BoundedSemaphore(AT_ONCE)


def make() -> str:
    """Return a random password that can be read out and typed."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_IN_GROUP)) for _ in range(_GROUPS))


def check(password: str, user: str) -> None:
    """Make sure that a new password is not among the first that somebody would guess.

    Raises:
        Invalid: it is, or cannot be taken (422).
    """
    if len(password) < SHORTEST:
        raise Invalid(f"must have at least {SHORTEST} characters; several words make a good password", "password")
    if len(password) > LONGEST:
        raise Invalid(f"must have at most {LONGEST} characters", "password")
    if any(unicodedata.category(letter) == "Cc" for letter in password):
        raise Invalid("must not hold control characters: nobody could type them", "password")
    if len(set(password)) < VARIETY:
        raise Invalid(f"must have at least {VARIETY} different characters", "password")
    if user in password.lower():
        raise Invalid("must not hold the user's name", "password")


def seal(password: str) -> str:
    """Return what is kept of a password: its argon2id hash, with salt and parameters.

    Raises:
        TooMany: too many passwords are looked at in this moment (429).
    """
    with _place():
        return _HASHER.hash(_octets(password))


def fits(sealed: str | None, password: str) -> bool:
    """Tell whether this is the password; with None, of nobody, it is not, and finding out takes as long.

    Raises:
        TooMany: too many passwords are looked at in this moment (429).
    """
    with _place():
        try:
            return _HASHER.verify(sealed or _nobodys(), _octets(password))
        except (VerificationError, InvalidHashError):
            return False


def is_dated(sealed: str) -> bool:
    """Tell whether the password was kept with other parameters than those of today."""
    return _HASHER.check_needs_rehash(sealed)


@contextmanager
def _place() -> Iterator[None]:
    if not _PLACES.acquire(timeout=PATIENCE.total_seconds()):
        raise TooMany(PATIENCE)
    try:
        yield
    finally:
        _PLACES.release()


def _octets(password: str) -> bytes:
    """Return the same bytes however a keyboard composes the letters."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _nobodys() -> str:
    """Return a hash that no password has, and that takes as long to compare as a real one."""
    salt, digest = (_base64(secrets.token_bytes(size)) for size in (_HASHER.salt_len, _HASHER.hash_len))
    cost = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def _base64(octets: bytes) -> str:
    return b64encode(octets).decode().rstrip("=")
