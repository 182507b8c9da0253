"""What a step sees of an HTTP response, and when a response is a failure."""

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from pyreqwest.http import Url

from engine.actions.response import Response
from engine.definitions.bodies import read_json
from engine.errors import ActionFailed, Rejected

_JSON = re.compile(r"(application|text)/([a-z0-9.+-]+\+)?json")
_TEXT = re.compile(r"text/.+|.+[/+.-](xml|yaml|javascript|ndjson|jsonl|csv|x-www-form-urlencoded)")
_CHARSET = re.compile(r'\bcharset="?([a-z0-9_-]+)')
#: Codecs that a response may ask for. The others of Python include some that take quadratic time.
_CHARSETS = frozenset({"ascii", "iso-8859-1", "iso-8859-15", "us-ascii", "utf-16", "utf-8", "windows-1252"})
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def output_of(response: Response) -> dict[str, object]:
    """Return ``status headers body``: the body parsed when it is JSON, as text when its type is textual.

    Any other body is ``{base64: ..}``, an empty one is null.
    """
    return {"status": response.status, "headers": dict(response.headers), "body": _body(response)}


def is_json(response: Response) -> bool:
    """Tell whether the response says that its body is JSON."""
    return _JSON.fullmatch(_content_type(response)[0]) is not None


def failure_of(response: Response, url: Url, now: datetime) -> ActionFailed:
    """Return the failure that a response is, with the response as its output.

    Its kind is ``http_429``, ``http_4xx``, ``http_5xx``, or ``failed`` below 400. Only the host of the URL is quoted,
    since path and query can hold keys.
    """
    return ActionFailed(
        _kind(response.status),
        f"{url.host_str} answered {response.status}",
        output=output_of(response),
        retry_after=retry_after(response, now),
    )


def retry_after(response: Response, now: datetime) -> timedelta | None:
    """Return how long the server asks to wait: seconds or a date, and only where the status gives it that meaning.

    Source: RFC 9110 section 10.2.3 and 15.6.4, RFC 6585 section 4.
    """
    text = response.headers.get("retry-after", "")
    if response.status not in {429, 503} or not text:
        return None
    try:
        wait = timedelta(seconds=int(text)) if text.isascii() and text.isdigit() else _date(text) - now
    except (ValueError, OverflowError):
        return None
    return max(wait, timedelta())


def _kind(status: int) -> str:
    if status < 400:
        return "failed"
    return "http_429" if status == 429 else f"http_{min(status // 100, 5)}xx"


def _date(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _body(response: Response) -> object:
    if not response.body:
        return None
    media_type, charset = _content_type(response)
    if is_json(response):
        return _json_or_text(response.body)
    if _is_text(media_type, response.body):
        return response.body.decode(charset, "replace")
    return {"base64": b64encode(response.body).decode()}


def _json_or_text(body: bytes) -> object:
    try:
        return read_json(body.removeprefix(_BYTE_ORDER_MARK))
    except Rejected:
        return body.decode("utf-8", "replace")


def _content_type(response: Response) -> tuple[str, str]:
    media_type, _, parameters = response.headers.get("content-type", "").lower().partition(";")
    charset = _CHARSET.search(parameters)
    return media_type.strip(), charset[1] if charset and charset[1] in _CHARSETS else "utf-8"


def _is_text(media_type: str, body: bytes) -> bool:
    if media_type:
        return _TEXT.fullmatch(media_type) is not None
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
