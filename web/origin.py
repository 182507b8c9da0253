"""Whether a request that changes something comes from a page of ours.

A browser sends the session's cookie along with whatever another site makes it send; it also says where that comes from,
and no page can keep it from saying so. Source: https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Fetch-Site
"""

from urllib.parse import urlsplit

from flask import Request

#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

#: ``none``: the person did it, and no page.
_OURS = frozenset({"same-origin", "none"})

REFUSAL = "this request does not come from a page of this Wink: open the page here, and try again"


def is_ours(request: Request, public_url: str) -> bool:
    """Tell whether the request comes from here; one that does not say where it comes from does not.

    A proxy that speaks TLS for us changes scheme and host on the way: then the public address counts.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in _OURS
    public = urlsplit(public_url)
    return request.headers.get("Origin") in {f"{request.scheme}://{request.host}", f"{public.scheme}://{public.netloc}"}
