"""What an HTTP request is answered with."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Response:
    """What came back."""

    status: int
    #: Names in lower case; several lines of one name are joined by a comma, as RFC 9110 section 5.3 has it.
    headers: Mapping[str, str]
    #: Already unpacked, when it was sent compressed.
    body: bytes
