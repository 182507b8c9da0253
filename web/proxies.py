"""Who sent a request, where proxies stand in between."""


def sender(peer: str, forwarded: str, trusted: int) -> str:
    """Return the sender's IP address.

    peer: where the connection comes from; forwarded: the request's X-Forwarded-For; trusted: how many proxies of ours
    stand in front; so many entries, from the end, are theirs to write, and everything before is anybody's invention.
    With fewer entries than that, the first one counts.
    """
    if trusted:
        chain = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
        if chain:
            return chain[-trusted] if len(chain) >= trusted else chain[0]
    return peer
