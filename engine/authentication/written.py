"""How a hash is written: hex, base64 or base64url, compared as text."""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["hex", "base64", "base64url"]


@dataclass(frozen=True, slots=True)
class Written:
    """One way of writing hashes of one size. They are compared as text: so no second spelling of one passes."""

    form: re.Pattern[bytes]
    write: Callable[[bytes], bytes]
    #: Brings what vendors spell in two ways, such as hex in capitals, to the one that ``write`` makes.
    tidy: Callable[[bytes], bytes]


def compile_written(encoding: Encoding, size: int) -> Written:
    """Return how hashes of that many bytes are written."""
    digits = -(-size * 8 // 6)
    if encoding == "hex":
        return Written(re.compile(rb"[0-9a-fA-F]{%d}" % (size * 2)), _hex, bytes.lower)
    if encoding == "base64":
        return Written(re.compile(rb"[A-Za-z0-9+/]{%d}={%d}" % (digits, -digits % 4)), b64encode, bytes)
    return Written(re.compile(rb"[A-Za-z0-9_-]{%d}={0,2}" % digits), _base64url, _unpadded)


def _hex(hashed: bytes) -> bytes:
    return hashed.hex().encode()


def _unpadded(text: bytes) -> bytes:
    return text.rstrip(b"=")


def _base64url(hashed: bytes) -> bytes:
    return _unpadded(urlsafe_b64encode(hashed))
