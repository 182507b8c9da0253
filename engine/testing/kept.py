"""What a workflow compares with: it stands in the workflow's own text, and stays in a test, so that answers do."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from engine.language.yaml12 import load

_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a workflow's text stays."""

    #: Whole texts, the texts within its expressions, and numbers.
    texts: frozenset[str] = frozenset()
    #: All words: what a field is called stays where the workflow names the field.
    words: frozenset[str] = frozenset()
    #: Ends of domains, in lower case.
    domains: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def domain(self, email: str) -> str | None:
        """Return the domain of an e-mail address where the workflow asks for it."""
        domain = email.partition("@")[2]
        return domain if domain.lower().endswith(self.domains) else None

    def within(self, address: str, number: int) -> str | None:
        """Return an address of the same network, of that number in it, where the workflow asks for a network."""
        asked = (one for one in self.networks if ip_address(address) in one and number < one.num_addresses)
        network = next(asked, None)
        return None if network is None else str(network[number])


def kept_of(workflow: str) -> Kept:
    """Return what stays of the text of a workflow."""
    written = frozenset(_texts(load(workflow).value))
    quoted = {one or other for text in written for one, other in _QUOTED.findall(text)}
    words = frozenset(word for text in written for word in re.findall(r"[\w-]+", text))
    return kept_texts(written | quoted | {word for word in words if word.isdigit()}, words)


def kept_texts(texts: frozenset[str], words: frozenset[str] = frozenset()) -> Kept:
    """Return what stays where these are the texts, and these the words."""
    plain = (text.lstrip("*@.").lower() for text in texts if "." in text)
    networks = tuple(network for text in texts if (network := _network(text)) is not None)
    return Kept(texts - {""}, words, tuple(text for text in plain if _DOMAIN.fullmatch(text)), networks)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif value is not None:
        yield str(value)


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text) if "/" in text else None
    except ValueError:
        return None
