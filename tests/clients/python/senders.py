"""Packages that send by themselves."""

from urllib.parse import urlsplit

from apprise import Apprise
from frame import Request, posts


@posts("custom/api_key", "PyPI apprise")
def apprise(request: Request) -> object:
    """Send one notification as JSON, one as a form and one as XML, in this order."""
    where = urlsplit(request.url)
    # `+` marks a header.
    rest = f"{where.netloc}{where.path}?+X-API-Key={request.secret}"
    return all(Apprise([f"{kind}://{rest}"]).notify("Disk is full", title=request.message) for kind in KINDS)


KINDS = ("json", "form", "xml")
