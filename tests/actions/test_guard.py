from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.actions.guard import Guard, is_public
from engine.actions.url import read_url
from engine.errors import ActionFailed

NOT_PUBLIC = {
    "this network": "0.0.0.0",
    "loopback": "127.0.0.1",
    "the rest of loopback": "127.255.255.254",
    "private 10": "10.1.2.3",
    "private 172": "172.31.255.255",
    "private 192": "192.168.0.1",
    "link-local": "169.254.1.1",
    "metadata": "169.254.169.254",
    "carrier-grade NAT": "100.64.0.1",
    "metadata behind carrier-grade NAT": "100.100.100.200",
    "benchmarks": "198.18.0.1",
    "documentation": "203.0.113.7",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "unspecified v6": "::",
    "loopback v6": "::1",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped public": "::ffff:8.8.8.8",
    "compatible": "::127.0.0.1",
    "6to4 of loopback": "2002:7f00:1::",
    "NAT64 of loopback": "64:ff9b::7f00:1",
    "NAT64 of metadata": "64:ff9b::169.254.169.254",
    "local NAT64": "64:ff9b:1::8.8.8.8",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "unique local": "fd00::1",
    "metadata v6": "fd00:ec2::254",
    "link-local v6": "fe80::1",
    "link-local v6 with a zone": "fe80::1%eth0",
    "public with a zone": "2606:4700::1%1",
    "site-local": "fec0::1",
    "multicast v6": "ff02::1",
    "documentation v6": "2001:db8::1",
    "newer documentation v6": "3fff::1",
    "discard": "100::1",
    "segment routing": "5f00::1",
}
PUBLIC = ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", NOT_PUBLIC.values(), ids=NOT_PUBLIC)
def test_a_name_at_such_an_address_is_refused(address: str):
    guard = Guard(resolve=lambda *_: [address])

    with pytest.raises(ActionFailed) as failure:
        guard.addresses("vendor.example", 443)

    assert failure.value.kind == "refused"


@pytest.mark.parametrize("address", [address for address in NOT_PUBLIC.values() if "%" not in address])
def test_such_an_address_itself_is_refused_without_asking_the_resolver(address: str):
    guard = Guard(resolve=lambda *_: pytest.fail("the resolver was asked"))
    host = f"[{address}]" if ":" in address else address

    with pytest.raises(ActionFailed, match="no public address"):
        guard.addresses(host, 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str):
    guard = Guard(resolve=lambda *_: [address])

    assert guard.addresses("vendor.example", 443) == (str(ip_address(address)),)


@pytest.mark.parametrize("answers", [["8.8.8.8", "127.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["8.8.8.8", "fe80::1%eth0"]])
def test_one_private_answer_among_public_ones_refuses_them_all(answers: list[str]):
    guard = Guard(resolve=lambda *_: answers)

    with pytest.raises(ActionFailed, match="no public address"):
        guard.addresses("vendor.example", 443)


def test_localhost_is_refused_by_the_system_resolver_too():
    with pytest.raises(ActionFailed) as failure:
        Guard().addresses("localhost", 80)

    assert failure.value.kind == "refused"


@pytest.mark.parametrize("resolve", [lambda *_: [], lambda *_: (_ for _ in ()).throw(OSError("no such name"))])
def test_a_name_without_an_address_is_a_failed_connection(resolve):
    with pytest.raises(ActionFailed) as failure:
        Guard(resolve=resolve).addresses("vendor.example", 443)

    assert failure.value.kind == "connection"


def test_an_allowed_network_can_be_called_and_its_neighbour_cannot():
    guard = Guard(allowed=[ip_network("10.1.0.0/16")])

    assert guard.addresses("10.1.2.3", 80) == ("10.1.2.3",)
    with pytest.raises(ActionFailed):
        guard.addresses("10.2.0.1", 80)


@pytest.mark.parametrize("spelling", ["[::ffff:10.1.2.3]", "[64:ff9b::10.1.2.3]", "[2002:a01:203::]"])
def test_an_allowed_network_does_not_allow_its_addresses_embedded_in_ipv6(spelling: str):
    guard = Guard(allowed=[ip_network("10.1.0.0/16")])

    with pytest.raises(ActionFailed):
        guard.addresses(spelling, 80)


def test_an_allowed_endpoint_is_one_host_and_one_port():
    guard = Guard(allowed_endpoints=frozenset({("127.0.0.1", 9099)}))

    assert guard.addresses("127.0.0.1", 9099) == ("127.0.0.1",)
    for host, port in [("127.0.0.1", 9100), ("127.0.0.2", 9099)]:
        with pytest.raises(ActionFailed):
            guard.addresses(host, port)


@pytest.mark.parametrize(
    "url",
    [
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://8.8.2056/",
        "http://１２７.0.0.1/",
        "http://user@vendor.example/",
        "http://user:secret@vendor.example/",
        "http://vendor.example\\@127.0.0.1/",
        "http://vendor.example./",
        "http://.vendor.example/",
        "http://vendor..example/",
        "http://ven%64or.example/",
        "http://bücher.example/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[::1/",
        "http://vendor.example:99999/",
        "http://vendor.example:port/",
        "http://ven\tdor.example/",
        "http://vendor.example/a\nb",
        "http://vendor.example/\x00",
        " http://vendor.example/",
        "http:vendor.example",
        "http:///vendor.example/",
        "//vendor.example/",
        "vendor.example",
        "ftp://vendor.example/",
        "file:///etc/passwd",
        "gopher://vendor.example/",
        "javascript:alert(1)",
        "http://\ud800.example/",
        "http://vendor.example/\ud800",
        "",
    ],
)
def test_an_odd_url_is_invalid(url: str):
    with pytest.raises(ActionFailed) as failure:
        read_url(url)

    assert failure.value.kind == "invalid"


def test_a_refused_url_is_not_quoted():
    with pytest.raises(ActionFailed) as failure:
        read_url("http://user:hunter2@vendor.example/?apikey=hunter2")

    assert "hunter2" not in str(failure.value)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://vendor.example", "vendor.example"),
        ("HTTPS://Vendor.Example:8443/a?b=c#d", "vendor.example"),
        ("http://under_score/", "under_score"),
        ("http://8.8.8.8/", "8.8.8.8"),
        ("http://[2606:4700:0:0::1]:8080/", "[2606:4700::1]"),
        ("https://vendor.example/suche?q=größe und mehr", "vendor.example"),
    ],
)
def test_a_plain_url_is_read(url: str, host: str):
    assert read_url(url).host_str == host


@given(st.ip_addresses())
@example(IPv6Address("2002:7f00:1::"))
@example(IPv4Address("192.88.99.1"))
def test_no_address_is_public_that_the_standard_library_calls_private(address: IPv4Address | IPv6Address):
    embedded = IPv4Address(int(address) & 0xFFFF_FFFF) if address in ip_network("64:ff9b::/96") else address

    assert not is_public(address) or (embedded.is_global and not embedded.is_multicast and not embedded.is_reserved)


@given(st.from_regex(r"https?://[0-9a-fx.:\[\]%@]{1,30}(/.*)?", fullmatch=True) | st.text())
def test_any_text_is_an_address_to_call_or_a_failure_of_ours(text: str):
    guard = Guard(resolve=lambda *_: ["8.8.8.8"])
    try:
        url = read_url(text)
        addresses = guard.addresses(url.host_str or "", url.port_or_known_default or 0)
    except ActionFailed:
        return

    assert all(is_public(ip_address(address)) for address in addresses)


def test_a_host_without_an_address_is_told_without_the_number_of_the_error():
    def resolve(host: str, port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(ActionFailed) as failed:
        Guard(resolve=resolve).addresses("mail.example.com", 25)

    assert failed.value.detail == "mail.example.com has no address: Name or service not known"
