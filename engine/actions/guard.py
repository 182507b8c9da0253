"""Keep workflows off private networks: judge the addresses that a name resolves to, not the name."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from engine.errors import ActionFailed

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: The only IPv6 addresses that are handed out to the public; loopback, mapped, local and multicast lie outside.
#: Source: https://www.iana.org/assignments/ipv6-address-space
_GLOBAL_UNICAST = IPv6Network("2000::/3")
#: Where networks without IPv4 reach IPv4 addresses, which are the last 32 bits. Source: RFC 6052 section 2.1
_NAT64 = IPv6Network("64:ff9b::/96")
#: What is not public within IPv4 and within ``2000::/3``. ``is_global`` of the standard library changes between
#: patch releases of Python and lets 6to4 through, so the list is ours.
#: Source: https://www.iana.org/assignments/iana-ipv4-special-registry and ../iana-ipv6-special-registry
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network; connects to the machine itself
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local; metadata of cloud machines
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments, among them Teredo, which embeds IPv4
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which embeds IPv4
        "3ffe::/16",  # returned by the 6bone
        "3fff::/20",  # documentation
    )
)


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet, whatever it embeds."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.scope_id is not None or address not in _GLOBAL_UNICAST:
            return False
    return not any(address in network for network in _NOT_PUBLIC)


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver, which puts the address that is best to reach first."""
    return [str(answer[4][0]) for answer in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides where steps may connect to."""

    #: Networks that are not public and may be called all the same.
    allowed: Sequence[Network] = ()
    #: Single hosts, as URLs write them, with their ports, that may be called wherever they resolve to.
    allowed_endpoints: frozenset[tuple[str, int]] = frozenset()
    resolve: Callable[[str, int], Sequence[str]] = system_addresses

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses of a host, best first. One that may not be called refuses them all.

        host: as in a URL, an IPv6 address in brackets.

        Raises:
            ActionFailed: ``refused``: an address is not public; ``connection``: there is none.
        """
        found = self._find(host, port)
        if (host, port) not in self.allowed_endpoints:
            for address in found:
                self._judge(address, host)
        return tuple(map(str, found))

    def _find(self, host: str, port: int) -> Sequence[Address]:
        try:
            return [ip_address(host.strip("[]"))]
        except ValueError:
            return [ip_address(text) for text in self._ask(host, port)]

    def _ask(self, host: str, port: int) -> Sequence[str]:
        try:
            answers = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise ActionFailed(
                "connection", f"{host} has no address: {getattr(error, 'strerror', None) or error}"
            ) from error
        if not answers:
            raise ActionFailed("connection", f"{host} has no address")
        return answers

    def _judge(self, address: Address, host: str) -> None:
        if is_public(address) or any(address in network for network in self.allowed):
            return
        raise ActionFailed(
            "refused",
            f"{host} is at {address}, which is no public address; WINK_ALLOW_PRIVATE_ADDRESSES can allow its network",
        )
