import pytest

from engine.authentication.network import address_allowed, parse_networks
from engine.authentication.request import Inbound
from engine.authentication.way import compile_way
from engine.errors import Invalid, Rejected
from engine.words import Reason


@pytest.mark.parametrize(
    ("address", "networks", "expected"),
    [
        ("192.0.2.7", ["192.0.2.0/24"], True),
        ("192.0.3.7", ["192.0.2.0/24"], False),
        ("192.0.2.7", ["192.0.2.7"], True),
        ("::ffff:192.0.2.7", ["192.0.2.0/24"], True),
        ("::ffff:192.0.2.7", ["::ffff:192.0.2.0/120"], True),
        ("2001:db8::7", ["192.0.2.0/24", "2001:db8::/32"], True),
        ("2001:db9::7", ["2001:db8::/32"], False),
        ("192.0.2.7", ["::/0"], False),
        ("192.0.2.7", [], False),
        ("unix:", ["0.0.0.0/0"], False),
        ("", ["0.0.0.0/0"], False),
    ],
)
def test_an_address_is_in_a_network_or_not(address: str, networks: list[str], *, expected: bool) -> None:
    assert address_allowed(address, parse_networks(networks)) is expected


@pytest.mark.parametrize("text", ["192.0.2.1/24", "example.com", "", "10.0.0.0/33"])
def test_what_is_no_network_is_refused_in_words(text: str) -> None:
    with pytest.raises(Invalid, match="write a network such as"):
        parse_networks([text])


def test_the_address_counts_beside_the_other_proof(bare: Inbound) -> None:
    key = {"scheme": "shared_secret", "places": [{"header": "X-Key"}]}
    way = compile_way("both", [{"scheme": "network", "networks": ["192.0.2.0/24"]}, key])
    signed = way.sign(bare, {"secret": "the key"})

    way.prove(signed, {"secret": ["the key"]})

    with pytest.raises(Rejected) as refused:
        way.prove(signed._replace(address="198.51.100.1"), {"secret": ["the key"]})
    assert refused.value.reason is Reason.ADDRESS_NOT_ALLOWED
