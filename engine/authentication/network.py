"""The scheme ``network``: the sender's address is in a list. It proves little, so it stands beside another scheme."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from engine.authentication.request import Inbound
from engine.authentication.scheme import TIMELESS, Proof, Scheme, unsigned
from engine.authentication.secret import Secrets
from engine.authentication.spec import Spec
from engine.errors import Invalid, Rejected
from engine.words import Reason

Network = IPv4Network | IPv6Network


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read networks in CIDR notation; a lone address is a network of one.

    Raises:
        Invalid: a text is no network, or has bits set beyond its length.
    """
    try:
        return tuple(map(_network, texts))
    except ValueError as error:
        raise Invalid(str(error), "networks") from error


def address_allowed(address: str, networks: Sequence[Network]) -> bool:
    """Return whether the address is in one of the networks; an IPv4 address mapped into IPv6 counts as both."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return any(parsed in network or (mapped is not None and mapped in network) for network in networks)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f"{error}: write a network such as 192.0.2.0/24 or 2001:db8::/32") from error


def _is_network(text: str) -> str:
    _network(text)
    return text


class NetworkSpec(Spec):
    """The networks that the vendor sends from."""

    scheme: Literal["network"]
    networks: list[Annotated[str, AfterValidator(_is_network)]] = Field(min_length=1)
    source: str | None = None

    def compile(self) -> Scheme:
        """Return the scheme."""
        networks = parse_networks(self.networks)

        def prove(request: Inbound, _: Secrets) -> Proof:
            if not address_allowed(request.address, networks):
                raise Rejected(Reason.ADDRESS_NOT_ALLOWED, f"{request.address} is in none of the vendor's networks")
            return TIMELESS

        return Scheme((self.scheme,), prove, unsigned)
