"""A captured HTTP request in a file: request line, headers, an empty line, and the body byte by byte."""

import re
from collections import defaultdict
from datetime import datetime

from engine.authentication.request import Inbound
from engine.errors import Invalid

_FIRST = re.compile(r"([A-Z]+) (\S+)(?: HTTP/[0-9.]+)?")
_HEADER = re.compile(r"([^\s:]+):[ \t]*(.*?)[ \t]*")
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")


def read_request(written: bytes, *, url: str | None, at: datetime) -> Inbound:
    """Return a request as it was captured.

    url: to which it was sent, as the sender knows it; None: https, the Host header, and the target. at: when it came.

    Raises:
        Invalid: it is no HTTP request.
    """
    head, *rest = _EMPTY_LINE.split(written, maxsplit=1)
    lines = head.decode("latin-1").splitlines()
    first = _FIRST.fullmatch(lines[0].strip()) if lines else None
    if first is None:
        raise Invalid("the file does not begin with a request line, such as: POST /webhooks/x HTTP/1.1")
    headers = _headers(lines[1:])
    target = url or f"https://{headers.get('host', ('localhost',))[0]}{first[2]}"
    query = target.partition("?")[2]
    return Inbound(
        method=first[1],
        url=target,
        path=first[2].partition("?")[0],
        query=query,
        headers=headers,
        body=_whole(rest[0] if rest else b"", headers),
        address="127.0.0.1",
        received_at=at,
    )


def _headers(lines: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            raise Invalid(f"{line[:60]!r} is no header: write Name: value, and an empty line before the body")
        found[header[1].lower()] += (header[2],)
    return dict(found)


def _whole(body: bytes, headers: dict[str, tuple[str, ...]]) -> bytes:
    """Return the body without the line break that an editor puts at a file's end, where its length is known."""
    length = headers.get("content-length", ("",))[0]
    return body[: int(length)] if re.fullmatch("[0-9]{1,9}", length) else body
