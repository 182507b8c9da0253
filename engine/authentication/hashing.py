"""Hash what a webhook usually has without letting go of Python's lock.

The standard library lets go of it for 2,048 bytes and more, and ``hmac.digest`` for any. The writer, which waits for
it, then takes it with a batch half gathered, and the event loop waits behind: that costs more than the hash.
Source: https://docs.python.org/3/library/hashlib.html#hashlib.hash.update
"""

import hashlib
import hmac
from hashlib import sha256

#: The most bytes that are hashed under the lock at once.
PIECE = 2047

#: From so many on it is let go of: others should not wait for so long.
LARGE = 64 * 1024


def keyed_hash(key: bytes, text: bytes, algorithm: str) -> bytes:
    """Return the HMAC of a text."""
    if len(text) >= LARGE:
        return hmac.digest(key, text, algorithm)
    return _fed(hmac.new(key, text[:PIECE], algorithm), text)


def plain_hash(text: bytes) -> bytes:
    """Return the SHA-256 of a text."""
    if len(text) >= LARGE:
        return sha256(text).digest()
    return _fed(sha256(text[:PIECE]), text)


def _fed(begun: "hmac.HMAC | hashlib._Hash", text: bytes) -> bytes:
    for start in range(PIECE, len(text), PIECE):
        begun.update(text[start : start + PIECE])
    return begun.digest()
