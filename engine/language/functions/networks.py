"""Functions on addresses, and on values of any kind."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated

from engine.language.frame import Frame
from engine.language.functions.function import Items, function
from engine.language.values import kind_of


@lru_cache(maxsize=1_024)
def read_network(text: str) -> IPv4Network | IPv6Network:
    """Read a network in CIDR notation.

    Raises:
        ValueError: the text is none.
    """
    return ip_network(text, strict=False)


def check_networks(value: object) -> None:
    """Refuse literal networks that cannot be read.

    Raises:
        ValueError: one cannot.
    """
    for text in value if isinstance(value, list) else [value]:
        read_network(_text(text))


@function("in_network('10.1.2.3', ['10.0.0.0/8', 'fd00::/8'])", "true")
def in_network(frame: Frame, address: str, networks: Annotated[str | Items, check_networks]) -> bool:
    """Whether the address, v4 or v6, is in the network or in one of the list."""
    host = ip_address(address)
    if isinstance(host, IPv6Address) and host.ipv4_mapped:
        host = host.ipv4_mapped
    listed = [networks] if isinstance(networks, str) else networks
    frame.spend(len(listed))
    return any(host in read_network(_text(network)) for network in listed)


@function("type_of([1])", "'list'")
def type_of(value: object) -> str:
    """The kind of the value: `text number boolean null list mapping time duration`."""
    return str(kind_of(value))


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("a network is written as text, such as 10.0.0.0/8")
