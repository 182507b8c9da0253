"""How a hash or signature is written: hex, base64 or base64url, with one spelling for each."""

import re
from base64 import b64encode, urlsafe_b64encode
from binascii import a2b_base64, a2b_hex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["hex", "base64", "base64url"]

_STANDARD = bytes.maketrans(b"-_", b"+/")

#: Characters of the longest signature that has no size of its own: RSA with 8,192 bits, in hex.
LONGEST = 2_048


@dataclass(frozen=True, slots=True)
class Written:
    """One way of writing hashes of one size. They are compared as text: so no second spelling of one passes."""

    form: re.Pattern[bytes]
    write: Callable[[bytes], bytes]
    #: Brings what vendors spell in two ways, such as hex in capitals, to the one that ``write`` makes.
    tidy: Callable[[bytes], bytes]
    #: Returns the bytes of a tidy text; raises ValueError where it is none.
    decode: Callable[[bytes], bytes]

    def read(self, text: bytes) -> bytes | None:
        """Return what a text of the form says; None where ``write`` would spell it otherwise."""
        tidy = self.tidy(text)
        try:
            octets = self.decode(tidy)
        except ValueError:
            return None
        return octets if self.write(octets) == tidy else None


def compile_written(encoding: Encoding, size: int | None) -> Written:
    """Return how hashes or signatures of that many bytes are written; None: of any size."""
    digits = b"{1,%d}" % LONGEST if size is None else b"{%d}" % -(-size * 8 // 6)
    if encoding == "hex":
        pairs = b"{1,%d}" % (LONGEST // 2) if size is None else b"{%d}" % size
        return Written(re.compile(rb"(?:[0-9a-fA-F]{2})%s" % pairs), _hex, bytes.lower, a2b_hex)
    if encoding == "base64":
        padding = b"{0,2}" if size is None else b"{%d}" % (-size % 3)
        return Written(re.compile(rb"[A-Za-z0-9+/]%s=%s" % (digits, padding)), b64encode, bytes, _from_base64)
    return Written(re.compile(rb"[A-Za-z0-9_-]%s={0,2}" % digits), _base64url, _unpadded, _from_base64url)


def _hex(hashed: bytes) -> bytes:
    return hashed.hex().encode()


def _unpadded(text: bytes) -> bytes:
    return text.rstrip(b"=")


def _base64url(hashed: bytes) -> bytes:
    return _unpadded(urlsafe_b64encode(hashed))


def _from_base64(text: bytes) -> bytes:
    return a2b_base64(text, strict_mode=True)


def _from_base64url(text: bytes) -> bytes:
    return _from_base64(text.translate(_STANDARD) + b"=" * (-len(text) % 4))


#: Texts of no certain size.
HEX, BASE64, BASE64URL = (compile_written(encoding, None) for encoding in ("hex", "base64", "base64url"))
