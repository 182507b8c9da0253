"""One HTTP request, its response, and the request that a redirect asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from pyreqwest.http import Url

from engine.actions.response import Response
from engine.actions.url import read_url
from engine.errors import ActionFailed

#: Methods that change nothing, so that no key has to tell a repetition. Source: RFC 9110 section 9.2.1
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: All that goes along to another origin. Any header of an author may be a credential, whatever its name.
_SENT_ELSEWHERE = frozenset({"accept", "accept-language", "content-type", "idempotency-key", "user-agent"})
#: What describes a body, and falls with it.
_OF_THE_BODY = frozenset({"content-type", "content-encoding", "content-language", "idempotency-key"})


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent."""

    method: str
    #: Made by :func:`engine.actions.url.read_url`.
    url: Url
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes | None = None
    #: Where alone its headers may be sent: this address and what lies below it; None: anywhere on its origin.
    base: Url | None = None


def redirected(request: Request, response: Response) -> Request | None:
    """Return the request that the response asks for, None when it is no redirect. Source: RFC 9110 section 15.4.

    Raises:
        ActionFailed: ``invalid``: the address cannot be called; ``refused``: it gives up on encryption.
    """
    location = response.headers.get("location")
    if response.status not in _REDIRECTS or location is None:
        return None
    url = _destination(request.url, location)
    onward = _without_body(request) if _turns_to_get(request.method, response.status) else request
    return replace(onward, url=url, headers=_headers_for(url, onward))


def is_below(url: Url, base: Url) -> bool:
    """Tell whether an address is the base or lies below it, on the same host and port and by the same scheme.

    A path that climbs once a server has decoded it, such as ``/api/..%2f..``, is below no folder.
    """
    folder = base.path.rstrip("/")
    below = url.path == folder or (url.path.startswith(f"{folder}/") and not (folder and _climbs(url.path)))
    return url.origin_ascii == base.origin_ascii and below


def _climbs(path: str) -> bool:
    return ".." in re.split(r"[/\\;]", unquote(unquote(path)))  # some servers decode twice, some drop what follows `;`


def _destination(base: Url, location: str) -> Url:
    try:
        joined = base.join(location)
    except ValueError as error:
        raise ActionFailed("invalid", "the redirect leads to an address that cannot be read") from error
    url = read_url(str(joined))
    if (base.scheme, url.scheme) == ("https", "http"):
        raise ActionFailed("refused", "the redirect leads from https to http")
    return url


def _turns_to_get(method: str, status: int) -> bool:
    return (status == 303 and method not in SAFE_METHODS) or (status in {301, 302} and method == "POST")


def _without_body(request: Request) -> Request:
    kept = {name: value for name, value in request.headers.items() if name not in _OF_THE_BODY}
    return replace(request, method="GET", headers=kept, body=None)


def _headers_for(url: Url, request: Request) -> Mapping[str, str]:
    if is_below(url, request.base) if request.base else url.origin_ascii == request.url.origin_ascii:
        return request.headers
    return {name: value for name, value in request.headers.items() if name in _SENT_ELSEWHERE}
