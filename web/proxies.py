"""Who sent a request, where proxies stand in between."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv6Address, ip_address

#: What a proxy adds, in lower case.
_FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})


def sender(peer: str, headers: Mapping[str, tuple[str, ...]], trusted: int) -> str:
    """Return the sender's IP address.

    peer: where the connection comes from; headers: names in lower case; trusted: how many proxies of ours stand in
    front; so many entries of X-Forwarded-For, from the end, are theirs to write, and everything before is anybody's
    invention. With fewer entries than that, the first one counts.
    """
    if trusted:
        forwarded = ",".join(headers.get("x-forwarded-for", ()))
        chain = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
        if chain:
            return chain[-trusted] if len(chain) >= trusted else chain[0]
    return peer


def is_from_here(peer: str, names: Iterable[str]) -> bool:
    """Tell whether a request comes from this machine itself, and not from a proxy on it; names: of its headers."""
    if not _FORWARDED.isdisjoint(name.lower() for name in names):
        return False
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None  # of a socket that takes both
    return (mapped or address).is_loopback
