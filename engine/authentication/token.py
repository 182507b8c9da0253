"""JSON Web Tokens in their compact form, taken apart and put together; nothing here proves anything.

Source: https://www.rfc-editor.org/rfc/rfc7515#section-3.1
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import jiter

from engine import json_bytes
from engine.authentication.written import BASE64URL
from engine.errors import Rejected
from engine.words import Reason

_SEGMENT = re.compile(rb"[A-Za-z0-9_-]+")


class Token(NamedTuple):
    """A token, taken apart."""

    header: Mapping[str, object]
    claims: Mapping[str, object]
    #: What the signature covers.
    signed: bytes
    signature: bytes


def read_token(text: bytes) -> Token:
    """Take a token apart.

    Raises:
        Rejected: MALFORMED_PROOF, it is none, or has extensions that nobody here understands.
    """
    header, claims, signature = _octets(text)
    found = Token(_object(header), _object(claims), text.rpartition(b".")[0], signature)
    if "crit" in found.header or found.header.get("b64") is False:
        raise Rejected(Reason.MALFORMED_PROOF, "the token has extensions that are not known here")
    return found


def write_token(header: Mapping[str, object], claims: Mapping[str, object], sign: Callable[[bytes], bytes]) -> bytes:
    """Put a token together; sign: returns the signature of bytes."""
    signed = b".".join(BASE64URL.write(json_bytes.dump(part)) for part in (header, claims))
    return signed + b"." + BASE64URL.write(sign(signed))


def _octets(text: bytes) -> list[bytes]:
    segments = text.split(b".", 3)
    octets = [BASE64URL.read(segment) for segment in segments if _SEGMENT.fullmatch(segment)]
    found = [each for each in octets if each]
    if len(segments) != 3 or len(found) != 3:
        raise Rejected(Reason.MALFORMED_PROOF, "the token is not three parts in base64url with dots between them")
    return found


def _object(octets: bytes) -> Mapping[str, object]:
    try:
        value = jiter.from_json(octets, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError as error:
        raise Rejected(Reason.MALFORMED_PROOF, "a part of the token is no JSON") from error
    if not isinstance(value, dict):
        raise Rejected(Reason.MALFORMED_PROOF, "a part of the token is no JSON object")
    return value
