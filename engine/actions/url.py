"""URLs that steps may call, as the HTTP library reads them."""

import re
from functools import lru_cache

from pyreqwest.http import Url

from engine.errors import ActionFailed

#: Stricter than the parser behind it, which follows browsers: it drops tabs, turns ``\`` into ``/`` and folds letters.
_CALLABLE = re.compile(
    r"(?i:https?)://(?P<host>[a-zA-Z0-9_-]+(?:\.[a-zA-Z0-9_-]+)*|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#][^\x00-\x1f\x7f\\]*)?"
)


@lru_cache(maxsize=1024)
def read_url(text: str) -> Url:
    """Read a URL that steps may call. What is returned is judged *and* connected to: two parsers would differ.

    Raises:
        ActionFailed: ``invalid``: another scheme, a user, a host that is no plain name or address, control characters.
    """
    written = _CALLABLE.fullmatch(text)
    if written is None:
        raise ActionFailed("invalid", "the URL must be http:// or https://, a plain host, perhaps a port, then a path")
    try:
        url = Url(text)
    except ValueError as error:
        raise ActionFailed("invalid", f"the URL cannot be read: {error}") from error
    host = written["host"].lower()
    if host != url.host_str and not host.startswith("["):
        raise ActionFailed("invalid", f"write the address as {url.host_str}, not as {host}")
    return url
