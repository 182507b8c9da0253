"""Who sent a request, where proxies stand in between."""

from collections.abc import Mapping


def sender(environ: Mapping[str, str], trusted: int) -> str:
    """Return the sender's IP address.

    trusted: how many proxies of ours stand in front; so many entries of X-Forwarded-For, from its end, are theirs to
    write, and everything before is anybody's invention. With fewer entries than that, the first one counts.
    """
    if trusted:
        chain = [entry.strip() for entry in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if entry.strip()]
        if chain:
            return chain[-trusted] if len(chain) >= trusted else chain[0]
    return environ.get("REMOTE_ADDR", "")
